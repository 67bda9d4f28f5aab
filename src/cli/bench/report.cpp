#include "cli/bench/report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/progress.hpp"
#include "cli/table.hpp"
#include "cli/text_width.hpp"

namespace mosaic::cli {
namespace {

using Time = LatencyHistogram::Time;

/// Three significant digits are as much as a measurement is worth.
std::string ms(double value_ms) {
  if (value_ms >= 100) return fmt::format("{:.0f}", value_ms);
  return fmt::format("{:.{}f}", value_ms, value_ms >= 10 ? 1 : 2);
}

std::string ms(Time time) {
  return ms(std::chrono::duration<double, std::milli>(time).count());
}

std::string per_second(double value) {
  return value >= 100 ? with_thousands(static_cast<std::uint64_t>(value))
                      : fmt::format("{:.1f}", value);
}

void add_row(Table& table, std::string_view name, const BenchFigures& figures, double seconds) {
  const auto& latency = figures.latency;
  const auto at = [&](double share) {
    return latency.count() == 0 ? std::string("-") : ms(latency.percentile(share));
  };
  table.add_row({std::string(name), with_thousands(figures.requests),
                 per_second(static_cast<double>(figures.requests) / seconds),
                 with_thousands(figures.requests - figures.ok), with_thousands(figures.partial),
                 latency.count() == 0 ? "-" : ms(latency.mean_ns() / 1e6), at(0.5), at(0.9),
                 at(0.95), at(0.99), at(0.999), latency.count() == 0 ? "-" : ms(latency.max())});
}

std::string operations_table(const BenchResults& results, const Terminal& terminal) {
  Table table({{"operation"},
               {"requests", true},
               {"per s", true},
               {"errors", true},
               {"partial", true},
               {"mean", true},
               {"p50", true},
               {"p90", true},
               {"p95", true},
               {"p99", true},
               {"p99.9", true},
               {"max", true}});
  std::size_t rows = 0;
  for (std::size_t i = 0; i < kOperations; ++i) {
    const auto operation = static_cast<Operation>(i);
    const auto& figures = results.tally.of(operation);
    if (figures.requests == 0) continue;
    add_row(table, to_string(operation), figures, results.seconds());
    ++rows;
  }
  if (rows != 1) add_row(table, "all", results.tally.all(), results.seconds());
  return table.render(terminal);
}

std::string head(const BenchResults& results) {
  const auto& arguments = results.arguments;
  const auto loop = arguments.rate_per_s == 0
                        ? std::string("closed loop")
                        : fmt::format("open loop at {} requests/s", arguments.rate_per_s);
  return fmt::format("{}: {}, {} connections, {:.1f} s measured{}; latency in ms\n\n",
                     one_line(arguments.collection), loop, arguments.connections, results.seconds(),
                     results.interrupted ? ", interrupted" : "");
}

/// "200: 1,234, 503: 5, no answer: 2".
std::string statuses(const BenchFigures& all) {
  std::string line;
  for (const auto& [status, count] : all.statuses) {
    line += fmt::format("{}{}: {}", line.empty() ? "" : ", ",
                        status == 0 ? "no answer" : std::to_string(status), with_thousands(count));
  }
  return line.empty() ? "none" : line;
}

std::string problems(const BenchFigures& all) {
  std::string line;
  for (const auto& [code, count] : all.codes) {
    line +=
        fmt::format("{}{}: {}", line.empty() ? "" : ", ", one_line(code), with_thousands(count));
  }
  return line;
}

std::string spread(const LatencyHistogram& times) {
  return fmt::format("p50 {}, p99 {}, max {} ms", ms(times.percentile(0.5)),
                     ms(times.percentile(0.99)), ms(times.max()));
}

std::string fact(std::string_view name, const std::string& text) {
  return fmt::format("{:<12} {}\n", name, text);
}

std::string open_loop_facts(const BenchResults& results) {
  auto text = fact("waiting", spread(results.tally.waiting()) + " for a free connection") +
              fact("client lag", spread(results.tally.lag()));
  if (results.unsent == 0) return text;
  return text + fact("not sent", fmt::format("{} requests were due and found no free connection "
                                             "by the end: the rate was not held",
                                             with_thousands(results.unsent)));
}

}  // namespace

double BenchResults::seconds() const {
  const std::chrono::duration<double> planned = arguments.duration;
  const auto measured = tally.seconds().count();
  return std::max(interrupted ? measured : std::max(measured, planned.count()), 1e-3);
}

std::string bench_table(const BenchResults& results, const Terminal& terminal) {
  constexpr double kMegabyte = 1e6;
  const auto& all = results.tally.all();
  auto text = head(results) + operations_table(results, terminal) + '\n';
  text += fact("statuses", statuses(all));
  if (!all.codes.empty()) text += fact("problems", problems(all));
  text +=
      fact("bytes",
           fmt::format("{:.2f} MB/s sent, {:.2f} MB/s received",
                       static_cast<double>(all.bytes_sent) / kMegabyte / results.seconds(),
                       static_cast<double>(all.bytes_received) / kMegabyte / results.seconds()));
  if (results.arguments.rate_per_s != 0) text += open_loop_facts(results);
  if (results.given_up != 0) {
    text += fact("given up", fmt::format("{} requests under way", results.given_up));
  }
  if (results.documents_written != 0) {
    text += fact("documents", fmt::format("{} written, {} deleted afterwards",
                                          with_thousands(results.documents_written),
                                          with_thousands(results.documents_deleted)));
  }
  if (results.recall) {
    text += fact(
        fmt::format("recall@{}", results.arguments.k),
        fmt::format("{:.4f} (worst query {:.4f}, {} queries, {} left out)", results.recall->mean,
                    results.recall->min, results.recall->queries, results.recall->skipped));
  }
  return text + fact("seed", std::to_string(results.seed));
}

}  // namespace mosaic::cli
