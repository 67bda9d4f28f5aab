#include "cli/top/arguments.hpp"

#include <fmt/format.h>

#include "cli/bench/arguments.hpp"
#include "cli/usage_error.hpp"

namespace mosaic::cli {
namespace {

constexpr auto kFooter =
    R"(Rates and quantiles are of the last interval, from the differences of two readings of /metrics;
quantiles are interpolated within the buckets of the histograms. A node that does not answer is asked
again at each interval. Where the output is no terminal, each interval is one line.

Keys: q quit, s order of the shards (load, documents, name; those that fail stand first), p pause.

Examples:
  mosaic top
  mosaic top --url http://10.0.0.5:4040 --interval 5s
  mosaic top --once                           one screen, then the end
  mosaic top --json | jq .requests.p99_s      one object for each interval)";

std::chrono::milliseconds interval_of(const std::string& text) {
  const auto time = parse_duration(text);
  if (time && *time >= kTopIntervalMin && *time <= kTopIntervalMax) return *time;
  throw UsageError(fmt::format(
      "--interval is '{}', expected a time from 200ms to 60s; see `mosaic top --help`", text));
}

}  // namespace

void add_top_options(CLI::App& command, TopArguments& arguments) {
  command.footer(kFooter);
  command
      .add_option_function<std::string>(
          "--interval", [&](const std::string& text) { arguments.interval = interval_of(text); },
          "Time between two readings, 200ms to 60s [1s]")
      ->type_name("TIME");
  command.add_flag("--once", arguments.once, "Print one screen and end");
  command.add_flag("--json", arguments.json, "Print each interval as a JSON object on one line");
}

}  // namespace mosaic::cli
