// Client actor: the one long-lived actor of a program that talks to a node. Connects without
// waiting, watches the node's engine, keeps what is under way, and fails it at once when the
// connection is lost: CAF itself would let every request wait for its timeout.
#pragma once

#include <limits>
#include <map>
#include <string>

#include "actors/client/client_request.hpp"
#include "cluster/restart_policy.hpp"
#include "mosaic/client.hpp"

namespace mosaic::actors {

/// Pauses between tries to connect double from the first to the longest.
constexpr cluster::RestartLimits kReconnect{std::chrono::milliseconds(50),
                                            std::chrono::milliseconds(1'000),
                                            std::numeric_limits<std::size_t>::max(),
                                            std::chrono::milliseconds(30'000),
                                            {}};

struct client_state {
  Client::Options options;
  engine_actor engine;  ///< null while there is no connection
  Error lost;           ///< why there is none
  cluster::RestartPolicy policy{kReconnect};
  std::uint64_t last_id = 0;
  std::map<std::uint64_t, client_request_ptr> waiting;  ///< for a connection
  std::map<std::uint64_t, client_request_ptr> sent;
  static inline const char* name = "client";
};

using client_pointer = caf::stateful_actor<client_state>*;

caf::behavior client(client_pointer self, const Client::Options& options);

}  // namespace mosaic::actors
