#include "cluster/cluster_view.hpp"

#include <algorithm>
#include <map>
#include <set>

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

/// As its node has told of it; else it is starting.
ShardReplica replica_on(const NodeView& node, const NodeView::Shard* told) {
  ShardReplica replica{node.record.name, ShardState::kStarting, 0};
  if (told != nullptr) replica = {node.record.name, told->state, told->seq};
  if (!node.reached) replica.state = ShardState::kDown;
  return replica;
}

std::map<ShardKey, Replicas> replicas_of(const std::vector<NodeView>& nodes,
                                         const std::vector<ShardView>& shards) {
  std::map<std::uint64_t, const NodeView*> by_id;
  std::map<std::pair<std::uint64_t, ShardKey>, const NodeView::Shard*> told;
  std::map<ShardKey, Replicas> all;
  for (const auto& node : nodes) {
    by_id[node.record.id] = &node;
    for (const auto& shard : node.shards)
      told[{node.record.id, {shard.collection, shard.id}}] = &shard;
  }
  std::set<ShardKey> placed;
  for (const auto& shard : shards) {
    const ShardKey key{shard.collection, shard.id};
    placed.insert(key);
    for (const auto id : shard.nodes) {
      const auto node = by_id.find(id);
      if (node == by_id.end()) continue;
      const auto said = told.find({id, key});
      all[key][node->second->record.name] =
          replica_on(*node->second, said == told.end() ? nullptr : said->second);
    }
    all[key];  // One that is lost is shown without any.
  }
  for (const auto& [where, shard] : told) {
    const auto& node = *by_id.at(where.first);
    if (!placed.contains(where.second))
      all[where.second][node.record.name] = replica_on(node, shard);
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
