// Ingest: checks writes, embeds what has no vector, and appends log entries. Apart from the
// coordinators, so that a large batch delays no search. Several run side by side.
#pragma once

#include "actors/faults.hpp"
#include "actors/routes.hpp"

namespace mosaic::actors {

struct ingest_state {
  ingest_state() : routes("") {}

  Routes routes;
  node_parts_ptr parts;
  Faults faults;
  static inline const char* name = "ingest";
};

ingest_actor::behavior_type ingest(ingest_actor::stateful_pointer<ingest_state> self,
                                   std::string node, std::uint32_t timeout_ms);

}  // namespace mosaic::actors
