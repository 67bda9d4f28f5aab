// One search on its way: the document to be like and the query's vector where it needs them, term
// statistics where several shards share them, candidates, ranking, the documents of the winners,
// and an audit where it is asked for.
// All shards answer as of one cut; when that has gone by before all were asked, the search starts
// again at a newer one. Each stage leaves time for those that follow, so that a shard that is late
// costs its own hits and not the answer.
#pragma once

#include "actors/coordinator.hpp"

namespace mosaic::actors {

/// `done` is called exactly once.
void start_search(coordinator_actor::stateful_pointer<coordinator_state> self,
                  SearchRequest request, std::function<void(Result<SearchReply>)> done);

}  // namespace mosaic::actors
