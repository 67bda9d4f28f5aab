#include "metrics/cluster_metrics.hpp"

#include <algorithm>

namespace mosaic::metrics {

ClusterMetrics::ClusterMetrics(Registry& registry)
    : voters_(gauge(registry, "mosaic_cluster_voters", "Nodes that vote, whether up or not")),
      leader_(gauge(registry, "mosaic_cluster_leader", "1 while this node leads, else 0")),
      leader_known_(gauge(registry, "mosaic_cluster_leader_known",
                          "1 while this node knows a leader, else 0: then writes wait")),
      term_(gauge(registry, "mosaic_cluster_term", "Number of the newest election")),
      lag_entries_(gauge(registry, "mosaic_cluster_lag_entries",
                         "Entries of the log that some node has and this one does not")) {
  auto& nodes = gauges(registry, "mosaic_cluster_nodes", "Nodes of the cluster, this one included");
  for (std::size_t i = 0; i < kStates.size(); ++i)
    nodes_[i] = &nodes.Add({{"state", std::string(to_string(kStates[i]))}});
}

void ClusterMetrics::tell(const ClusterStatus& cluster, const std::string& self) {
  for (std::size_t i = 0; i < kStates.size(); ++i) {
    nodes_[i]->Set(static_cast<double>(
        std::count_if(cluster.nodes.begin(), cluster.nodes.end(),
                      [&](const ClusterNode& node) { return node.state == kStates[i]; })));
  }
  const auto votes = [](const ClusterNode& node) { return node.role != NodeRole::kFollower; };
  voters_.Set(
      static_cast<double>(std::count_if(cluster.nodes.begin(), cluster.nodes.end(), votes)));
  leader_.Set(cluster.leader == self ? 1 : 0);
  leader_known_.Set(cluster.leader ? 1 : 0);
  term_.Set(static_cast<double>(cluster.term));
  for (const auto& node : cluster.nodes) {
    if (node.name == self) lag_entries_.Set(static_cast<double>(node.lag));
  }
}

}  // namespace mosaic::metrics
