// A latency distribution as points for a table or a plot: ever closer together towards the tail, as
// far as the number of samples has something to say. Pure.
#pragma once

#include <vector>

#include "cli/bench/latency_histogram.hpp"

namespace mosaic::cli {

struct CurvePoint {
  double share = 0;  ///< of all that took no longer than `time`; below 1
  LatencyHistogram::Time time{0};
};

/// By rising share: eight points for every tenfold of the tail.
std::vector<CurvePoint> latency_curve(const LatencyHistogram& latency);

}  // namespace mosaic::cli
