// Engine: what a node publishes to programs that speak CAF. Hands each request to a coordinator, an
// ingest actor in turn or the supervisor, through the doors that HTTP's requests come in by, too.
// What arrives is not trusted: it may have been made by any program that reaches the port.
#pragma once

#include <chrono>
#include <memory>

#include "actors/faults.hpp"
#include "actors/protocol.hpp"
#include "cluster/admission.hpp"

namespace mosaic::actors {

// The parts that are asked keep deadlines of their own; these only guard against one that never
// answers.
constexpr std::chrono::seconds kReadGuard{30};
constexpr std::chrono::seconds kWriteGuard{60};
constexpr std::chrono::seconds kCatalogGuard{90};

/// Where requests of a kind come in, whoever brings them.
struct engine_doors {
  std::shared_ptr<cluster::Admission> searches;
  std::shared_ptr<cluster::Admission> writes;
  std::chrono::milliseconds search_timeout{1'000};  ///< of a search that names none
};

struct engine_state {
  engine_doors doors;
  node_parts_ptr parts;
  std::size_t turn = 0;
  Faults faults;
  static inline const char* name = "engine";
};

engine_actor::behavior_type engine(engine_actor::stateful_pointer<engine_state> self,
                                   const engine_doors& doors);

}  // namespace mosaic::actors
