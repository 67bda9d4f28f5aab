// Ranker: makes one ranking of what all shards found. Keeps nothing; there are several, so that a
// search that wants much diversity holds up no other's coordinator.
#pragma once

#include "actors/faults.hpp"
#include "actors/protocol.hpp"

namespace mosaic::actors {

struct ranker_state {
  Faults faults;
  static inline const char* name = "ranker";
};

ranker_actor::behavior_type ranker(ranker_actor::stateful_pointer<ranker_state> self);

}  // namespace mosaic::actors
