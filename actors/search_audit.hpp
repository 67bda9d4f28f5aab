// The audit of a search: the same shards are asked once more, to scan all vectors of the same
// state, and what the search had found is compared with that.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "actors/coordinator.hpp"

namespace mosaic::actors {

/// `found`: the nearest that the search found in `shards`, as many as `exact` asks for at most.
/// `done` is called exactly once, by the deadline. One shard that fails makes recall a guess: then
/// there is no audit, and its error names the shard.
void audit_search(coordinator_actor::stateful_pointer<coordinator_state> self,
                  const std::shared_ptr<collection_route>& route, std::vector<ShardId> shards,
                  shard_search_request exact, std::vector<query::Candidate> found,
                  std::function<void(Audit)> done);

}  // namespace mosaic::actors
