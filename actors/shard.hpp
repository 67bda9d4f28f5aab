// Shard: owns one shard file. Opens it when told to start, applies what the log hands out,
// checkpoints now and then and at the end; goes on with the graphs that its indexer makes. Anything
// that goes wrong kills it; its supervisor starts a fresh one. It ends with its supervisor: the
// next one starts shards of its own.
#pragma once

#include <chrono>

#include "actors/faults.hpp"
#include "actors/indexer.hpp"
#include "actors/protocol.hpp"
#include "metrics/node_metrics.hpp"

namespace mosaic::actors {

struct shard_config {
  shard_key key;
  shard::ShardOptions options;
  std::size_t searchers = 2;
  std::size_t filter_cache_bytes = 64 << 20;
  std::uint64_t checkpoint_bytes = 32 << 20;
  std::chrono::seconds checkpoint_interval{60};
  build_limits builds;
  std::function<index_work(const shard::IndexFile&)> index_work_for = index_work_of;
  supervisor_actor supervisor;
  log_actor log;
  metrics::NodeMetricsPtr metrics = std::make_shared<metrics::NodeMetrics>();
  metrics::ShardMeterPtr meter = std::make_shared<metrics::ShardMeter>();
};

struct shard_state {
  std::unique_ptr<shard::Shard> shard;
  std::vector<searcher_actor>
      searchers;  ///< held here, or they would end with the last coordinator
  indexer_actor indexer;
  std::optional<shard::IndexWish> wished;  ///< what the indexer was told last, and when
  TimePoint wished_at;
  bool build_due = false;  ///< something was to be built when it was looked at last
  bool trim_due = false;
  Seq durable = 0;
  bool checkpoint_due = false;
  TimePoint applied_at;  ///< the last group
  Faults faults;
  static inline const char* name = "shard";
};

shard_actor::behavior_type shard_writer(shard_actor::stateful_pointer<shard_state> self,
                                        shard_config config);

}  // namespace mosaic::actors
