#include "actors/placing.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "actors/leader_calls.hpp"
#include "actors/taking_part.hpp"
#include "base/log.hpp"

namespace mosaic::actors {
namespace {

using cluster::PlacedShard;
using levels = std::map<shard_key, std::map<std::uint64_t, Seq>>;

/// Who has all of which shard, and since when it is there.
levels known_levels(membership_pointer self) {
  const auto& state = self->state;
  levels known;
  const auto note = [&](std::uint64_t node, const node_report& report) {
    for (const auto& shard : report.shards) {
      if (shard.level) known[shard.key][node] = shard.placed;
    }
  };
  note(state.config.self.id, state.own);
  const auto now = self->clock().now();
  for (const auto& [id, peer] : state.peers) {
    if (is_reached(state, peer, now)) note(id, peer.report);
  }
  return known;
}

bool leaves(const membership_state& state, std::uint64_t node) {
  return std::find(state.leaving.begin(), state.leaving.end(), node) != state.leaving.end();
}

std::string name_of(const membership_state& state, const PlacedShard& shard) {
  const auto found = state.places.find(shard.collection);
  return fmt::format("shard {} of collection '{}'", shard.shard.value,
                     found == state.places.end() ? "" : found->second.name);
}

void perform(membership_pointer self, const cluster::ReplicaStep& step) {
  self->state.placing = true;
  append_entry(self, EntryKind::kSetReplicas, step.collection, encode_replica_change(step.change),
               [=](const Status& done) {
                 self->state.placing = false;
                 if (!done)
                   log::info("a shard is not placed otherwise yet: {}", done.error().detail);
               });
}

void forget_empty(membership_pointer self, std::uint64_t node) {
  self->state.placing = true;
  append_entry(self, EntryKind::kForgetNode, {}, encode_node_id(node), [=](const Status& done) {
    self->state.placing = false;
    if (!done) log::info("a node that leaves is still known: {}", done.error().detail);
  });
}

/// Others count as having a shard, too, and may come to need this node for it all the same.
std::optional<Error> needed_for_now(const membership_state& state, const NodeRecord& node,
                                    const std::vector<PlacedShard>& shards) {
  const auto needed = std::find_if(shards.begin(), shards.end(), [&](const auto& shard) {
    return cluster::is_needed_on(shard, node.id);
  });
  if (needed == shards.end()) return std::nullopt;
  return Error{ErrorCode::kUnavailable,
               fmt::format("node '{}' is down, and no other one that is up has all of {} now: try "
                           "again when one has",
                           node.name, name_of(state, *needed))};
}

/// Why a node that is not there must not be forgotten; nothing when it may.
std::optional<Error> only_there(const membership_state& state, const NodeRecord& node,
                                const std::vector<PlacedShard>& shards) {
  std::size_t more = 0;
  const PlacedShard* first = nullptr;
  for (const auto& shard : shards) {
    if (!cluster::is_only_on(shard, node.id)) continue;
    if (first == nullptr) {
      first = &shard;
    } else {
      ++more;
    }
  }
  if (first == nullptr) return needed_for_now(state, node, shards);
  return invalid(fmt::format(
      "node '{}' alone has {}{}, and it is down: what it holds would be lost. Start it again, or "
      "drop what it holds",
      node.name, name_of(state, *first),
      more == 0 ? "" : fmt::format(" and {} more shards", more)));
}

}  // namespace

std::vector<PlacedShard> placed_shards(membership_pointer self) {
  std::vector<PlacedShard> shards;
  const auto known = known_levels(self);
  for (const auto& [id, collection] : self->state.places) {
    for (std::uint32_t i = 0; i < collection.replicas->size(); ++i) {
      PlacedShard shard{id, {i}, collection.wanted, collection.replicas->at(i)};
      const auto level = known.find({id, {i}});
      if (level != known.end()) {
        for (const auto& [node, placed] : level->second) {
          if (placed == shard.set.seq) shard.level.insert(node);
        }
      }
      shards.push_back(std::move(shard));
    }
  }
  return shards;
}

std::vector<cluster::ReplicaNode> replica_nodes(membership_pointer self) {
  const auto& state = self->state;
  const auto now = self->clock().now();
  std::vector<cluster::ReplicaNode> nodes;
  for (const auto& [id, record] : state.nodes) {
    const auto peer = state.peers.find(id);
    const bool here = id == state.config.self.id;
    auto& node = nodes.emplace_back(
        cluster::ReplicaNode{id, here, leaves(state, id), here ? state.own.seq : 0});
    if (peer == state.peers.end()) continue;
    node.reached = is_reached(state, peer->second, now);
    node.seq = peer->second.report.seq;
  }
  return nodes;
}

bool is_elsewhere(membership_pointer self, const shard_key& key, Seq placed) {
  const auto shards = placed_shards(self);
  return std::any_of(shards.begin(), shards.end(), [&](const PlacedShard& shard) {
    return shard.collection == key.collection && shard.shard == key.shard &&
           shard.set.seq == placed && cluster::is_level_beside(shard, self->state.config.self.id);
  });
}

void place_next(membership_pointer self) {
  auto& state = self->state;
  if (!standing(self).leads() || state.placing || !state.parts || state.nodes.empty()) return;
  const auto shards = placed_shards(self);
  for (const auto node : state.leaving) {
    if (cluster::holds_nothing(shards, node)) return forget_empty(self, node);
  }
  if (const auto step = cluster::next_replica_step(replica_nodes(self), shards))
    perform(self, *step);
}

void let_leave(membership_pointer self, const NodeRecord& node,
               sure_promise<leader_reply> promise) {
  const auto nodes = replica_nodes(self);
  const auto shards = placed_shards(self);
  const bool reached = std::any_of(nodes.begin(), nodes.end(), [&](const auto& each) {
    return each.id == node.id && each.reached;
  });
  const bool well = std::all_of(shards.begin(), shards.end(), [&](const auto& shard) {
    return cluster::is_well_without(shard, node.id, nodes);
  });
  if (!well && !reached) {
    if (const auto lost = only_there(self->state, node, shards)) return refuse(promise, *lost);
  }
  const auto kind = well || !reached ? EntryKind::kForgetNode : EntryKind::kNodeLeaves;
  append_entry(self, kind, {}, encode_node_id(node.id), [=](const Status& done) mutable {
    done ? promise.deliver(leader_reply{}) : refuse(promise, done.error());
  });
}

Seq needed_by_shards(membership_pointer self) {
  return cluster::farthest_of_all_shards(replica_nodes(self), placed_shards(self));
}

}  // namespace mosaic::actors
