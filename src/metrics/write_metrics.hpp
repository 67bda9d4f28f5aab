// What writes came to and where their time went. A write is applied when every shard that serves
// has it, durable when only the log does.
#pragma once

#include <array>
#include <string_view>

#include "metrics/registry.hpp"
#include "metrics/stopwatch.hpp"

namespace mosaic::metrics {

enum class WriteOutcome : std::uint8_t { kApplied, kDurable, kError };
constexpr std::size_t kWriteOutcomes = 3;

/// In their order: checked, with what the hashing embedder has to do; embedded at an endpoint;
/// committed by the log; applied by all shards.
enum class WriteStage : std::uint8_t { kPrepare, kEmbed, kCommit, kApply };
constexpr std::size_t kWriteStages = 4;

std::string_view to_string(WriteOutcome outcome);
std::string_view to_string(WriteStage stage);

class WriteMetrics {
 public:
  explicit WriteMetrics(Registry& registry);

  void ended(WriteOutcome outcome) { outcomes_[static_cast<std::size_t>(outcome)]->Increment(); }
  void upserted(std::uint64_t documents) { upserted_.Increment(static_cast<double>(documents)); }
  void deleted(std::uint64_t documents) { deleted_.Increment(static_cast<double>(documents)); }
  void stage(WriteStage stage, Seconds took) {
    stages_[static_cast<std::size_t>(stage)]->Observe(took.count());
  }
  /// One group of entries in one shard.
  void group_applied(Seconds took) { apply_.Observe(took.count()); }

 private:
  std::array<Counter*, kWriteOutcomes> outcomes_;
  Counter& upserted_;
  Counter& deleted_;
  std::array<Histogram*, kWriteStages> stages_;
  Histogram& apply_;
};

}  // namespace mosaic::metrics
