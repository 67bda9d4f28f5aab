// Who wants to read what was written up to a seq waits here until this node has it. Part of the log
// bridge.
#pragma once

#include "actors/log.hpp"
#include "actors/log_room.hpp"

namespace mosaic::actors {

/// Between two looks whether those who wait can go on.
constexpr std::chrono::milliseconds kReachPause{2};

/// Answers with the collection's cut when that has come so far, or, without a collection, when the
/// catalog has; unavailable at the deadline.
caf::result<Seq> reach(log_pointer self, const reach_request& request);

/// Lets those go on who can. Called again by itself while somebody waits.
void let_reach(log_pointer self);

}  // namespace mosaic::actors
