// The part of membership that keeps the connections to other nodes.
#pragma once

#include "actors/membership.hpp"

namespace mosaic::actors {

/// Connects to those that are new, lets go of those that are gone.
void follow_nodes(membership_pointer self);

/// Tries to connect to a node that is not connected.
void reach(membership_pointer self, std::uint64_t node);

/// Those that are known to be down.
NodeIds lost_nodes(membership_pointer self);

/// Whether it answers.
bool is_reached(const membership_state& state, const membership_state::peer& peer, TimePoint now);

/// The replicas of this node are others now: they are to know those of all nodes.
void introduce_again(membership_pointer self);

/// Tells everybody how this node fares and hears how they do.
void exchange_reports(membership_pointer self);

/// The connection is gone: all that was asked over it fails at once.
void peer_lost(membership_pointer self, std::uint64_t node, const Error& why);

/// Any connection may have ended with this actor.
void peer_down(membership_pointer self, const caf::down_msg& down);

/// Asks another node; when it is lost meanwhile, `then` hears so at once.
template <class Reply, class... Message>
void ask_peer(membership_pointer self, const membership_state::peer& peer,
              std::chrono::nanoseconds timeout, std::function<void(Result<Reply>)> then,
              Message... message) {
  auto& state = self->state;
  const auto number = ++state.last_number;
  state.relays[number] = {peer.record.id, [then](const Error& error) { then(error); }};
  const auto answered = [=](Result<Reply> reply) {
    if (self->state.relays.erase(number) != 0) then(std::move(reply));
  };
  self->request(peer.actor, caf::duration(timeout), std::move(message)...)
      .then([=](Reply& reply) { answered(std::move(reply)); },
            [=](caf::error& error) { answered(from_caf(error)); });
}

/// The answer is that of `promise`.
template <class Reply, class... Message>
void ask_peer(membership_pointer self, const membership_state::peer& peer,
              std::chrono::nanoseconds timeout, sure_promise<Reply> promise, Message... message) {
  const std::function<void(Result<Reply>)> then = [promise](Result<Reply> reply) mutable {
    reply ? promise.deliver(*std::move(reply)) : refuse(promise, reply.error());
  };
  ask_peer(self, peer, timeout, then, std::move(message)...);
}

}  // namespace mosaic::actors
