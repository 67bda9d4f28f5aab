// How fresh an answer must be: a search waits until this node has come as far as it asks for.
#pragma once

#include "actors/coordinator.hpp"

namespace mosaic::actors {

/// Calls `then` once the collection of `request` is fresh enough here, at once where it is; with
/// unavailable when it has not come so far within the time of the search, or when a strong search
/// finds no leader. What is asked of the past waits for nothing. The time that was waited is taken
/// off `request.timeout_ms`.
void when_fresh_enough(coordinator_actor::stateful_pointer<coordinator_state> self,
                       SearchRequest request, std::function<void(Result<SearchRequest>)> then);

}  // namespace mosaic::actors
