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
  if (node.leaves) return NodeState::kLeaving;
  return node.takes_part && node.level ? NodeState::kUp : NodeState::kJoining;
}

using ShardKey = std::pair<std::string, ShardId>;
using Replicas = std::map<std::string, ShardReplica>;  // by node

/// One that its node has not told of yet is starting.
ShardReplica replica_on(const NodeView& node, const ShardKey& key) {
  ShardReplica replica{node.record.name, ShardState::kStarting, 0};
  for (const auto& shard : node.shards) {
    if (ShardKey{shard.collection, shard.id} != key) continue;
    replica.state = shard.state;
    replica.seq = shard.seq;
  }
  if (!node.reached) replica.state = ShardState::kDown;
  return replica;
}

std::map<ShardKey, Replicas> replicas_of(const std::vector<NodeView>& nodes,
                                         const std::vector<ShardView>& shards) {
  std::map<ShardKey, Replicas> all;
  for (const auto& shard : shards) {
    auto& replicas = all[{shard.collection, shard.id}];
    for (const auto& node : nodes) {
      if (std::find(shard.nodes.begin(), shard.nodes.end(), node.record.id) != shard.nodes.end())
        replicas[node.record.name] = replica_on(node, {shard.collection, shard.id});
    }
  }
  const auto placed = all;
  for (const auto& node : nodes) {
    for (const auto& shard : node.shards) {
      const ShardKey key{shard.collection, shard.id};
      if (!placed.contains(key)) all[key][node.record.name] = replica_on(node, key);
    }
  }
  return all;
}

}  // namespace

ClusterStatus describe(const std::vector<NodeView>& nodes, const std::vector<ShardView>& shards,
                       const LogView& log) {
  ClusterStatus status;
  status.term = log.term;
  status.seq = log.last;
  for (const auto& node : nodes) status.seq = std::max(status.seq, node.seq);
  for (const auto& node : nodes) {
    const auto& record = node.record;
    if (log.leader != 0 && record.id == log.leader) status.leader = record.name;
    status.nodes.push_back({record.name, record.http_address, record.cluster_address,
                            role_of(node, log), state_of(node), node.seq, status.seq - node.seq});
  }
  const auto by_name = [](const auto& a, const auto& b) { return a.name < b.name; };
  std::sort(status.nodes.begin(), status.nodes.end(), by_name);
  for (auto& [key, replicas] : replicas_of(nodes, shards)) {
    auto& shard = status.shards.emplace_back(ClusterShard{key.first, key.second, {}});
    for (auto& [name, replica] : replicas) shard.replicas.push_back(std::move(replica));
  }
  return status;
}

}  // namespace mosaic::cluster
