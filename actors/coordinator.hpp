// Coordinator: plans searches and reads, fans them out to searchers, merges what comes back in
// time. Several run side by side, each with routes of its own. Logic is in shard/search_merge.hpp;
// here is only who is asked when.
#pragma once

#include "actors/faults.hpp"
#include "actors/pending_requests.hpp"
#include "actors/routes.hpp"
#include "metrics/node_metrics.hpp"
#include "query/result_cache.hpp"

namespace mosaic::actors {

/// Searches that one coordinator has under way at a time; past it they are refused as overloaded.
constexpr std::size_t kSearchesMax = 1'024;

struct coordinator_config {
  std::string node;
  std::uint32_t timeout_ms = 1'000;  ///< of a request that names none
  std::size_t number = 0;            ///< among the node's coordinators: which ranker is its own
  metrics::NodeMetricsPtr metrics = std::make_shared<metrics::NodeMetrics>();
  std::uint32_t slow_query_ms = 0;  ///< a slower search is logged; 0: none is
  /// Of all coordinators of the node.
  std::shared_ptr<query::ResultCache> results = std::make_shared<query::ResultCache>(0);
};

struct coordinator_state {
  coordinator_state() : routes("") {}

  coordinator_config config;
  Routes routes;
  node_parts_ptr parts;
  std::size_t searches = 0;
  pending_requests requests;
  Faults faults;
  static inline const char* name = "coordinator";
};

coordinator_actor::behavior_type coordinator(
    coordinator_actor::stateful_pointer<coordinator_state> self, const coordinator_config& config);

}  // namespace mosaic::actors
