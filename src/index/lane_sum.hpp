// A sum over two vectors in a fixed number of independent lanes: they hide the latency of an
// addition, short sums round less than one long one, and each lane has one order, whatever
// instructions it becomes.
#pragma once

#include <cstddef>

namespace mosaic::index {

/// Of Step::term(a[i], b[i]). kLanes is a power of two.
template <class Step, std::size_t kLanes, class Number>
Number lane_sum(const Number* a, const Number* b, std::size_t size) {
  Number lanes[kLanes] = {};
  std::size_t i = 0;
  for (; i + kLanes <= size; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      lanes[lane] += Step::term(a[i + lane], b[i + lane]);
    }
  }
  for (std::size_t lane = 0; i < size; ++i, ++lane) lanes[lane] += Step::term(a[i], b[i]);
  for (std::size_t half = kLanes / 2; half > 0; half /= 2) {
    for (std::size_t lane = 0; lane < half; ++lane) lanes[lane] += lanes[lane + half];
  }
  return lanes[0];
}

}  // namespace mosaic::index
