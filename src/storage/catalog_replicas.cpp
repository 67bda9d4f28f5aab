// What the catalog knows of where shards live.
#include <algorithm>

#include <fmt/format.h>

#include "storage/catalog.hpp"

namespace mosaic::storage {
void Catalog::load_replicas() {
  auto select = database_.prepare("SELECT collection, shard, seq, node, whole FROM replicas");
  std::map<CollectionId, Replicas> all;
  while (select.step()) {
    const CollectionId id{static_cast<Seq>(select.column_int(0))};
    auto& replicas = all[id];
    replicas.resize(collections_.at(id).settings.shards);
    auto& shard = replicas.at(static_cast<std::size_t>(select.column_int(1)));
    shard.seq = std::max(shard.seq, static_cast<Seq>(select.column_int(2)));
    // 0 is no node: where a shard has been lost with the last one, only the seq is known.
    if (const auto node = static_cast<std::uint64_t>(select.column_int(3)); node != 0)
      shard.replicas.push_back({node, select.column_int(4) != 0});
  }
  for (auto& [id, replicas] : all) {
    // As an entry would have them: the order of signed keys is another one.
    for (auto& shard : replicas) {
      std::sort(shard.replicas.begin(), shard.replicas.end(),
                [](const Replica& a, const Replica& b) { return a.node < b.node; });
    }
    collections_.at(id).replicas = std::make_shared<const Replicas>(std::move(replicas));
  }
}

void Catalog::store_replicas(const CollectionRecord& record) {
  database_.execute(fmt::format("DELETE FROM replicas WHERE collection = {}", record.id.value));
  for (std::size_t i = 0; i < record.replicas->size(); ++i) {
    auto shard = (*record.replicas)[i];
    if (shard.replicas.empty()) shard.replicas.push_back({});
    for (const auto& replica : shard.replicas) {
      auto insert = database_.cached("INSERT INTO replicas VALUES(?1, ?2, ?3, ?4, ?5)");
      insert->bind(1, static_cast<std::int64_t>(record.id.value))
          .bind(2, static_cast<std::int64_t>(i))
          .bind(3, static_cast<std::int64_t>(shard.seq));
      insert->bind(4, static_cast<std::int64_t>(replica.node)).bind(5, std::int64_t{replica.whole});
      insert->run();
    }
  }
}

NodeIds Catalog::staying_nodes(const NodeIds& but) const {
  NodeIds nodes;
  for (const auto& [id, node] : nodes_) {
    const bool left_out = std::find(but.begin(), but.end(), id) != but.end();
    if (!leaving_nodes_.contains(id) && !left_out) nodes.push_back(id);
  }
  return nodes;
}

ReplicasPtr Catalog::first_replicas(Seq seq, const CollectionSettings& settings,
                                    const RestoredCollection& restored) const {
  auto replicas = std::make_shared<Replicas>();
  NodeIds nodes = staying_nodes(restored.avoid);
  if (nodes.empty()) nodes = staying_nodes({});  // They may be up by now: some node has to have it.
  const auto homes = rendezvous(seq, settings.shards, settings.replicas, nodes);
  for (std::uint32_t i = 0; !nodes_.empty() && i < settings.shards; ++i) {
    auto& shard = replicas->emplace_back(ReplicaSet{seq, {}});
    if (restored.token.empty()) {
      for (const auto node : homes[i]) shard.replicas.push_back({node, true});
    } else if (nodes_.contains(restored.node)) {
      shard.replicas.push_back({restored.node, true});
    }
  }
  return replicas;
}

Result<CollectionRecord> Catalog::set_replicas(Seq seq, CollectionId id,
                                               const ReplicaChange& wanted) {
  return change(seq, id, [&](CollectionRecord& record) {
    if (wanted.shard.value >= record.replicas->size()) return;
    const auto& now = record.replicas->at(wanted.shard.value);
    const bool known = std::all_of(wanted.replicas.begin(), wanted.replicas.end(),
                                   [&](const auto& each) { return nodes_.contains(each.node); });
    if (!known || !is_sound(wanted, now)) return;
    auto replicas = std::make_shared<Replicas>(*record.replicas);
    auto& shard = replicas->at(wanted.shard.value);
    shard = {seq, wanted.replicas};
    std::sort(shard.replicas.begin(), shard.replicas.end(),
              [](const Replica& a, const Replica& b) { return a.node < b.node; });
    record.replicas = std::move(replicas);
  });
}

}  // namespace mosaic::storage
