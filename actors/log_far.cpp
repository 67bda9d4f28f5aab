#include "actors/log_far.hpp"

#include <algorithm>

namespace mosaic::actors {

namespace {

/// Up to where others may ask for the shard here.
std::optional<Seq> open_to_others(const log_state::collection& collection, ShardId shard) {
  const bool leaves = contains(collection.leaving, shard);
  return collection.spread && !leaves ? collection.queue.level_here(shard) : std::nullopt;
}

void tell(log_pointer self, const log_state::collection& collection, const shard_key& key,
          std::vector<shard::Deleted> deleted) {
  const auto seq = open_to_others(collection, key.shard);
  self->send(self->state.replicas, news_atom_v,
             shard_news{key, seq.has_value(), seq.value_or(0), std::move(deleted)});
}

}  // namespace

void tell_own(log_pointer self, const shard_key& key, std::vector<shard::Deleted> deleted) {
  const auto found = self->state.collections.find(key.collection);
  if (!self->state.replicas || found == self->state.collections.end()) return;
  if (found->second.spread) tell(self, found->second, key, std::move(deleted));
}

void tell_own(log_pointer self, CollectionId id) {
  const auto& collection = self->state.collections.at(id);
  if (!self->state.replicas) return;
  for (std::uint32_t i = 0; i < collection.queue.shards(); ++i)
    tell(self, collection, shard_key{id, {i}}, {});
}

void tell_behind(log_pointer self, CollectionId id, log_state::collection& collection) {
  if (!collection.spread && collection.behind.empty()) return;
  const auto before = std::exchange(collection.behind, collection.queue.not_level());
  const auto tell = [&](const std::vector<ShardId>& some, const std::vector<ShardId>& others,
                        bool is) {
    for (const auto shard : some) {
      if (contains(others, shard)) continue;
      for (const auto& listener : self->state.listeners)
        self->send(listener, behind_atom_v, shard_key{id, shard}, is);
    }
  };
  tell(collection.behind, before, true);
  tell(before, collection.behind, false);
}

void mark_unclear(log_pointer self, const shard_key& key, Seq from, Seq to) {
  auto& state = self->state;
  for (auto writer = state.unapplied.lower_bound(from);
       writer != state.unapplied.end() && writer->first <= to; ++writer) {
    const auto& request = writer->second.request;
    const auto& touches = request.touches;
    const auto& counted = writer->second.counted;
    if (request.collection == key.collection &&
        std::find(touches.begin(), touches.end(), key.shard) != touches.end() &&
        std::find(counted.begin(), counted.end(), key.shard) == counted.end())
      writer->second.unclear = true;
  }
}

void note_unclear(log_pointer self, const shard_key& key, Seq from, Seq to) {
  const auto collection = self->state.collections.find(key.collection);
  if (collection != self->state.collections.end() &&
      !collection->second.queue.level_here(key.shard))
    mark_unclear(self, key, from, to);
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
