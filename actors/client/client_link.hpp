// A client's connection to one node, and the requests that are with it. Owned by the client actor.
#pragma once

#include <limits>
#include <map>
#include <string>

#include "actors/client/client_request.hpp"
#include "cluster/restart_policy.hpp"
#include "mosaic/client.hpp"

namespace mosaic::actors {

/// How long a node that failed is left alone: doubles with each failure within the window.
constexpr cluster::RestartLimits kReconnect{std::chrono::milliseconds(50),
                                            std::chrono::milliseconds(1'000),
                                            std::numeric_limits<std::size_t>::max(),
                                            std::chrono::milliseconds(30'000),
                                            {}};

/// By a number that each stay with a node has of its own: a request that was sent again is not
/// found under its old one.
using client_requests = std::map<std::uint64_t, client_request_ptr>;

struct client_link {
  Client::Node node;
  engine_actor engine;  ///< null while there is no connection
  bool connecting = false;
  std::string lost = "not reached yet";  ///< why there is no connection
  cluster::RestartPolicy policy{kReconnect};
  TimePoint rests_until{};  ///< after a failure
  client_requests waiting;  ///< for the connection
  client_requests sent;

  std::string name() const;
  bool may_be_asked(TimePoint now) const { return engine || rests_until <= now; }
};

/// The place in `links` of the next after `place`, in a circle, that does not rest; when all do, of
/// the one that is rested first. `links` is not empty.
std::size_t next_link(const std::vector<client_link>& links, std::size_t place, TimePoint now);

/// Where `request` goes next: to `current`, or, when a node has refused it, to one that has not and
/// may be asked. Nothing: there is none.
std::optional<std::size_t> choose_link(const std::vector<client_link>& links, std::size_t current,
                                       const client_request& request, TimePoint now);

/// Why none can be reached, of each.
std::string why_lost(const std::vector<client_link>& links);

}  // namespace mosaic::actors
