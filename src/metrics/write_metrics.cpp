#include "metrics/write_metrics.hpp"

#include <string>

namespace mosaic::metrics {

std::string_view to_string(WriteOutcome outcome) {
  constexpr std::array<std::string_view, kWriteOutcomes> kNames = {"applied", "durable", "error"};
  return kNames.at(static_cast<std::size_t>(outcome));
}

std::string_view to_string(WriteStage stage) {
  constexpr std::array<std::string_view, kWriteStages> kNames = {"prepare", "embed", "commit",
                                                                 "apply"};
  return kNames.at(static_cast<std::size_t>(stage));
}

WriteMetrics::WriteMetrics(Registry& registry)
    : upserted_(counter(registry, "mosaic_documents_upserted_total",
                        "Documents in upserts that the log has taken")),
      deleted_(counter(registry, "mosaic_documents_deleted_total",
                       "Documents that deletes were seen to remove")),
      apply_(histogram(registry, "mosaic_apply_duration_seconds",
                       "Time that one shard takes to apply one group of log entries")) {
  auto& writes = counters(registry, "mosaic_writes_total",
                          "Upserts and deletes: applied by the shards, only durable, or failed");
  for (std::size_t i = 0; i < kWriteOutcomes; ++i)
    outcomes_[i] = &writes.Add({{"outcome", std::string(to_string(static_cast<WriteOutcome>(i)))}});
  auto& stages =
      histograms(registry, "mosaic_write_stage_duration_seconds", "Time of each stage of a write");
  for (std::size_t i = 0; i < kWriteStages; ++i) {
    const std::string name(to_string(static_cast<WriteStage>(i)));
    stages_[i] = &stages.Add({{"stage", name}}, kSeconds);
  }
}

}  // namespace mosaic::metrics
