// A shard that has no file here, and that the log no longer says how to make, comes from another
// node. Part of the supervisor.
#pragma once

#include "actors/supervisor.hpp"

namespace mosaic::actors {

using supervisor_pointer = supervisor_actor::stateful_pointer<supervisor_state>;

/// Between two tries to fetch the file of a shard.
constexpr std::chrono::seconds kFetchAgainPause{1};

/// Whether the shard comes from another node: it has no file here yet, as `made` says, and this
/// node is one that it shall come to, or the log alone cannot make it.
bool must_be_fetched(const supervisor_state& state, const storage::CollectionRecord& record,
                     ShardId shard, bool made);

/// Begins to fetch it. The supervisor monitors what this gives: it ends normally when the file is
/// in its place.
caf::actor fetch_shard(supervisor_pointer self, const storage::CollectionRecord& record,
                       ShardId shard);

}  // namespace mosaic::actors
