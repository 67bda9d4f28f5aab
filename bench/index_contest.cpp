#include "index_contest.hpp"

#include <time.h>

#include <algorithm>
#include <cmath>

#include "index/measure.hpp"

namespace mosaic::bench {
namespace {

/// Methods sum in different orders.
constexpr double kRounding = 1e-5;
/// Where nothing is missed, as if that much were: a logarithm needs something.
constexpr double kMissedMin = 1e-4;

double missed(const Point& point) {
  return std::log(std::max(1 - point.recall, kMissedMin));
}

/// Microseconds per query; the rows found by the first round say the recall.
void run(const VectorData& data, const Truth& truth, const Contender& contender, Point& point) {
  std::vector<std::vector<std::size_t>> found(data.query_count());
  const double begin = thread_cpu_us();
  for (std::size_t i = 0; i < found.size(); ++i) {
    contender.search(data.query(i), point.ef, found[i]);
  }
  point.us.push_back((thread_cpu_us() - begin) / static_cast<double>(found.size()));
  if (point.us.size() > 1) return;
  std::size_t hits = 0;
  for (std::size_t i = 0; i < found.size(); ++i) hits += truth.found(i, found[i]);
  point.recall = static_cast<double>(hits) / static_cast<double>(found.size() * kNearest);
}

}  // namespace

double thread_cpu_us() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const auto middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

std::size_t Truth::found(std::size_t query, const std::vector<std::size_t>& rows) const {
  const std::span vector(data_.query(query), data_.dimension);
  const index::Measure measure(data_.metric, vector);
  const double bound = bounds_[query] + kRounding * (1 + std::fabs(bounds_[query]));
  return static_cast<std::size_t>(std::ranges::count_if(rows, [&](std::size_t number) {
    const std::span row(data_.row(number), data_.dimension);
    const auto scale = index::Measure::scale_of(data_.metric, row);
    return measure.distance(measure.key(row.data(), scale)) <= bound;
  }));
}

std::vector<Curve> contest(const VectorData& data, const Truth& truth,
                           const std::vector<Contender>& contenders,
                           const std::vector<std::size_t>& efs, int rounds) {
  std::vector<Curve> curves;
  for (const auto& contender : contenders) {
    Curve curve{contender.name, {}};
    for (const auto ef : efs) curve.points.push_back({ef, 0, {}});
    curves.push_back(std::move(curve));
  }
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < efs.size(); ++i) {
      for (std::size_t turn = 0; turn < contenders.size(); ++turn) {
        const auto who = (turn + static_cast<std::size_t>(round)) % contenders.size();
        run(data, truth, contenders[who], curves[who].points[i]);
      }
    }
  }
  return curves;
}

std::vector<double> times_at(const Curve& curve, double recall) {
  const auto& points = curve.points;
  const auto above =
      std::ranges::find_if(points, [recall](const Point& point) { return point.recall >= recall; });
  if (above == points.end()) return {};
  if (above == points.begin()) return above->us;
  const auto below = std::prev(above);
  const double wanted = std::log(std::max(1 - recall, kMissedMin));
  const double span = missed(*above) - missed(*below);
  const double share = span == 0 ? 1 : (wanted - missed(*below)) / span;
  std::vector<double> times;
  for (std::size_t i = 0; i < above->us.size(); ++i) {
    times.push_back(std::exp(std::lerp(std::log(below->us[i]), std::log(above->us[i]), share)));
  }
  return times;
}

}  // namespace mosaic::bench
