// How the shards of this node fare, for those who ask and for the other nodes. Part of the
// supervisor.
#pragma once

#include "actors/shard_fetch.hpp"

namespace mosaic::actors {

/// A collection that is being made takes nothing from what the node serves.
bool is_missed(const supervisor_state::child& child);

caf::result<Health> health(supervisor_pointer self);

/// Without what only membership knows.
caf::result<node_report> report(supervisor_pointer self);

}  // namespace mosaic::actors
