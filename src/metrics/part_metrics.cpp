#include "metrics/part_metrics.hpp"

namespace mosaic::metrics {

PartMetrics::PartMetrics(Registry& registry)
    : up_(gauges(registry, "mosaic_part_up", "Actors of a part that run")),
      restarts_(counters(registry, "mosaic_part_restarts_total",
                         "Actors that were started again after they had failed")) {
  for (const auto* part : {"log", "supervisor", "embedding", "ranker", "coordinator", "ingest",
                           "jobs", "historian", "engine"}) {
    up_.Add({{"part", part}});
    restarts_.Add({{"part", part}});
  }
  // These are counted here by kind; mosaic_shards tells which shards are up.
  for (const auto* part : {"shard", "embedder"}) restarts_.Add({{"part", part}});
}

}  // namespace mosaic::metrics
