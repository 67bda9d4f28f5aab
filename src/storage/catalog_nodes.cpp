// What the catalog knows of the nodes that take part.
#include "storage/catalog.hpp"

namespace mosaic::storage {
namespace {

/// SQLite's integers are signed.
std::int64_t key_of(std::uint64_t id) {
  return static_cast<std::int64_t>(id);
}

}  // namespace

/// One that was forgotten has no record any more.
void Catalog::load_nodes() {
  auto select = database_.prepare("SELECT id, node FROM nodes");
  while (select.step()) {
    const auto id = static_cast<std::uint64_t>(select.column_int(0));
    if (select.column_blob(1).empty()) {
      forgotten_nodes_.insert(id);
    } else {
      nodes_[id] = or_throw(decode_node(select.column_blob(1)));
    }
  }
  auto leaving = database_.prepare("SELECT id FROM leaving_nodes");
  while (leaving.step()) leaving_nodes_.insert(static_cast<std::uint64_t>(leaving.column_int(0)));
}

void Catalog::store_node(const NodeRecord& node, std::string_view bytes) {
  auto write = database_.cached("INSERT OR REPLACE INTO nodes VALUES(?1, ?2, ?3)");
  write->bind(1, key_of(node.id)).bind_text(2, std::string_view(node.name)).bind_blob(3, bytes);
  write->run();
}

template <class Edit>
std::map<CollectionId, ReplicasPtr> Catalog::edit_all_replicas(Edit&& edit) {
  std::map<CollectionId, ReplicasPtr> edited;
  for (auto [id, record] : collections_) {
    Replicas replicas = *record.replicas;
    replicas.resize(record.settings.shards);
    bool changed = false;
    for (auto& shard : replicas) changed |= edit(shard);
    if (!changed) continue;
    record.replicas = std::make_shared<const Replicas>(std::move(replicas));
    store_replicas(record);
    edited[id] = record.replicas;
  }
  return edited;
}

void Catalog::use(std::map<CollectionId, ReplicasPtr> edited) {
  for (auto& [id, replicas] : edited) collections_.at(id).replicas = std::move(replicas);
}

void Catalog::set_node(Seq seq, const NodeRecord& node) {
  if (seq <= applied_seq_ || forgotten_nodes_.contains(node.id)) return;
  Transaction transaction(database_);
  store_node(node, encode_node(node));
  std::map<CollectionId, ReplicasPtr> edited;
  if (nodes_.empty()) {
    edited = edit_all_replicas([&](ReplicaSet& set) {
      set = {seq, {{node.id, true}}};
      return true;
    });
  }
  set_applied(seq, {});
  transaction.commit();
  applied_seq_ = seq;
  use(std::move(edited));
  nodes_[node.id] = node;
}

void Catalog::forget_node(Seq seq, std::uint64_t id) {
  if (seq <= applied_seq_) return;
  Transaction transaction(database_);
  store_node({id, {}, {}, {}, {}}, "");
  database_.execute("DELETE FROM leaving_nodes WHERE id = " + std::to_string(key_of(id)));
  auto edited = edit_all_replicas([&](ReplicaSet& set) {
    if (std::erase_if(set.replicas, [&](const auto& each) { return each.node == id; }) == 0)
      return false;
    set.seq = seq;
    return true;
  });
  set_applied(seq, {});
  transaction.commit();
  applied_seq_ = seq;
  use(std::move(edited));
  nodes_.erase(id);
  leaving_nodes_.erase(id);
  forgotten_nodes_.insert(id);
}

void Catalog::let_node_leave(Seq seq, std::uint64_t id) {
  if (seq <= applied_seq_) return;
  const bool known = nodes_.contains(id);
  Transaction transaction(database_);
  if (known) {
    auto write = database_.cached("INSERT OR IGNORE INTO leaving_nodes VALUES(?1)");
    write->bind(1, key_of(id)).run();
  }
  set_applied(seq, {});
  transaction.commit();
  applied_seq_ = seq;
  if (known) leaving_nodes_.insert(id);
}

}  // namespace mosaic::storage
