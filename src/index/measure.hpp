// One query under one metric: how near is a stored vector? Built once per search and then read
// only, so any thread may share it. Sums run through the float32 kernels; where those overflow or
// cannot hold a row, the same value is computed in double precision, so no key is ever NaN.
#pragma once

#include <span>

#include "index/aligned_floats.hpp"
#include "index/kernels.hpp"
#include "mosaic/collection.hpp"

namespace mosaic::index {

/// Multiplies by the power of two that brings the largest number near 1. It costs no digit, changes
/// neither a cosine nor the order of products, and keeps these inside float32.
void bring_near_one(std::span<float> query);

class Measure {
 public:
  Measure(Metric metric, std::span<const float> query);

  /// What `key` needs beside the row's vector, to be kept with the row: under cosine 1 / |row| (0
  /// for a zero row, NaN where float32 would lose the row's digits), else 1.
  static double scale_of(Metric metric, std::span<const float> row);

  /// Smaller is nearer; equal keys are equal distances. Not yet the distance: see there.
  double key(const float* row, double scale) const;

  /// The contract's distance for a key: for l2 the root, else the key itself.
  double distance(double key) const;

 private:
  double in_double(const float* row) const;
  double key_of(double sum) const;

  Metric metric_;
  Kernel kernel_;
  std::size_t dimension_;
  AlignedFloats query_;
  double query_scale_;
};

}  // namespace mosaic::index
