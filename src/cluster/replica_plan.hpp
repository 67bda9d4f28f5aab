// Where shards live: brings the replicas of each in line with rendezvous hashing over the nodes
// that take part, one step at a time. A node that shall hold a shard gets it first, then counts,
// and only then does another give it up: searches go on throughout, and at every seq of the log
// some node has all of each shard. The leader asks again after each step and now and then; whoever
// leads next goes on where the log stands. Pure.
#pragma once

#include <optional>
#include <set>
#include <vector>

#include "base/entry.hpp"

namespace mosaic::cluster {

/// Shards that are on their way to one node at a time, and to all.
constexpr std::size_t kMovesPerNodeMax = 2;
constexpr std::size_t kMovesMax = 6;

struct ReplicaNode {
  std::uint64_t id = 0;
  bool reached = false;
  bool leaves = false;
  Seq seq = 0;  ///< up to which it has the log, as it said last
};

struct PlacedShard {
  CollectionId collection;
  ShardId shard;
  std::uint32_t wanted = 1;  ///< how many nodes shall hold it
  ReplicaSet set;
  /// Those that say that they have all of it, and know it to be where `set` says.
  std::set<std::uint64_t> level = {};
};

struct ReplicaStep {
  CollectionId collection;
  ReplicaChange change;
  friend bool operator==(const ReplicaStep&, const ReplicaStep&) = default;
};

/// What is to be done next, or nothing. `shards`: all of each collection, in their order.
std::optional<ReplicaStep> next_replica_step(const std::vector<ReplicaNode>& nodes,
                                             const std::vector<PlacedShard>& shards);

/// Whether as many other nodes as shall hold the shard, or as are left, count as having all of it
/// and say so.
bool is_well_without(const PlacedShard& shard, std::uint64_t node,
                     const std::vector<ReplicaNode>& nodes);

/// Whether `node` alone counts as having all of the shard.
bool is_only_on(const PlacedShard& shard, std::uint64_t node);

/// Whether `node` counts as having all of the shard, and nobody else says that he has.
bool is_needed_on(const PlacedShard& shard, std::uint64_t node);

/// Whether another node that the shard is given to says that it has all of it.
bool is_level_beside(const PlacedShard& shard, std::uint64_t node);

/// Whether no shard is on `node`, nor on its way there.
bool holds_nothing(const std::vector<PlacedShard>& shards, std::uint64_t node);

/// What comes after this seq of the log is still needed: of each shard, some node that has all of
/// it has come as far. Nodes that are not reached count where no other one has all of a shard,
/// those that nothing is known of as having come nowhere. The largest seq: nothing is needed.
Seq farthest_of_all_shards(const std::vector<ReplicaNode>& nodes,
                           const std::vector<PlacedShard>& shards);

}  // namespace mosaic::cluster
