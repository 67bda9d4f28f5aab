#include "cli/bench/plot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cli/bench/curve.hpp"
#include "cli/bench/svg_chart.hpp"

namespace mosaic::cli {
namespace {

using Points = std::vector<std::pair<double, double>>;

constexpr double kLeastMs = 0.001;  // A logarithm needs something.

double ms(LatencyHistogram::Time time) {
  return std::max(std::chrono::duration<double, std::milli>(time).count(), kLeastMs);
}

ChartAxis latency_axis(const std::vector<ChartSeries>& series) {
  double min = 1e9;
  double max = kLeastMs;
  for (const auto& each : series) {
    for (const auto& [x, y] : each.points) {
      min = std::min(min, y);
      max = std::max(max, y);
    }
  }
  return log_axis("latency, ms", std::min(min, max), max);
}

/// The axis is the number of nines: each tenfold of the tail has the same width.
double nines(double share) {
  return -std::log10(1 - share);
}

ChartAxis percentile_axis(double max) {
  ChartAxis axis{.label = "percentile of requests", .max = std::max(max, 1.0)};
  for (const auto& [share, label] :
       std::initializer_list<std::pair<double, const char*>>{{0, "0"},
                                                             {0.5, "50"},
                                                             {0.9, "90"},
                                                             {0.99, "99"},
                                                             {0.999, "99.9"},
                                                             {0.9999, "99.99"},
                                                             {0.99999, "99.999"},
                                                             {0.999999, "99.9999"}}) {
    if (nines(share) <= axis.max + 1e-9) axis.ticks.emplace_back(nines(share), label);
  }
  return axis;
}

Chart percentile_chart(const BenchTally& tally) {
  Chart chart{.title = "Latency by percentile"};
  double max = 0;
  for (std::size_t i = 0; i < kOperations; ++i) {
    const auto operation = static_cast<Operation>(i);
    ChartSeries series{.name = std::string(to_string(operation))};
    for (const auto& point : latency_curve(tally.of(operation).latency)) {
      series.points.emplace_back(nines(point.share), ms(point.time));
      max = std::max(max, nines(point.share));
    }
    if (!series.points.empty()) chart.series.push_back(std::move(series));
  }
  chart.x = percentile_axis(max);
  chart.y = latency_axis(chart.series);
  return chart;
}

/// Those that begin while requests are sent: behind them is only what was still under way.
std::vector<BenchInterval> shown_intervals(const BenchResults& results) {
  auto intervals = results.tally.intervals();
  const auto planned = static_cast<std::size_t>(
      (results.arguments.duration + results.tally.interval() - std::chrono::milliseconds(1)) /
      results.tally.interval());
  intervals.resize(std::min(intervals.size(), planned));
  return intervals;
}

double interval_s(const BenchResults& results) {
  return std::chrono::duration<double>(results.tally.interval()).count();
}

/// One point in the middle of each interval.
template <class Value>
Points over_time(const BenchResults& results, Value value) {
  Points points;
  for (const auto& interval : shown_intervals(results)) {
    const double at = (static_cast<double>(points.size()) + 0.5) * interval_s(results);
    points.emplace_back(at, value(interval));
  }
  return points;
}

ChartAxis time_axis(const BenchResults& results) {
  const auto end = static_cast<double>(shown_intervals(results).size()) * interval_s(results);
  auto axis = linear_axis("time, s", end);
  axis.max = std::max(end, interval_s(results));
  while (axis.ticks.back().first > axis.max) axis.ticks.pop_back();
  return axis;
}

Chart throughput_chart(const BenchResults& results) {
  const auto per_s = [length = interval_s(results)](std::uint64_t count) {
    return static_cast<double>(count) / length;
  };
  const auto answers = [&](const BenchInterval& i) { return per_s(i.requests); };
  const auto errors = [&](const BenchInterval& i) { return per_s(i.errors); };
  Chart chart{.title = "Throughput", .x = time_axis(results)};
  chart.series.push_back({"answers", over_time(results, answers)});
  const auto& all = results.tally.all();
  if (all.ok != all.requests) {
    chart.series.push_back({"errors", over_time(results, errors), true});
  }
  double max = 0;
  for (const auto& [x, y] : chart.series.front().points) max = std::max(max, y);
  chart.y = linear_axis("requests per second", max);
  return chart;
}

Chart latency_chart(const BenchResults& results) {
  Chart chart{.title = "Latency over time", .x = time_axis(results)};
  chart.series.push_back({"p50", over_time(results, [](const auto& i) { return ms(i.p50); })});
  chart.series.push_back({"p99", over_time(results, [](const auto& i) { return ms(i.p99); })});
  chart.y = latency_axis(chart.series);
  return chart;
}

}  // namespace

std::string bench_plot(const BenchResults& results) {
  const auto& arguments = results.arguments;
  const auto loop = arguments.rate_per_s == 0
                        ? std::string("closed loop")
                        : fmt::format("open loop, {} requests/s due", arguments.rate_per_s);
  const auto& all = results.tally.all();
  const auto subtitle =
      fmt::format("{}, {} connections, {} requests in {:.1f} s, {} errors", loop,
                  arguments.connections, all.requests, results.seconds(), all.requests - all.ok);
  return render_charts(
      fmt::format("mosaic bench {}", arguments.collection), subtitle,
      {percentile_chart(results.tally), throughput_chart(results), latency_chart(results)});
}

}  // namespace mosaic::cli
