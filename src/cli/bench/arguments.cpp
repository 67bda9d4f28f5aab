#include "cli/bench/arguments.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "cli/usage_error.hpp"
#include "mosaic/search.hpp"
#include "net/load_loop.hpp"

namespace mosaic::cli {
namespace {

using std::chrono::milliseconds;

constexpr double kRateMax = 1e6;
constexpr std::size_t kRecallQueriesMax = 100'000;

constexpr auto kFooter =
    R"(Without --rate each connection sends its next request when it has the answer to the last (closed
loop): that measures capacity. With --rate requests are due at fixed times, whatever the server does
(open loop), and latency counts from the time a request was due. So a server that stalls cannot hide
the requests it kept waiting (no "coordinated omission"; as wrk2 by Gil Tene). What waits for a free
connection is shown as `waiting`, what this program itself sent late as `client lag`; when either is
not small against the latencies, take more --connections or a faster client.

Latencies are of successful answers. Errors of the server are counted and stop nothing. Documents
that are written have ids that begin with bench- and are deleted at the end. Ctrl-C ends the load
early and shows what has been measured. FILE of --queries holds a text on each line, or a JSON object:
the body of a search.

Examples:
  mosaic bench packages --mode text,vector,hybrid            how much can it do?
  mosaic bench packages --rate 200 --duration 1m --writes 10 --plot load.svg
                                                             how fast is it under that load?
  mosaic bench packages --mode vector -k 10 --recall --json  latency and recall, for a program

Exit codes: 0 measured, 1 nothing succeeded or written documents remain, 2 wrong usage, 130 Ctrl-C.)";

void add_time(CLI::App& command, const std::string& flag, milliseconds& value, milliseconds least,
              const std::string& help) {
  const auto read = [flag, &value, least](const std::string& text) {
    const auto time = parse_duration(text);
    if (!time || *time < least || *time > kBenchTimeMax) {
      throw UsageError(fmt::format(
          "{} is '{}', expected a time such as 500ms, 10s or 2m, from {} ms to 24h; see `mosaic "
          "bench --help`",
          flag, text, least.count()));
    }
    value = *time;
  };
  command.add_option_function<std::string>(flag, read, help)->type_name("TIME");
}

Operation search_mode(const std::string& word) {
  for (const auto mode : {Operation::kText, Operation::kVector, Operation::kHybrid}) {
    if (to_string(mode) == word) return mode;
  }
  throw UsageError(fmt::format(
      "--mode names '{}', expected text, vector, hybrid or several of them, separated by commas",
      word));
}

void add_load(CLI::App& command, BenchArguments& arguments) {
  add_time(command, "--duration", arguments.duration, milliseconds(100), "Time to measure [10s]");
  add_time(command, "--warmup", arguments.warmup, milliseconds(0),
           "Time of load before measuring [2s]");
  add_time(command, "--timeout", arguments.timeout, milliseconds(1),
           "A request without an answer ends after it [30s]");
  command.add_option("--connections", arguments.connections, "Connections [16]")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, net::kLoadConnectionsMax));
  command
      .add_option("--rate", arguments.rate_per_s,
                  "Requests per second over all connections: open loop [closed loop]")
      ->type_name("R")
      ->check(CLI::Range(0.001, kRateMax));
}

void add_requests(CLI::App& command, BenchArguments& arguments) {
  const auto read_modes = [&arguments](const std::string& text) {
    arguments.mix.searches.clear();
    for (const auto& word : CLI::detail::split(text, ',')) {
      arguments.mix.searches.push_back(search_mode(word));
    }
  };
  command
      .add_option_function<std::string>("--mode", read_modes,
                                        "text, vector, hybrid, or several: a,b [hybrid]")
      ->type_name("M");
  command.add_option("--writes", arguments.mix.writes_percent, "Share of upserts [0]")
      ->type_name("PERCENT")
      ->check(CLI::Range(0U, 100U));
  command.add_option("--reads", arguments.mix.reads_percent, "Share of reads by id [0]")
      ->type_name("PERCENT")
      ->check(CLI::Range(0U, 100U));
  command.add_option("--batch", arguments.batch_documents, "Documents of one upsert [10]")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, kBatchDocumentsMax));
  command.add_flag("--keep", arguments.keep, "Leave the written documents in the collection");
  command
      .add_option("--queries", arguments.queries_file,
                  "Queries, one a line [titles and vectors of the collection's documents]")
      ->type_name("FILE");
  command.add_option("--seed", arguments.seed, "Repeats the same order of requests [random]")
      ->type_name("N");
  command.add_option("-k", arguments.k, "Hits wanted [10]")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, kHitsMax));
  command.add_option("--filter", arguments.filter, "Filter of every search, as JSON")
      ->type_name("JSON");
  command
      .add_option("--ef", arguments.ef,
                  "How widely vector searches look around in the index [100, at least k]")
      ->type_name("N")
      ->check(CLI::Range(std::uint32_t{1}, kEfMax));
  command.add_flag("--exact", arguments.exact,
                   "Vector searches compare with every vector instead of asking the index");
}

void add_results(CLI::App& command, BenchArguments& arguments) {
  auto* recall =
      command.add_flag("--recall", arguments.recall,
                       "After the load, compare vector searches of its queries with exact ones");
  command.add_option("--recall-queries", arguments.recall_queries, "Queries to compare [100]")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, kRecallQueriesMax))
      ->needs(recall);
  command.add_flag("--json", arguments.json, "Print the results as JSON");
  command.add_option("--plot", arguments.plot_file, "Draw latency and throughput into an SVG file")
      ->type_name("FILE");
}

}  // namespace

void add_bench_options(CLI::App& command, BenchArguments& arguments) {
  command.footer(kFooter);
  command.add_option("COLLECTION", arguments.collection, "What to load")->type_name("")->required();
  add_load(command, arguments);
  add_requests(command, arguments);
  add_results(command, arguments);
}

void check_bench(const BenchArguments& arguments) {
  const auto& mix = arguments.mix;
  if (mix.writes_percent + mix.reads_percent > 100) {
    throw UsageError(fmt::format("--writes {} and --reads {} are more than 100 percent",
                                 mix.writes_percent, mix.reads_percent));
  }
  if (!arguments.filter.empty() && !nlohmann::json::accept(arguments.filter)) {
    throw UsageError(fmt::format("--filter '{}' is not JSON", arguments.filter));
  }
  if (const auto allowed = net::allow_connections(arguments.connections); !allowed) {
    throw UsageError(fmt::format("--connections: {}", allowed.error().detail));
  }
}

std::optional<milliseconds> parse_duration(const std::string& text) {
  double number = 0;
  const auto* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  if (parsed.ec != std::errc{} || !std::isfinite(number) || number < 0) return std::nullopt;
  const std::string_view unit(parsed.ptr, static_cast<std::size_t>(end - parsed.ptr));
  constexpr std::pair<std::string_view, double> kUnits[] = {
      {"", 1e3}, {"ms", 1}, {"s", 1e3}, {"m", 6e4}, {"h", 3.6e6}};
  for (const auto& [name, ms] : kUnits) {
    if (name != unit) continue;
    const auto whole = static_cast<double>(kBenchTimeMax.count()) + 1;
    return milliseconds(std::llround(std::min(number * ms, whole)));
  }
  return std::nullopt;
}

}  // namespace mosaic::cli
