// Searcher: answers questions to one shard, one at a time. Several stand beside each shard's writer
// and die with it.
#pragma once

#include "actors/faults.hpp"
#include "actors/protocol.hpp"
#include "metrics/node_metrics.hpp"

namespace mosaic::actors {

struct searcher_state {
  std::shared_ptr<shard::ShardSearcher> searcher;
  metrics::NodeMetricsPtr metrics;
  metrics::ShardMeterPtr meter;  ///< of its shard
  Faults faults;
  static inline const char* name = "searcher";
};

searcher_actor::behavior_type searcher(searcher_actor::stateful_pointer<searcher_state> self,
                                       std::shared_ptr<shard::ShardSearcher> searcher,
                                       metrics::NodeMetricsPtr metrics,
                                       metrics::ShardMeterPtr meter);

}  // namespace mosaic::actors
