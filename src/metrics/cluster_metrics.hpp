// How the cluster is, as this node sees it. Pushed by membership at every tick. A node alone is a
// cluster of one.
#pragma once

#include <array>
#include <string>

#include "metrics/registry.hpp"
#include "mosaic/cluster.hpp"

namespace mosaic::metrics {

class ClusterMetrics {
 public:
  explicit ClusterMetrics(Registry& registry);

  /// `self`: the name of this node in `cluster`.
  void tell(const ClusterStatus& cluster, const std::string& self);

 private:
  static constexpr std::array kStates = {NodeState::kUp, NodeState::kDown, NodeState::kJoining,
                                         NodeState::kLeaving};

  std::array<Gauge*, kStates.size()> nodes_{};  ///< in the order of kStates
  Gauge& voters_;
  Gauge& leader_;
  Gauge& leader_known_;
  Gauge& term_;
  Gauge& lag_entries_;
};

}  // namespace mosaic::metrics
