// What `mosaic bench` is asked to do, and its options on the command line.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/api_client.hpp"
#include "cli/bench/mix.hpp"

namespace CLI {
class App;
}

namespace mosaic::cli {

constexpr std::chrono::milliseconds kBenchTimeMax = std::chrono::hours(24);

struct BenchArguments {
  Server server;
  std::string collection;
  std::chrono::milliseconds duration{10'000};
  std::chrono::milliseconds warmup{2'000};
  std::chrono::milliseconds timeout{30'000};
  std::size_t connections = 16;
  double rate_per_s = 0;  ///< 0: a closed loop
  MixShares mix = {.searches = {Operation::kHybrid}};
  std::size_t batch_documents = 10;
  bool keep = false;
  std::string queries_file;  ///< empty: sampled from the collection
  std::optional<std::uint64_t> seed;
  std::size_t k = 10;
  std::string filter;
  std::uint32_t ef = 0;  ///< 0: the server's default
  bool exact = false;
  bool recall = false;
  std::size_t recall_queries = 100;
  bool json = false;
  std::string plot_file;  ///< empty: none
};

/// Adds the options to the command. They write into `arguments`, which stays where it is.
void add_bench_options(CLI::App& command, BenchArguments& arguments);

/// Throws UsageError for what no single option can see.
void check_bench(const BenchArguments& arguments);

/// "500ms", "10s", "2m", "1h" or a number of seconds; nothing when it is none of these.
std::optional<std::chrono::milliseconds> parse_duration(const std::string& text);

}  // namespace mosaic::cli
