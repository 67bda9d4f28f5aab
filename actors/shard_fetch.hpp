// A shard whose file is not here, or too old for what the log still keeps, comes from another node.
// Part of the supervisor.
#pragma once

#include "actors/supervisor.hpp"

namespace mosaic::actors {

using supervisor_pointer = supervisor_actor::stateful_pointer<supervisor_state>;

/// Whether the log alone cannot bring the shard to where it belongs.
bool must_be_fetched(const supervisor_state& state, const storage::CollectionRecord& record,
                     ShardId shard);

/// Begins to fetch it. The supervisor monitors what this gives: it ends normally when the file is
/// in its place.
caf::actor fetch_shard(supervisor_pointer self, const storage::CollectionRecord& record,
                       ShardId shard);

}  // namespace mosaic::actors
