// One search on its way: term statistics where several shards share them, candidates, then the
// documents of the winners. All shards answer as of one cut; when that has gone by before all were
// asked, the search starts again at a newer one.
#pragma once

#include "actors/coordinator.hpp"
#include "shard/search_merge.hpp"

namespace mosaic::actors {

void start_search(coordinator_actor::stateful_pointer<coordinator_state> self,
                  SearchRequest request, caf::typed_response_promise<SearchReply> promise);

}  // namespace mosaic::actors
