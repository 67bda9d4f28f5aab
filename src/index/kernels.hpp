// Distance kernels over float32: inner product, squared Euclidean distance, sum of absolute
// differences. One set per instruction set; the best one of this CPU is chosen once, at the first
// call. Pure functions for any thread; any length from 0, any alignment (64 bytes are fastest).
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace mosaic::index {

/// Both arrays hold `size` floats. Sums are kept in float32: finite inputs may overflow to
/// infinity or, as inf - inf, to NaN.
using Kernel = float (*)(const float* a, const float* b, std::size_t size);

struct Kernels {
  std::string_view name;
  Kernel dot;
  Kernel l2_squared;
  Kernel l1;
};

/// The fastest set that this CPU runs.
const Kernels& kernels();

/// Every set that this CPU runs, the plainest ("scalar") first, the fastest last.
std::span<const Kernels> supported_kernels();

}  // namespace mosaic::index
