#include "metrics/search_metrics.hpp"

#include <string>

namespace mosaic::metrics {
namespace {

// By the numbers of SearchMode, but for kDefault, which no search is run as.
constexpr std::array kRunModes = {SearchMode::kVector, SearchMode::kText, SearchMode::kHybrid};

std::size_t mode_index(SearchMode mode) {
  return static_cast<std::size_t>(mode) - static_cast<std::size_t>(SearchMode::kVector);
}

}  // namespace

std::string_view to_string(SearchOutcome outcome) {
  constexpr std::array<std::string_view, kSearchOutcomes> kNames = {"complete", "partial", "error"};
  return kNames.at(static_cast<std::size_t>(outcome));
}

std::string_view to_string(SearchStage stage) {
  constexpr std::array<std::string_view, kSearchStages> kNames = {
      "document", "embed", "text_stats", "candidates", "rank", "documents", "diversify", "audit"};
  return kNames.at(static_cast<std::size_t>(stage));
}

std::string_view to_string(Question question) {
  constexpr std::array<std::string_view, kQuestions> kNames = {
      "text_stats", "search", "fetch", "get", "list", "match", "graph"};
  return kNames.at(static_cast<std::size_t>(question));
}

SearchMetrics::SearchMetrics(Registry& registry)
    : retries_(counter(registry, "mosaic_search_retries_total",
                       "Searches started again at a newer state of the collection")),
      slow_(counter(registry, "mosaic_slow_queries_total",
                    "Searches that took at least log.slow_query_ms, or ran out of time")) {
  auto& searches =
      counters(registry, "mosaic_searches_total", "Searches by mode and what came of them");
  auto& durations =
      histograms(registry, "mosaic_search_duration_seconds",
                 "Time of a search from its coordinator's taking it up to its answer");
  for (const auto mode : kRunModes) {
    const std::string name(to_string(mode));
    auto& series = modes_[mode_index(mode)];
    series.duration = &durations.Add({{"mode", name}}, kSeconds);
    for (std::size_t i = 0; i < kSearchOutcomes; ++i) {
      const std::string outcome(to_string(static_cast<SearchOutcome>(i)));
      series.outcomes[i] = &searches.Add({{"mode", name}, {"outcome", outcome}});
    }
  }
  auto& stages = histograms(registry, "mosaic_search_stage_duration_seconds",
                            "Time of each stage of a search, over all shards");
  for (std::size_t i = 0; i < kSearchStages; ++i) {
    const std::string name(to_string(static_cast<SearchStage>(i)));
    stages_[i] = &stages.Add({{"stage", name}}, kSeconds);
  }
  auto& questions = histograms(registry, "mosaic_searcher_duration_seconds",
                               "Time that a searcher of one shard works on a question");
  for (std::size_t i = 0; i < kQuestions; ++i) {
    const std::string name(to_string(static_cast<Question>(i)));
    questions_[i] = &questions.Add({{"question", name}}, kSeconds);
  }
}

void SearchMetrics::refused(SearchMode mode) {
  modes_.at(mode_index(mode)).outcomes[index(SearchOutcome::kError)]->Increment();
}

void SearchMetrics::ended(SearchMode mode, SearchOutcome outcome, Seconds took) {
  auto& series = modes_.at(mode_index(mode));
  series.outcomes[index(outcome)]->Increment();
  series.duration->Observe(took.count());
}

}  // namespace mosaic::metrics
