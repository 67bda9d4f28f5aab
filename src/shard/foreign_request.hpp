// Requests that came as bytes from another process instead of through HTTP: what HTTP's JSON reader
// would have refused is refused here. All other limits are checked where a request is carried out,
// whoever brought it. Pure functions; the errors name the field and its value.
#pragma once

#include "mosaic/request_id.hpp"
#include "mosaic/search.hpp"

namespace mosaic::shard {

Status check_foreign(const SearchRequest& request);
Status check_foreign(const DeleteRequest& request);
Status check_foreign(const CollectionSettings& settings);
Status check_foreign(const RequestId& request);

/// Minifies the documents' metadata, as shards keep it.
Status check_foreign(UpsertRequest& request);

}  // namespace mosaic::shard
