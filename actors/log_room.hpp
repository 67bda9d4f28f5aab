// How much the log bridge holds, who waits, and what is done about it: shards are asked to save,
// then writes are refused.
#pragma once

#include "actors/log.hpp"

namespace mosaic::actors {

using log_pointer = log_actor::stateful_pointer<log_state>;

Error queue_is_full(const log_state& state, std::size_t bytes);
Error log_is_full(const log_state& state, std::uint64_t bytes);

/// Asks shards to save when the log keeps much of what they have not.
void make_room(log_pointer self);

/// To the metrics.
void tell_state(log_pointer self);

log_status status(log_pointer self);

}  // namespace mosaic::actors
