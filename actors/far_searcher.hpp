// Far searcher: stands for a shard that other nodes hold, and is asked as a searcher of this node
// is. What it is asked goes to `replicas`, which brings it to one of those nodes.
#pragma once

#include "actors/faults.hpp"
#include "actors/protocol.hpp"

namespace mosaic::actors {

struct far_searcher_state {
  Faults faults;
  static inline const char* name = "far_searcher";
};

searcher_actor::behavior_type far_searcher(
    searcher_actor::stateful_pointer<far_searcher_state> self, const shard_key& key,
    const replicas_actor& replicas);

}  // namespace mosaic::actors
