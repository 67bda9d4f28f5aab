#include "cluster/replica_plan.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

namespace mosaic::cluster {
namespace {

NodeIds staying(const std::vector<ReplicaNode>& nodes, std::uint64_t without = 0) {
  NodeIds ids;
  for (const auto& node : nodes) {
    if (!node.leaves && node.id != without) ids.push_back(node.id);
  }
  return ids;
}

bool holds(const NodeIds& ids, std::uint64_t node) {
  return std::find(ids.begin(), ids.end(), node) != ids.end();
}

bool has_all(const PlacedShard& shard, std::uint64_t node) {
  const auto* replica = replica_on(shard.set, node);
  return replica != nullptr && replica->whole;
}

/// Counts what is under way, and finds what may be done beside it.
class Planning {
 public:
  Planning(const std::vector<ReplicaNode>& nodes, const std::vector<PlacedShard>& shards) {
    for (const auto& node : nodes) reached_[node.id] = node.reached;
    for (const auto& shard : shards) {
      for (const auto& replica : shard.set.replicas) {
        if (replica.whole) continue;
        ++coming_[replica.node];
        ++moves_;
      }
    }
  }

  std::optional<std::vector<Replica>> next(const PlacedShard& shard, const NodeIds& wanted) const {
    if (auto arrived = with_arrived(shard)) return arrived;
    if (auto fewer = without_surplus(shard, wanted)) return fewer;
    return with_another(shard, wanted);
  }

 private:
  /// One that has come counts from now on.
  std::optional<std::vector<Replica>> with_arrived(const PlacedShard& shard) const {
    auto replicas = shard.set.replicas;
    bool any = false;
    for (auto& replica : replicas) {
      const bool arrived = !replica.whole && shard.level.contains(replica.node);
      replica.whole |= arrived;
      any |= arrived;
    }
    return any ? std::optional(std::move(replicas)) : std::nullopt;
  }

  /// Who shall not hold it gives it up once all who shall are there and well; who was only getting
  /// it, at once.
  std::optional<std::vector<Replica>> without_surplus(const PlacedShard& shard,
                                                      const NodeIds& wanted) const {
    const bool all_there =
        !wanted.empty() && std::all_of(wanted.begin(), wanted.end(), [&](auto node) {
          return has_all(shard, node) && shard.level.contains(node);
        });
    auto replicas = shard.set.replicas;
    const auto taken = std::erase_if(replicas, [&](const Replica& replica) {
      return !holds(wanted, replica.node) && (all_there || !replica.whole);
    });
    return taken == 0 ? std::nullopt : std::optional(std::move(replicas));
  }

  std::optional<std::vector<Replica>> with_another(const PlacedShard& shard,
                                                   const NodeIds& wanted) const {
    if (moves_ >= kMovesMax) return std::nullopt;
    const bool source = std::any_of(
        shard.set.replicas.begin(), shard.set.replicas.end(),
        [&](const auto& replica) { return replica.whole && shard.level.contains(replica.node); });
    for (const auto node : wanted) {
      const auto coming = coming_.find(node);
      const bool busy = coming != coming_.end() && coming->second >= kMovesPerNodeMax;
      if (!source || busy || !reached_.at(node) || replica_on(shard.set, node) != nullptr) continue;
      auto replicas = shard.set.replicas;
      replicas.push_back({node, false});
      return replicas;
    }
    return std::nullopt;
  }

  std::map<std::uint64_t, bool> reached_;
  std::map<std::uint64_t, std::size_t> coming_;
  std::size_t moves_ = 0;
};

}  // namespace

std::optional<ReplicaStep> next_replica_step(const std::vector<ReplicaNode>& nodes,
                                             const std::vector<PlacedShard>& shards) {
  const Planning planning(nodes, shards);
  const auto ids = staying(nodes);
  for (auto shard = shards.begin(); shard != shards.end();) {
    const auto end = std::find_if(shard, shards.end(), [&](const auto& other) {
      return other.collection != shard->collection;
    });
    const auto count = static_cast<std::uint32_t>(end - shard);
    for (const auto& home : rendezvous(shard->collection.value, count, shard->wanted, ids)) {
      if (auto replicas = planning.next(*shard, home))
        return ReplicaStep{shard->collection, {shard->shard, shard->set.seq, std::move(*replicas)}};
      ++shard;
    }
  }
  return std::nullopt;
}

bool is_well_without(const PlacedShard& shard, std::uint64_t node,
                     const std::vector<ReplicaNode>& nodes) {
  const auto& replicas = shard.set.replicas;
  if (replica_on(shard.set, node) == nullptr) return true;
  const auto others = std::count_if(replicas.begin(), replicas.end(), [&](const auto& each) {
    return each.whole && each.node != node && shard.level.contains(each.node);
  });
  const auto left = staying(nodes, node).size();
  return others > 0 &&
         static_cast<std::size_t>(others) >= std::min<std::size_t>(shard.wanted, left);
}

bool is_only_on(const PlacedShard& shard, std::uint64_t node) {
  const auto& replicas = shard.set.replicas;
  return has_all(shard, node) &&
         std::none_of(replicas.begin(), replicas.end(),
                      [&](const auto& each) { return each.whole && each.node != node; });
}

bool is_level_beside(const PlacedShard& shard, std::uint64_t node) {
  return std::any_of(shard.level.begin(), shard.level.end(), [&](std::uint64_t other) {
    return other != node && replica_on(shard.set, other) != nullptr;
  });
}

bool is_needed_on(const PlacedShard& shard, std::uint64_t node) {
  return has_all(shard, node) && !is_level_beside(shard, node);
}

bool holds_nothing(const std::vector<PlacedShard>& shards, std::uint64_t node) {
  return std::all_of(shards.begin(), shards.end(),
                     [&](const auto& shard) { return replica_on(shard.set, node) == nullptr; });
}

Seq farthest_of_all_shards(const std::vector<ReplicaNode>& nodes,
                           const std::vector<PlacedShard>& shards) {
  std::map<std::uint64_t, ReplicaNode> by_id;
  for (const auto& node : nodes) by_id[node.id] = node;
  auto least = std::numeric_limits<Seq>::max();
  for (const auto& shard : shards) {
    // A node that is reached counts for more than any that may never come back.
    std::optional<std::pair<bool, Seq>> farthest;
    for (const auto& replica : shard.set.replicas) {
      const auto& node = by_id[replica.node];
      if (replica.whole) farthest = std::max(farthest, {{node.reached, node.seq}});
    }
    if (farthest) least = std::min(least, farthest->second);
  }
  return least;
}

}  // namespace mosaic::cluster
