#include "actors/log_room.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mosaic::actors {

Error queue_is_full(const log_state& state, std::size_t bytes) {
  return {ErrorCode::kOverloaded, fmt::format("{} bytes of writes wait to be applied, at most {}",
                                              bytes, state.config.queue_bytes_max)};
}

Error log_is_full(const log_state& state, std::uint64_t bytes) {
  return {ErrorCode::kOverloaded,
          fmt::format("the log keeps {} bytes for shards that have not saved them, at most {} "
                      "(log.bytes_max)",
                      bytes, state.config.bytes_max)};
}

/// The log keeps what these have not saved; when that is much, they shall save it.
void make_room(log_pointer self) {
  auto& state = self->state;
  if (state.config.log->kept_bytes() <= state.config.retained_bytes) return;
  const auto floor = state.floor.floor(state.heard);
  for (const auto& [id, shard] : state.floor.unsaved(floor + (state.heard - floor) / 2)) {
    const auto collection = state.collections.find(id);
    if (collection == state.collections.end()) continue;
    const auto found = collection->second.shards.find(shard);
    if (found != collection->second.shards.end()) self->send(found->second, save_atom_v);
  }
}

void tell_state(log_pointer self) {
  const auto& state = self->state;
  const auto size = state.config.log->size();
  metrics::LogState told;
  told.seq = state.config.log->last_seq();
  told.entries = size.entries;
  told.bytes = size.bytes;
  told.kept_bytes = state.config.log->kept_bytes();
  told.queue_bytes_max = state.config.queue_bytes_max;
  told.waiting_for_commit = state.uncommitted.size();
  told.waiting_for_apply = state.unapplied.size();
  told.level = true;
  for (const auto& [id, collection] : state.collections) {
    const auto& queue = collection.queue;
    told.lag_entries = std::max<std::uint64_t>(told.lag_entries, queue.lag());
    told.queue_bytes = std::max<std::uint64_t>(told.queue_bytes, queue.waiting_bytes());
    told.level = told.level && queue.not_level().empty();
  }
  state.config.metrics->log.tell(told, self->clock().now());
}

log_status status(log_pointer self) {
  log_status status;
  status.last = self->state.config.log->last_seq();
  for (const auto& [id, collection] : self->state.collections) {
    for (const auto shard : collection.queue.not_level()) status.not_level.push_back({id, shard});
    for (const auto shard : collection.queue.missing()) status.missing.push_back({id, shard});
  }
  return status;
}

}  // namespace mosaic::actors
