// Jobs that run or have ended lately. Pushed by the jobs actor.
#pragma once

#include <array>

#include "metrics/registry.hpp"
#include "mosaic/job.hpp"

namespace mosaic::metrics {

class JobMetrics {
 public:
  static constexpr std::size_t kStates = 4;
  /// By the number of the JobState.
  using Counts = std::array<std::size_t, kStates>;

  explicit JobMetrics(Registry& registry) {
    auto& jobs = gauges(registry, "mosaic_jobs", "Jobs that run or have ended lately");
    for (std::size_t i = 0; i < kStates; ++i)
      states_[i] = &jobs.Add({{"state", std::string(to_string(static_cast<JobState>(i)))}});
  }

  void tell(const Counts& counts) {
    for (std::size_t i = 0; i < kStates; ++i) states_[i]->Set(static_cast<double>(counts[i]));
  }

 private:
  std::array<Gauge*, kStates> states_;
};

}  // namespace mosaic::metrics
