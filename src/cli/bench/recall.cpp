#include "cli/bench/recall.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "cli/json_fields.hpp"

namespace mosaic::cli {
namespace {

using Json = nlohmann::json;

// Scores are sums of float32 in an order of the search's own. Relative to scores above 1.
constexpr double kScoreTolerance = 1e-6;

/// Nothing when a shard is missing.
std::optional<std::vector<double>> scores_of(ApiClient& client, const std::string& path,
                                             const Json& body) {
  const auto answer = client.call("POST", path, body.dump()).json();
  if (answer.value("partial", false)) return std::nullopt;
  std::vector<double> scores;
  for (const auto& hit : items(answer, "hits")) scores.push_back(hit.value("score", 0.0));
  return scores;
}

std::optional<double> recall_of_query(ApiClient& client, const std::string& path, Json body) {
  body["include"] = Json::array();
  const auto found = scores_of(client, path, body);
  body["exact"] = true;
  const auto exact = scores_of(client, path, body);
  return found && exact ? recall_of(*found, *exact) : std::nullopt;
}

}  // namespace

std::optional<double> recall_of(const std::vector<double>& found,
                                const std::vector<double>& exact) {
  if (exact.empty()) return std::nullopt;
  const auto least = exact.back() - kScoreTolerance * std::max(1.0, std::abs(exact.back()));
  const auto right =
      std::count_if(found.begin(), found.end(), [least](double score) { return score >= least; });
  return std::min(1.0, static_cast<double>(right) / static_cast<double>(exact.size()));
}

RecallFigures measure_recall(ApiClient& client, const BenchArguments& arguments,
                             const std::vector<std::string>& searches) {
  const auto path = collection_path(arguments.collection, "/search");
  RecallFigures figures;
  double sum = 0;
  for (std::size_t i = 0; i < std::min(arguments.recall_queries, searches.size()); ++i) {
    const auto recall = recall_of_query(client, path, Json::parse(searches[i]));
    if (!recall) {
      ++figures.skipped;
      continue;
    }
    sum += *recall;
    figures.min = figures.queries == 0 ? *recall : std::min(figures.min, *recall);
    ++figures.queries;
  }
  if (figures.queries != 0) figures.mean = sum / static_cast<double>(figures.queries);
  return figures;
}

}  // namespace mosaic::cli
