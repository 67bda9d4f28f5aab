// What the log bridge tells other nodes of the shards here, and knows of theirs. Part of it.
#pragma once

#include <algorithm>

#include "actors/log_room.hpp"

namespace mosaic::actors {

/// Of writes from one seq to another, nobody will tell what the shard deleted, unless it is known.
void mark_unclear(log_pointer self, const shard_key& key, Seq from, Seq to);
/// The same of a shard on other nodes; one that is level here tells by itself.
void note_unclear(log_pointer self, const shard_key& key, Seq from, Seq to);

/// Tells others how far a shard of this node is, where some node lacks it; or that it may not be
/// asked.
void tell_own(log_pointer self, const shard_key& key, std::vector<shard::Deleted> deleted = {});

/// The same of all shards of a collection, also where no node lacks any of them any more.
void tell_own(log_pointer self, CollectionId id);

inline bool contains(const std::vector<ShardId>& shards, ShardId shard) {
  return std::find(shards.begin(), shards.end(), shard) != shards.end();
}

/// Tells listeners which shards of this node have not got all, where another may stand in for them.
void tell_behind(log_pointer self, CollectionId id, log_state::collection& collection);

/// Answers for a collection that was made once the shards on other nodes answer, too; in any case
/// soon.
void answer_when_all_answer(log_pointer self, log_state::creation creation);
void answer_creations(log_pointer self);

}  // namespace mosaic::actors
