// The clock of one search: when each stage began and must end, and what it cost, for
// `explain` and metrics.
#pragma once

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <caf/actor_clock.hpp>

#include "base/deadline.hpp"
#include "metrics/search_metrics.hpp"
#include "mosaic/search.hpp"

namespace mosaic::actors {

class search_stages {
 public:
  search_stages(const caf::actor_clock& clock, std::chrono::milliseconds budget,
                metrics::SearchMetrics& metrics)
      : clock_(clock),
        metrics_(metrics),
        started_(clock.now()),
        at_(Deadline::in(started_, budget).at - reserve(budget)) {}

  void begin(metrics::SearchStage stage) {
    began_ = clock_.now();
    stage_ = stage;
    current_ = {std::string(to_string(stage)), 0, 0, 0, {}};
  }

  void end(std::uint64_t candidates, std::size_t shards_asked, std::vector<ShardId> pruned) {
    metrics_.stage(stage_, clock_.now() - began_);
    current_.took_ms = ms_since(began_);
    current_.candidates = candidates;
    current_.shards_asked = static_cast<std::uint32_t>(shards_asked);
    current_.shards_pruned = std::move(pruned);
    stages_.push_back(std::exchange(current_, {}));
  }

  /// The search ends within a stage, if it does.
  void break_off() {
    if (!current_.name.empty()) end(0, 0, {});
  }

  /// When the current stage has to be done if it may use `share` of the time that is left.
  Deadline deadline(double share) const {
    const auto now = clock_.now();
    const auto left = std::max(at_ - now, std::chrono::steady_clock::duration::zero());
    return {now + std::chrono::duration_cast<std::chrono::steady_clock::duration>(left * share)};
  }

  double stage_ms() const { return ms_since(began_); }
  double took_ms() const { return ms_since(started_); }
  std::vector<Explain::Stage> take() { return std::move(stages_); }

 private:
  /// The answer has a way to go, too.
  static std::chrono::steady_clock::duration reserve(std::chrono::milliseconds budget) {
    return std::min<std::chrono::steady_clock::duration>(std::chrono::milliseconds(20), budget / 4);
  }

  double ms_since(TimePoint begin) const {
    return std::chrono::duration<double, std::milli>(clock_.now() - begin).count();
  }

  const caf::actor_clock& clock_;
  metrics::SearchMetrics& metrics_;
  TimePoint started_;
  TimePoint at_;
  TimePoint began_;
  metrics::SearchStage stage_{};
  Explain::Stage current_;
  std::vector<Explain::Stage> stages_;
};

}  // namespace mosaic::actors
