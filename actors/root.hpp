// Root: starts the fixed parts of a node in order, one_for_one: a part that dies is started again
// after a pause and everybody is told who is who now; one that keeps failing is tried rarely. Ends
// them in reverse order, each with a time of grace. Has a thread of its own.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "actors/protocol.hpp"
#include "cluster/restart_policy.hpp"
#include "metrics/node_metrics.hpp"

namespace mosaic::actors {

/// How long root waits for a part to end before it goes on with the next.
constexpr std::chrono::seconds kEndGrace{3};

/// One kind of part. `start` makes number 0 to count - 1 of it.
struct part_spec {
  std::string name;  ///< as in FaultRequest::part
  std::size_t count = 1;
  std::function<caf::actor(caf::scheduled_actor* root, std::size_t number)> start;
  bool wired = true;  ///< is told of the others (wired_actor)
};

struct root_config {
  std::vector<part_spec> specs;  ///< in the order of starting
  cluster::RestartLimits restarts;
  bool fault_injection = false;
  /// Hears of each part, on root's thread, once it is started and wired.
  std::function<void(const std::string& name, const caf::actor& part)> on_started;
  /// Hears who is who, on root's thread, once the parts have been told.
  std::function<void(const node_parts_ptr& parts)> on_wired;
  metrics::NodeMetricsPtr metrics = std::make_shared<metrics::NodeMetrics>();
};

struct root_state {
  struct part {
    const part_spec* spec = nullptr;
    std::size_t number = 0;
    caf::actor actor;
    bool alive = false;
    cluster::RestartPolicy policy;
  };

  root_config config;
  std::vector<part> parts;
  std::map<caf::actor_addr, std::size_t> by_address;
  bool stopping = false;
  std::size_t ending = 0;  ///< specs from here on have been told to end
  static inline const char* name = "root";
};

using root_actor =
    faulty_actor::extend<reacts_to<start_atom>, reacts_to<restart_atom, std::uint64_t>,
                         reacts_to<step_atom, std::uint64_t>>;

root_actor::behavior_type root(root_actor::stateful_pointer<root_state> self, root_config config);

}  // namespace mosaic::actors
