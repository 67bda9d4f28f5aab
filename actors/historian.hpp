// Historian: looks now and then for what no state that is kept shows, and has it purged by entries
// of the log, so that all replicas forget the same. What to ask and to append is in
// cluster/purge_plan.hpp.
#pragma once

#include <functional>

#include "actors/faults.hpp"
#include "actors/pending_requests.hpp"
#include "actors/routes.hpp"
#include "cluster/purge_plan.hpp"

namespace mosaic::actors {

/// Between two entries, so that writes are not held up.
constexpr std::chrono::milliseconds kPurgePause{20};

struct historian_config {
  std::string node;
  std::chrono::milliseconds interval{60'000};
  std::function<std::int64_t()> now_ms;  ///< since 1970
  /// Whether this node leads its cluster: one has all purged.
  std::function<bool()> leads = [] { return true; };
};

struct historian_state {
  historian_state() : routes("") {}

  historian_config config;
  Routes routes;
  node_parts_ptr parts;
  cluster::PurgePlan plan;
  bool asking = false;  ///< a step of the plan is under way
  pending_requests requests;
  Faults faults;
  static inline const char* name = "historian";
};

historian_actor::behavior_type historian(historian_actor::stateful_pointer<historian_state> self,
                                         historian_config config);

}  // namespace mosaic::actors
