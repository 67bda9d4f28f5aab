// The results of a load generator as a picture: latency by percentile, throughput and latency over
// time. Pure.
#pragma once

#include <string>

#include "cli/bench/report.hpp"

namespace mosaic::cli {

/// An SVG image.
std::string bench_plot(const BenchResults& results);

}  // namespace mosaic::cli
