// Recall at k of vector searches: the share of the truly nearest that the search finds. The truth
// is the same search with `exact`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/api_client.hpp"
#include "cli/bench/arguments.hpp"

namespace mosaic::cli {

/// Both by falling score. A hit counts when its score is not below that of the last exact one, so
/// that of several equally near any will do (as ann-benchmarks does by distance). Nothing when the
/// exact search finds nothing.
std::optional<double> recall_of(const std::vector<double>& found, const std::vector<double>& exact);

struct RecallFigures {
  std::uint64_t queries = 0;  ///< compared
  std::uint64_t skipped = 0;  ///< without exact hits, or with a partial answer
  double mean = 0;
  double min = 0;
};

/// Sends up to `recall_queries` of the bodies, each twice: as it is and exact. Throws Failure when
/// one is refused.
RecallFigures measure_recall(ApiClient& client, const BenchArguments& arguments,
                             const std::vector<std::string>& searches);

}  // namespace mosaic::cli
