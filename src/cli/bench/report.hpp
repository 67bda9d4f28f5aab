// The results of a load generator: as tables for people, as JSON for programs. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cli/bench/arguments.hpp"
#include "cli/bench/recall.hpp"
#include "cli/bench/tally.hpp"
#include "cli/terminal.hpp"

namespace mosaic::cli {

struct BenchResults {
  const BenchArguments& arguments;
  const BenchTally& tally;
  std::uint64_t seed = 0;
  bool interrupted = false;
  std::uint64_t given_up = 0;
  std::uint64_t unsent = 0;
  std::uint64_t documents_written = 0;
  std::uint64_t documents_deleted = 0;
  std::optional<RecallFigures> recall = {};

  /// From the begin of measuring to the last answer, or to the end of the load where that is later.
  double seconds() const;
};

std::string bench_table(const BenchResults& results, const Terminal& terminal);

/// One object; docs/BENCH.md describes its keys.
std::string bench_json(const BenchResults& results);

}  // namespace mosaic::cli
