#include "cli/bench/curve.hpp"

#include <cmath>

namespace mosaic::cli {

std::vector<CurvePoint> latency_curve(const LatencyHistogram& latency) {
  constexpr double kPointsPerTenfold = 8;
  std::vector<CurvePoint> points;
  const auto count = static_cast<double>(latency.count());
  for (int i = 0;; ++i) {
    const double above = std::pow(10, -i / kPointsPerTenfold);
    if (count == 0 || above * count < 1) return points;
    points.push_back({1 - above, latency.percentile(1 - above)});
  }
}

}  // namespace mosaic::cli
