// Who is to be asked for a document of which only the id is known.
#pragma once

#include <string_view>
#include <vector>

#include "base/checksum.hpp"
#include "mosaic/centroids.hpp"

namespace mosaic::routing {

/// The shards that may hold the document: its home by hash, or all of a collection that is routed
/// by centroid.
inline std::vector<ShardId> possible_homes(std::string_view id,
                                           const CollectionSettings& settings) {
  if (!is_by_centroid(settings)) return {home_shard(id, settings.shards)};
  std::vector<ShardId> all;
  for (std::uint32_t i = 0; i < settings.shards; ++i) all.push_back({i});
  return all;
}

}  // namespace mosaic::routing
