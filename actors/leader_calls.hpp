// How membership asks its log, and the leader. Part of membership.
#pragma once

#include "actors/peers.hpp"

namespace mosaic::actors {

inline replication::LogStanding standing(membership_pointer self) {
  return self->state.config.log->standing();
}

/// Why what only the leader can do is not done.
Error not_leading(const membership_state& state, const replication::LogStanding& at);

/// Calls the log; what its thread answers is heard of here.
void call_log(membership_pointer self, std::function<void(replication::LogDone)> start,
              std::function<void(Result<Seq>)> then);
void log_answered(membership_pointer self, const log_answer& answer);

/// A barrier of the log of this node, which leads.
caf::result<Seq> barrier(membership_pointer self);

/// Brings what only the leader can do to it.
template <class Reply, class... Message>
void pass_to_leader(membership_pointer self, std::chrono::nanoseconds timeout,
                    sure_promise<Reply> promise, Message... message) {
  const auto at = standing(self);
  const auto leader = self->state.peers.find(at.leader);
  if (leader == self->state.peers.end() || !leader->second.actor)
    return refuse(promise, not_leading(self->state, at));
  ask_peer(self, leader->second, timeout, promise, std::move(message)...);
}

}  // namespace mosaic::actors
