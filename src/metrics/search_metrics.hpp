// What searches came to and where their time went: as coordinators see it, and within searchers.
#pragma once

#include <array>
#include <string_view>

#include "metrics/registry.hpp"
#include "metrics/stopwatch.hpp"
#include "mosaic/search.hpp"

namespace mosaic::metrics {

enum class SearchOutcome : std::uint8_t { kComplete, kPartial, kError };
constexpr std::size_t kSearchOutcomes = 3;

/// Stages of a search, in their order. The names are those of `explain`.
enum class SearchStage : std::uint8_t {
  kDocument,
  kEmbed,
  kTextStats,
  kCandidates,
  kRank,
  kDocuments,
  kDiversify,
  kAudit,
};
constexpr std::size_t kSearchStages = 8;

/// What a searcher is asked.
enum class Question : std::uint8_t { kTextStats, kSearch, kFetch, kGet, kList, kMatch, kGraph };
constexpr std::size_t kQuestions = 7;

std::string_view to_string(SearchOutcome outcome);
std::string_view to_string(SearchStage stage);
std::string_view to_string(Question question);

class SearchMetrics {
 public:
  explicit SearchMetrics(Registry& registry);

  /// `mode` as it was run: not kDefault.
  void ended(SearchMode mode, SearchOutcome outcome, Seconds took);
  /// An error that took no time: it would make durations look better than they are.
  void refused(SearchMode mode);
  void stage(SearchStage stage, Seconds took) { stages_[index(stage)]->Observe(took.count()); }
  void retried() { retries_.Increment(); }
  void slow() { slow_.Increment(); }
  void answered(Question question, Seconds took) {
    questions_[index(question)]->Observe(took.count());
  }

 private:
  static constexpr std::size_t kModes = 3;

  template <class Enum>
  static std::size_t index(Enum value) {
    return static_cast<std::size_t>(value);
  }

  struct Mode {
    std::array<Counter*, kSearchOutcomes> outcomes;
    Histogram* duration;
  };
  std::array<Mode, kModes> modes_;
  std::array<Histogram*, kSearchStages> stages_;
  std::array<Histogram*, kQuestions> questions_;
  Counter& retries_;
  Counter& slow_;
};

}  // namespace mosaic::metrics
