// What both ends of a CAF connection have in common: the protocol's settings, and how long silence
// may last before a peer counts as gone.
#pragma once

#include <cstdint>
#include <string>

#include <caf/all.hpp>

#include "actors/protocol.hpp"

namespace mosaic::actors {

/// A peer that stopped without closing its connection is noticed only by its silence, so both sides
/// send signs of life.
constexpr std::chrono::milliseconds kHeartbeatInterval{500};
constexpr std::chrono::milliseconds kSilenceMax{3'000};

struct endpoint {
  std::string host;
  std::uint16_t port = 0;
};

/// Of "HOST:PORT"; an IPv6 host stands in brackets. invalid_argument otherwise.
Result<endpoint> parse_endpoint(const std::string& text);

/// Who is at the other end: nodes speak TLS where the system has certificates, CAF clients never.
enum class network { for_clients, for_nodes };

/// Who publishes for them.
caf::actor network_of(caf::actor_system& system, network which);

/// Lets a system speak to others; told before the system is made. For TLS among nodes
/// add_tls_network() is told, too.
void add_network(caf::actor_system_config& config);

}  // namespace mosaic::actors
