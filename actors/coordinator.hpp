// Coordinator: plans searches and reads, fans them out to searchers, merges what comes back in
// time. Several run side by side, each with routes of its own. Logic is in shard/search_merge.hpp;
// here is only who is asked when.
#pragma once

#include "actors/protocol.hpp"
#include "actors/routes.hpp"
#include "base/node_settings.hpp"

namespace mosaic::actors {

struct coordinator_state {
  coordinator_state() : routes("") {}

  Routes routes;
  std::uint32_t timeout_ms = 0;  ///< of a request that names none
  static inline const char* name = "coordinator";
};

coordinator_actor::behavior_type coordinator(
    coordinator_actor::stateful_pointer<coordinator_state> self, std::string node,
    std::uint32_t timeout_ms);

}  // namespace mosaic::actors
