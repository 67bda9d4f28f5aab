// Which shards of a collection this node runs, by what the catalog says of their replicas. Part of
// the supervisor.
#pragma once

#include "actors/shard_fetch.hpp"

namespace mosaic::actors {

bool lives_here(const supervisor_state& state, const storage::CollectionRecord& record,
                ShardId shard);

/// It is to live here, and has not all arrived yet.
bool is_coming(const supervisor_state& state, const storage::CollectionRecord& record,
               ShardId shard);

/// As those who ask shards are told of a collection.
collection_opened as_told(const supervisor_state& state, const storage::CollectionRecord& record,
                          bool fresh = false);

/// Whoever decides where shards live hears where those of a collection do.
void tell_places(supervisor_pointer self, const storage::CollectionRecord& record);

/// Membership hears which nodes there are.
void tell_nodes(supervisor_pointer self);

/// The collection that this entry puts another one in the place of, if it is there.
std::optional<storage::CollectionRecord> replaced_by(const storage::Catalog& catalog,
                                                     const replication::Entry& entry);

/// One that answers for a shard that is up here.
caf::result<searcher_actor> searcher_of(const supervisor_state& state, const shard_key& key);

}  // namespace mosaic::actors
