// Engine: what a node publishes to programs that speak CAF. Hands each request to a coordinator, an
// ingest actor in turn or the supervisor, through the doors that HTTP's requests come in by, too.
// What arrives is not trusted: it may have been made by any program that reaches the port.
#pragma once

#include "actors/faults.hpp"
#include "actors/front.hpp"

namespace mosaic::actors {

struct engine_state {
  engine_doors doors;
  front_parts parts;
  Faults faults;
  static inline const char* name = "engine";
};

engine_actor::behavior_type engine(engine_actor::stateful_pointer<engine_state> self,
                                   const engine_doors& doors);

}  // namespace mosaic::actors
