// Every instrument of a node. Made once by main, shared by all that record; any thread may. What is
// recorded survives the restart of an actor. Owners push their numbers here and nothing is asked of
// anybody when Prometheus comes: a node whose parts are stuck is scraped like any other.
#pragma once

#include <memory>
#include <string>

#include "metrics/admission_metrics.hpp"
#include "metrics/backup_metrics.hpp"
#include "metrics/cache_metrics.hpp"
#include "metrics/cluster_metrics.hpp"
#include "metrics/embedding_metrics.hpp"
#include "metrics/http_metrics.hpp"
#include "metrics/info_metrics.hpp"
#include "metrics/job_metrics.hpp"
#include "metrics/limit_metrics.hpp"
#include "metrics/log_line_metrics.hpp"
#include "metrics/log_metrics.hpp"
#include "metrics/part_metrics.hpp"
#include "metrics/process_metrics.hpp"
#include "metrics/search_metrics.hpp"
#include "metrics/shard_metrics.hpp"
#include "metrics/write_metrics.hpp"

namespace mosaic::metrics {

class NodeMetrics {
 public:
  NodeMetrics() = default;
  NodeMetrics(const NodeMetrics&) = delete;
  NodeMetrics& operator=(const NodeMetrics&) = delete;

  /// All series in Prometheus' text format 0.0.4, as of `now`.
  std::string text(TimePoint now = std::chrono::steady_clock::now());

 private:
  Registry registry_;  // First: most families below are in it.

 public:
  InfoMetrics info{registry_};
  HttpMetrics http{registry_};
  AdmissionMetrics admission;
  SearchMetrics search{registry_};
  WriteMetrics writes{registry_};
  LogMetrics log{registry_};
  ClusterMetrics cluster{registry_};
  ShardMetrics shards;
  PartMetrics parts{registry_};
  JobMetrics jobs{registry_};
  BackupMetrics backups{registry_};
  CacheMetrics caches{registry_};
  EmbeddingMetrics embedding{registry_};
  LimitMetrics limits{registry_};
  LogLineMetrics log_lines{registry_};
  ProcessMetrics process;
};

using NodeMetricsPtr = std::shared_ptr<NodeMetrics>;

}  // namespace mosaic::metrics
