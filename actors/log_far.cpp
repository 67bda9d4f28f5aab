#include "actors/log_far.hpp"

#include <algorithm>

namespace mosaic::actors {

void tell_own(log_pointer self, const shard_key& key, std::vector<shard::Deleted> deleted) {
  auto& state = self->state;
  const auto found = state.collections.find(key.collection);
  if (!state.replicas || found == state.collections.end() || !found->second.spread) return;
  const auto seq = found->second.queue.level_here(key.shard);
  self->send(state.replicas, news_atom_v,
             shard_news{key, seq.has_value(), seq.value_or(0), std::move(deleted)});
}

void tell_own(log_pointer self, CollectionId id, bool spread) {
  auto& state = self->state;
  const auto found = state.collections.find(id);
  if (!state.replicas || found == state.collections.end()) return;
  for (std::uint32_t i = 0; i < found->second.queue.shards(); ++i) {
    if (spread) {
      tell_own(self, shard_key{id, {i}});
    } else {
      self->send(state.replicas, news_atom_v, shard_news{{id, {i}}, false, 0});
    }
  }
}

void answer_when_all_answer(log_pointer self, log_state::creation creation) {
  self->state.creations.push_back(std::move(creation));
  answer_creations(self);
}

void answer_creations(log_pointer self) {
  auto& state = self->state;
  const auto now = self->clock().now();
  std::erase_if(state.creations, [&](const auto& creation) {
    const auto found = state.collections.find(creation.collection);
    const bool waits = found != state.collections.end() &&
                       found->second.queue.waits_for_first_word() && !creation.until.passed(now);
    if (!waits) creation.promise.deliver(creation.reply);
    return !waits;
  });
}

}  // namespace mosaic::actors
