// Where others that speak CAF find an actor of this node. Lives with the node, used by root's
// thread alone; the system must have been given the network (actors/network.hpp).
#pragma once

#include <cstdint>
#include <string>

#include "actors/network.hpp"
#include "actors/protocol.hpp"

namespace mosaic::actors {

class actor_port {
 public:
  /// `listen`: HOST:PORT, port 0 picks a free one. `whom`: who looks for the actor, for messages.
  actor_port(caf::actor_system& system, std::string listen, std::string whom,
             network which = network::for_clients)
      : system_(system), listen_(std::move(listen)), whom_(std::move(whom)), network_(which) {}

  /// Publishes an actor and gives the port. The one before, if any, is taken back first, and the
  /// port stays the same, so that others find the new one where the old one was. Waits for the
  /// network, at most kPublishPatience. unavailable: the port is taken; invalid_argument: no such
  /// address.
  template <class Handle>
  Result<std::uint16_t> publish(const Handle& actor) {
    return publish(caf::actor_cast<caf::strong_actor_ptr>(actor),
                   system_.template message_types<Handle>());
  }

 private:
  using messages = std::set<std::string>;

  Result<std::uint16_t> publish(const caf::strong_actor_ptr& actor, const messages& known);
  Result<std::uint16_t> open(const caf::strong_actor_ptr& actor, const messages& known,
                             const endpoint& at);
  void close();

  caf::actor_system& system_;
  std::string listen_;
  std::string whom_;
  network network_;
  std::uint16_t port_ = 0;  ///< while published
};

}  // namespace mosaic::actors
