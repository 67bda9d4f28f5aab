// From a search request to what each shard is asked. Pure: needs no shard.
#pragma once

#include "shard/shard_searcher.hpp"

namespace mosaic::shard {

/// Checks the request, its filter and `where` included, before any shard is asked. What comes from
/// elsewhere (an embedded query, the document to be like) is still missing in the plan.
Result<ShardQuery> plan_search(const SearchRequest& request, const CollectionSettings& settings);

/// The query text still has to become a vector.
bool needs_embedding(const ShardQuery& query, const SearchRequest& request);

/// Searches by the vector and the salient words of `like`, as far as the mode asks for them and the
/// request brings none itself. Error: the document has nothing to go by.
Status plan_more_like(ShardQuery& query, const SearchRequest& request, const Document& like);

/// How many of the best `k` of all shards one of so many has at most, nearly always: where
/// documents are spread by chance, two standard deviations above the mean.
std::size_t likely_hits(std::size_t k, std::size_t shards);

/// What an audit asks: the `k` nearest by the same vector among the same documents, by a scan.
ShardQuery exact_query(ShardQuery query, std::size_t k);

}  // namespace mosaic::shard
