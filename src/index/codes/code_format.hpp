// How vectors are written as codes: short stand-ins by which a graph is built, walked and scanned.
// What they find is measured again with the float32 vectors, so a code costs recall, never a right
// distance.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "mosaic/collection.hpp"

namespace mosaic::index {

/// Codes are read in whole blocks of this many bytes; what stands behind the last dimension adds
/// nothing to a distance.
constexpr std::size_t kCodeBlock = 64;

/// What a code holds, and the distance between two of them.
enum class CodeKind : std::uint8_t {
  kFloat32Dot,
  kFloat32L2,
  kFloat32L1,
  kFloat16Dot,
  kFloat16L2,
  kFloat16L1,
  kInt8Dot,  ///< bytes of 128 + x / step
  kInt8L2,   ///< bytes of 64 + x / step up to 127, so that a difference is a signed byte
  kInt8L1,   ///< bytes of 128 + x / step
  kSigns,    ///< one bit each: not below 0
};
constexpr std::size_t kCodeKinds = 10;

/// Everything that says how a set of codes was made; an index file holds it.
struct CodeFormat {
  Metric metric = Metric::kCosine;
  Quantization quantization = Quantization::kInt8;
  std::uint32_t dimension = 0;
  /// What numbers are divided by: in int8 what one code more stands for, else a power of two.
  float step = 1;
  /// Taken off each vector before: a number per dimension, or none. Under cosine such codes, but
  /// for signs, are compared as under l2: of vectors of length 1 that gives the same order.
  std::vector<float> center = {};
  friend bool operator==(const CodeFormat&, const CodeFormat&) = default;
};

/// False for binary codes under l2, dot and l1, where signs say too little: those pairs are
/// searched exactly.
constexpr bool has_codes(Metric metric, Quantization quantization) {
  return quantization != Quantization::kBinary || metric == Metric::kCosine;
}

/// Under l2 and l1 distances stay what they are when all vectors and the query are shifted; signs
/// say most around the middle of the vectors.
constexpr bool has_center(Metric metric, Quantization quantization) {
  return metric == Metric::kL2 || metric == Metric::kL1 || quantization == Quantization::kBinary;
}

/// For products a shift would change the order.
constexpr bool may_have_center(Metric metric) {
  return metric != Metric::kDot;
}

/// Of a code, for each dimension.
std::size_t bits_per_number(Quantization quantization);

CodeKind kind_of(const CodeFormat& format);

}  // namespace mosaic::index
