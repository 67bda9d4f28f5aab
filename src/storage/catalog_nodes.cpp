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
}

void Catalog::store_node(Seq seq, const NodeRecord& node, std::string_view bytes) {
  Transaction transaction(database_);
  auto write = database_.cached("INSERT OR REPLACE INTO nodes VALUES(?1, ?2, ?3)");
  write->bind(1, key_of(node.id)).bind_text(2, std::string_view(node.name)).bind_blob(3, bytes);
  write->run();
  set_applied(seq, {});
  transaction.commit();
  applied_seq_ = seq;
}

void Catalog::set_node(Seq seq, const NodeRecord& node) {
  if (seq <= applied_seq_ || forgotten_nodes_.contains(node.id)) return;
  store_node(seq, node, encode_node(node));
  nodes_[node.id] = node;
}

void Catalog::forget_node(Seq seq, std::uint64_t id) {
  if (seq <= applied_seq_) return;
  store_node(seq, {id, {}, {}, {}, {}}, "");
  nodes_.erase(id);
  forgotten_nodes_.insert(id);
}

}  // namespace mosaic::storage
