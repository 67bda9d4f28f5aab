#include "cluster/cluster_view.hpp"

#include <algorithm>
#include <map>

namespace mosaic::cluster {
namespace {

NodeRole role_of(const NodeView& node, const LogView& log) {
  if (log.leader != 0 && node.record.id == log.leader) return NodeRole::kLeader;
  return node.votes ? NodeRole::kVoter : NodeRole::kFollower;
}

NodeState state_of(const NodeView& node) {
  if (!node.reached) return NodeState::kDown;
  return node.takes_part && node.level ? NodeState::kUp : NodeState::kJoining;
}

using ShardKey = std::pair<std::string, ShardId>;

}  // namespace

ClusterStatus describe(const std::vector<NodeView>& nodes, const LogView& log) {
  ClusterStatus status;
  status.term = log.term;
  status.seq = log.last;
  for (const auto& node : nodes) status.seq = std::max(status.seq, node.seq);
  std::map<ShardKey, std::vector<ShardReplica>> shards;
  for (const auto& node : nodes) {
    const auto& record = node.record;
    if (log.leader != 0 && record.id == log.leader) status.leader = record.name;
    status.nodes.push_back({record.name, record.http_address, record.cluster_address,
                            role_of(node, log), state_of(node), node.seq, status.seq - node.seq});
    for (const auto& shard : node.shards) {
      shards[{shard.collection, shard.id}].push_back(
          {record.name, node.reached ? shard.state : ShardState::kDown, shard.seq});
    }
  }
  const auto by_name = [](const auto& a, const auto& b) { return a.name < b.name; };
  std::sort(status.nodes.begin(), status.nodes.end(), by_name);
  for (auto& [key, replicas] : shards) {
    std::sort(replicas.begin(), replicas.end(),
              [](const auto& a, const auto& b) { return a.node < b.node; });
    status.shards.push_back({key.first, key.second, std::move(replicas)});
  }
  return status;
}

}  // namespace mosaic::cluster
