// Connects to one that is published elsewhere. Each try has an actor and a thread of its own: a
// host that does not answer holds up nobody else.
#pragma once

#include <chrono>

#include <caf/all.hpp>

#include "actors/network.hpp"

namespace mosaic::actors {

/// How long one that connects waits for the other side of TLS.
constexpr std::chrono::milliseconds kHandshakeTimeout{2'000};

/// Answers one (connect_atom, HOST, PORT) as CAF's middleman does, but within `patience` (and
/// kHandshakeTimeout) unless the other side is connected and silent. Ends with `asker`, or once it
/// has answered and nobody has its handle.
caf::actor make_connector(caf::actor_system& system, network which,
                          std::chrono::milliseconds patience, const caf::actor_addr& asker);

/// Finds the node that is published at HOST:PORT; answers once, in the context of `self`. Errors:
/// invalid_argument, unavailable.
template <class Self>
void find_peer(Self* self, const std::string& address, std::chrono::milliseconds timeout,
               std::function<void(Result<peer_actor>)> then);

/// The same, waited for.
Result<peer_actor> connect_peer(caf::actor_system& system, const std::string& address,
                                std::chrono::milliseconds timeout);

/// What was found, if it speaks this version's protocol.
Result<peer_actor> as_peer(caf::actor_system& system, const caf::strong_actor_ptr& found,
                           const std::set<std::string>& messages);

template <class Self>
void find_peer(Self* self, const std::string& address, std::chrono::milliseconds timeout,
               std::function<void(Result<peer_actor>)> then) {
  const auto at = parse_endpoint(address);
  if (!at) return then(at.error());
  auto& system = self->system();
  const auto connector = make_connector(system, network::for_nodes, timeout, self->address());
  self->request(connector, timeout, caf::connect_atom::value, at->host, at->port)
      .then([then, connector, &system](
                const caf::node_id&, const caf::strong_actor_ptr& found,
                const std::set<std::string>& messages) { then(as_peer(system, found, messages)); },
            [then, connector, &system](caf::error& error) {
              then(Error{ErrorCode::kUnavailable, system.render(error)});
            });
}

}  // namespace mosaic::actors
