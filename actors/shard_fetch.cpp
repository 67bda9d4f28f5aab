#include "actors/shard_fetch.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "actors/shard_places.hpp"
#include "base/log.hpp"

namespace mosaic::actors {
namespace {

constexpr std::chrono::seconds kPeerTimeout{5};

/// All that was written before this node was given the shard must be in it, and all that the log
/// no longer has.
Seq needed(const supervisor_config& config, const storage::CollectionRecord& record,
           ShardId shard) {
  const auto given = record.replicas->empty() ? 0 : record.replicas->at(shard.value).seq;
  return std::max({record.id.value, given, config.log_forgotten()});
}

}  // namespace

bool must_be_fetched(const supervisor_state& state, const storage::CollectionRecord& record,
                     ShardId shard, bool made) {
  const auto& config = state.config;
  if (made || config.catalog->nodes().size() < 2) return false;
  if (is_coming(state, record, shard)) return true;
  // Made of files that another node was given, or of entries that are gone.
  return !record.token.empty() || record.id.value <= config.log_forgotten();
}

caf::actor fetch_shard(supervisor_pointer self, const storage::CollectionRecord& record,
                       ShardId shard) {
  const auto& config = self->state.config;
  log::info("shard {} of collection '{}' comes from another node", shard.value,
            record.settings.name);
  fetch_config fetching{
      {{record.id, shard}, needed(config, record, shard), {}},
      config.folder->shard(record.id, record.settings.name, shard),
      caf::actor_cast<caf::actor>(self),
      config.folder->incoming(fmt::format("fetch-{}-{}", record.id.value, shard.value)),
      config.log_seq};
  fetching.bytes_per_s = config.move_bytes_per_s;
  const auto fetcher = config.start_fetch(self, std::move(fetching));
  self->request(self->state.membership, kPeerTimeout, peer_atom_v, shard_key{record.id, shard})
      .then([=](const peer_actor& peer) { self->send(fetcher, start_atom_v, peer); },
            [=](caf::error& error) { self->send_exit(fetcher, to_caf(from_caf(error))); });
  return caf::actor_cast<caf::actor>(fetcher);
}

}  // namespace mosaic::actors
