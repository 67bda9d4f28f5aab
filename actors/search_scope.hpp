// Which shards of a collection a search asks, and for what: all for everything, or only those
// nearest to its vector where documents live by centroid and the request says how many will do.
#pragma once

#include "actors/routes.hpp"

namespace mosaic::actors {

struct SearchScope {
  std::vector<ShardId> shards;              ///< to be asked at all
  std::vector<ShardId> without_vector;      ///< of those: asked for text alone
  std::optional<Explain::Routing> routing;  ///< where documents live by centroid

  /// What `shard` is asked, of what the search as a whole asks.
  shard::ShardQuery query_for(ShardId shard, shard::ShardQuery query) const;
};

/// While documents move, all are asked: the nearest shard may not have them yet.
SearchScope search_scope(const collection_route& route, const SearchRequest& request,
                         const shard::ShardQuery& query);

}  // namespace mosaic::actors
