#include "actors/shard_places.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace mosaic::actors {
namespace {

std::string names_of(const storage::Catalog& catalog, const ReplicaSet& set) {
  std::string names;
  for (const auto& replica : set.replicas) {
    const auto node = catalog.nodes().find(replica.node);
    if (node == catalog.nodes().end()) continue;
    names += (names.empty() ? "" : ", ") + node->second.name;
  }
  return names;
}

/// Some node lacks some shard.
bool is_spread(const storage::Catalog& catalog, const Replicas& replicas) {
  return std::any_of(replicas.begin(), replicas.end(), [&](const ReplicaSet& set) {
    return set.replicas.size() < catalog.nodes().size() ||
           std::any_of(set.replicas.begin(), set.replicas.end(),
                       [](const Replica& replica) { return !replica.whole; });
  });
}

}  // namespace

bool lives_here(const supervisor_state& state, const storage::CollectionRecord& record,
                ShardId shard) {
  return lives_on(*record.replicas, shard, state.config.self);
}

bool is_coming(const supervisor_state& state, const storage::CollectionRecord& record,
               ShardId shard) {
  if (record.replicas->empty()) return false;
  const auto* replica = replica_on(record.replicas->at(shard.value), state.config.self);
  return replica != nullptr && !replica->whole;
}

collection_opened as_told(const supervisor_state& state, const storage::CollectionRecord& record,
                          bool fresh) {
  collection_opened told{record.id, record.settings,  record.centroids,
                         fresh,     record.snapshots, record.origin};
  const auto& catalog = *state.config.catalog;
  told.spread = is_spread(catalog, *record.replicas);
  for (std::uint32_t i = 0; i < record.settings.shards; ++i) {
    if (lives_here(state, record, {i})) continue;
    const auto child = state.children.find({record.id, {i}});
    if (child != state.children.end() && !child->second.left) {
      told.leaving.push_back({i});
      continue;
    }
    told.elsewhere.push_back({i});
    told.nodes.push_back(names_of(catalog, record.replicas->at(i)));
  }
  return told;
}

void tell_places(supervisor_pointer self, const storage::CollectionRecord& record) {
  if (!self->state.membership) return;
  self->send(self->state.membership, replicas_atom_v,
             collection_places{record.id, record.settings.name, record.settings.replicas,
                               record.replicas});
}

void tell_nodes(supervisor_pointer self) {
  nodes_changed changed;
  const auto& catalog = *self->state.config.catalog;
  for (const auto& [id, node] : catalog.nodes()) changed.nodes.push_back(node);
  const auto& forgotten = catalog.forgotten_nodes();
  changed.forgotten.assign(forgotten.begin(), forgotten.end());
  changed.leaving.assign(catalog.leaving_nodes().begin(), catalog.leaving_nodes().end());
  if (self->state.membership) self->send(self->state.membership, nodes_atom_v, std::move(changed));
}

std::optional<storage::CollectionRecord> replaced_by(const storage::Catalog& catalog,
                                                     const replication::Entry& entry) {
  if (entry.kind != EntryKind::kCreateCollection) return std::nullopt;
  const auto restored = decode_restored(*entry.bytes);
  if (!restored) return std::nullopt;
  const auto found = catalog.collections().find(restored->replaces);
  if (found == catalog.collections().end()) return std::nullopt;
  return found->second;
}

caf::result<searcher_actor> searcher_of(const supervisor_state& state, const shard_key& key) {
  const auto child = state.children.find(key);
  if (child != state.children.end() && !child->second.searchers.empty())
    return child->second.searchers.front();
  return to_caf(
      Error{ErrorCode::kUnavailable, fmt::format("shard {} of collection {} is not up here",
                                                 key.shard.value, key.collection.value)});
}

}  // namespace mosaic::actors
