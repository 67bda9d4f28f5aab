// Where the shards of the cluster live: the leader brings it in line with the nodes that are known.
// Part of membership.
#pragma once

#include "actors/membership.hpp"
#include "cluster/replica_plan.hpp"

namespace mosaic::actors {

/// What is known of all shards that live on some nodes.
std::vector<cluster::PlacedShard> placed_shards(membership_pointer self);
std::vector<cluster::ReplicaNode> replica_nodes(membership_pointer self);

/// Whether another node that the entry `placed` gave the shard to says that it has all of it.
bool is_elsewhere(membership_pointer self, const shard_key& key, Seq placed);

/// Of the leader alone: takes the next step, and lets go who has nothing left.
void place_next(membership_pointer self);

/// What a node holds must not be lost with it: lets it go at once, or lets it leave first. Error
/// invalid_argument names what only a node has that is not there.
void let_leave(membership_pointer self, const NodeRecord& node, sure_promise<leader_reply> promise);

/// The log must keep what comes after this seq: some shard has not come further on any node.
Seq needed_by_shards(membership_pointer self);

}  // namespace mosaic::actors
