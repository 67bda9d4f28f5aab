// Where programs that speak CAF find the engine. Lives with the node, used by root's thread alone;
// the system must have been given the network (actors/network.hpp).
#pragma once

#include <cstdint>
#include <string>

#include "actors/network.hpp"
#include "actors/protocol.hpp"

namespace mosaic::actors {

class engine_port {
 public:
  /// `listen`: HOST:PORT, port 0 picks a free one.
  engine_port(caf::actor_system& system, std::string listen)
      : system_(system), listen_(std::move(listen)) {}

  /// Publishes an engine and gives the port. The one before, if any, is taken back first, and the
  /// port stays the same, so that clients find the new one where the old one was. Waits for the
  /// network, at most kPublishPatience. unavailable: the port is taken; invalid_argument: no such
  /// address.
  Result<std::uint16_t> publish(const engine_actor& engine);

 private:
  Result<std::uint16_t> open(const engine_actor& engine, const endpoint& at);
  void close();

  caf::actor_system& system_;
  std::string listen_;
  std::uint16_t port_ = 0;  ///< while published
};

}  // namespace mosaic::actors
