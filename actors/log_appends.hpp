// The way of a write into the log: checked, held while its collection goes over to another
// embedder, appended here or by the leader, asked for again when that is lost. Part of the log
// bridge.
#pragma once

#include "actors/log.hpp"
#include "actors/log_room.hpp"

namespace mosaic::actors {

/// How long a write waits for a leader, or for one that has gone silent, before it is refused: an
/// election takes well under a second.
constexpr std::chrono::seconds kLeaderPatience{3};
/// A write that is sent again under its own name is known for so long.
constexpr std::uint32_t kResendWindowS = 60;

caf::result<append_reply> append(log_pointer self, const append_request& request);

/// For another node.
caf::result<leader_reply> append_for(log_pointer self, const forwarded_append& forwarded);

/// The log has not taken an append.
void refused(log_pointer self, const refusal& x);

/// Of a collection that goes over to another embedder: this node must lead.
caf::result<void> hold(log_pointer self, const hold_request& request);

/// Writes that waited go on, to be made anew if the collection has other vectors now.
void let_go(log_pointer self, CollectionId id);

/// Nobody waits for the hold of a collection that is gone.
void refuse_held(log_pointer self, const std::deque<log_state::held_write>& held,
                 const Error& error);

/// The cluster has forgotten entries that this node lacks: it hears of no more until it has begun
/// anew, and whoever waits for one is answered at once.
bool is_overtaken(const log_state& state);

/// What has waited too long is refused, and what was lost with a leader is asked of the next.
void attend_appends(log_pointer self);

}  // namespace mosaic::actors
