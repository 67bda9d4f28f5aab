// Finds room for the documents of a write within limits.collection_documents, asking the shards
// when the limit is near. Used by ingest; what has been given out is in the ledger that all of them
// share.
#pragma once

#include <functional>

#include "actors/ingest.hpp"
#include "base/entry.hpp"

namespace mosaic::actors {

/// To be held until the write is over; null when there is no limit.
using document_place = cluster::DocumentLedger::PlacePtr;

/// `then` is called exactly once, at once unless shards must be asked. Errors: permission_denied
/// when the batch would bring the collection above the limit, overloaded when that shows only after
/// writes under way or a late shard has caught up, not_found when the collection was dropped
/// meanwhile, or near the limit that of a shard that does not answer.
void find_room(ingest_actor::stateful_pointer<ingest_state> self,
               const std::shared_ptr<collection_route>& route, const WriteBatch& batch,
               Deadline deadline, std::function<void(Result<document_place>)> then);

/// Documents of the collection were deleted: there may be room again.
void documents_deleted(ingest_actor::stateful_pointer<ingest_state> self,
                       const collection_route& route);

void collection_gone(ingest_actor::stateful_pointer<ingest_state> self, CollectionId id);

}  // namespace mosaic::actors
