// Which nodes a shard lives on. Said by the log, so that all nodes agree at every seq; a node alone
// has no such entries, and all of its shards are its own.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "mosaic/collection.hpp"

namespace mosaic {

using NodeIds = std::vector<std::uint64_t>;

struct Replica {
  std::uint64_t node = 0;
  bool whole = false;  ///< has all of the shard; else it is still getting it
  friend bool operator==(const Replica&, const Replica&) = default;
};

template <class Archive>
void archive(Archive& a, Replica& replica) {
  a(replica.node, replica.whole);
}

/// Of one shard.
struct ReplicaSet {
  Seq seq = 0;  ///< of the entry that said so
  std::vector<Replica> replicas;
  friend bool operator==(const ReplicaSet&, const ReplicaSet&) = default;
};

template <class Archive>
void archive(Archive& a, ReplicaSet& shard) {
  a(shard.seq, shard.replicas);
}

/// Of the shards of a collection, in their order; none where nobody has said where they live.
using Replicas = std::vector<ReplicaSet>;
using ReplicasPtr = std::shared_ptr<const Replicas>;

/// Of no effect once the replicas of the shard are other ones than those that `before` said.
struct ReplicaChange {
  ShardId shard;
  Seq before = 0;  ///< ReplicaSet::seq
  std::vector<Replica> replicas;
  friend bool operator==(const ReplicaChange&, const ReplicaChange&) = default;
};

template <class Archive>
void archive(Archive& a, ReplicaChange& change) {
  a(change.shard, change.before, change.replicas);
}

inline const Replica* replica_on(const ReplicaSet& shard, std::uint64_t node) {
  for (const auto& replica : shard.replicas) {
    if (replica.node == node) return &replica;
  }
  return nullptr;
}

/// Whether a change may be made of what is: it was meant for that, and leaves the shard on some
/// node that has all of it; of those that it was not on before, none has all of it.
bool is_sound(const ReplicaChange& change, const ReplicaSet& now);

/// Whether `node` holds, or shall hold, a shard. Where nobody has said where it lives, it is here.
inline bool lives_on(const Replicas& replicas, ShardId shard, std::uint64_t node) {
  return replicas.empty() || replica_on(replicas.at(shard.value), node) != nullptr;
}

/// The nodes that each shard of a collection shall live on: `count` of `nodes`, or all of them.
/// Rendezvous hashing (Thaler and Ravishankar 1998, highest random weight) with bounded loads
/// (Mirrokni, Thorup and Zadimoghaddam 2018): each node holds as many shards as any other, or one
/// more, and when nodes come or go little moves but what they take over or leave. Part of what the
/// log means: it must never change. `collection` is the seq that made it.
std::vector<NodeIds> rendezvous(Seq collection, std::uint32_t shards, std::uint32_t count,
                                NodeIds nodes);

}  // namespace mosaic
