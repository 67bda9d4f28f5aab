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

/// Finds the node that is published at HOST:PORT; answers once, in the context of `self`.
template <class Self>
void find_peer(Self* self, const std::string& address, std::chrono::milliseconds timeout,
               std::function<void(Result<peer_actor>)> then);

/// The same, waited for.
Result<peer_actor> connect_peer(caf::actor_system& system, const std::string& address,
                                std::chrono::milliseconds timeout);

/// Who connects to others, and publishes for them.
caf::actor network_of(caf::actor_system& system, network which);

/// What was found speaks this version's protocol.
Result<peer_actor> as_peer(caf::actor_system& system, const caf::strong_actor_ptr& found,
                           const std::set<std::string>& messages);

/// Lets a system speak to others; told before the system is made. For TLS among nodes
/// add_tls_network() is told, too.
void add_network(caf::actor_system_config& config);

template <class Self>
void find_peer(Self* self, const std::string& address, std::chrono::milliseconds timeout,
               std::function<void(Result<peer_actor>)> then) {
  const auto at = parse_endpoint(address);
  if (!at) return then(at.error());
  auto& system = self->system();
  self->request(network_of(system, network::for_nodes), timeout, caf::connect_atom::value, at->host,
                at->port)
      .then([then, &system](
                const caf::node_id&, const caf::strong_actor_ptr& found,
                const std::set<std::string>& messages) { then(as_peer(system, found, messages)); },
            [then, &system](caf::error& error) {
              then(Error{ErrorCode::kUnavailable, system.render(error)});
            });
}

}  // namespace mosaic::actors
