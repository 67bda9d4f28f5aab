// The k nearest of vectors that come one by one from where they are stored: the exact answer when
// the index cannot give one. Owned by one search, one thread.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "index/aligned_floats.hpp"
#include "index/measure.hpp"
#include "index/nearest_heap.hpp"
#include "index/vector_view.hpp"

namespace mosaic::index {

class StoredScan {
 public:
  /// `k` at least 1. Throws dimension_mismatch when the query is not of `dimension` numbers.
  StoredScan(Metric metric, std::uint32_t dimension, std::span<const float> query, std::size_t k);

  /// `bytes`: little-endian float32, anywhere in memory. Throws corrupt_data when they are not
  /// `dimension` numbers.
  void offer(Row row, std::string_view id, std::string_view bytes);
  /// The distance of one stored vector; the same errors.
  double distance(std::string_view id, std::string_view bytes);

  std::size_t offered() const { return offered_; }
  /// By (distance, id); the scan is used up.
  std::vector<Neighbor> take();

 private:
  double key_of(std::string_view id, std::string_view bytes);

  const Metric metric_;
  const std::uint32_t dimension_;
  const Measure measure_;
  AlignedFloats vector_;  ///< the one that is being measured
  NearestHeap nearest_;
  std::deque<std::string> ids_;  ///< of candidates; the heap views them
  std::size_t offered_ = 0;
};

}  // namespace mosaic::index
