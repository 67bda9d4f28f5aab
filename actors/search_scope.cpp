#include "actors/search_scope.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "actors/fan_out.hpp"

namespace mosaic::actors {
namespace {

/// Why all shards are asked for vectors; empty when fewer will do.
std::string reason_for_all(const Centroids& centroids, const SearchRequest& request,
                           const shard::ShardQuery& query, std::size_t shards) {
  if (request.shards_to_search == 0) return "shards_to_search is not set";
  if (request.shards_to_search >= shards) return "shards_to_search asks for all";
  if (!query.vector_arm || query.vector.empty()) return "the search has no vector to go by";
  if (centroids.seq == 0) return "there are no centroids yet";
  if (!centroids.settled) return "documents are moving to new centroids";
  return {};
}

}  // namespace

shard::ShardQuery SearchScope::query_for(ShardId shard, shard::ShardQuery query) const {
  if (std::find(without_vector.begin(), without_vector.end(), shard) != without_vector.end())
    query.vector_arm = false;
  return query;
}

SearchScope search_scope(const collection_route& route, const SearchRequest& request,
                         const shard::ShardQuery& query) {
  SearchScope scope{all_shards(route), {}, std::nullopt};
  if (!route.placement) return scope;
  const auto& centroids = route.placement->centroids();
  auto reason = reason_for_all(centroids, request, query, scope.shards.size());
  const auto asked = reason.empty() ? request.shards_to_search : scope.shards.size();
  scope.routing = Explain::Routing{static_cast<std::uint32_t>(asked), {}, std::nullopt, reason};
  if (!reason.empty()) {
    scope.routing->expected_recall = 1;
    return scope;
  }
  scope.routing->reason = fmt::format("the nearest {} of {} centroids", asked, scope.shards.size());
  if (asked <= centroids.recall.size())
    scope.routing->expected_recall = centroids.recall[asked - 1];
  auto nearest = route.placement->nearest(query.vector);
  nearest.resize(asked);
  scope.routing->pruned = others(route, nearest);
  // Text has no centroids: it is looked for everywhere.
  if (query.text.empty()) {
    std::sort(nearest.begin(), nearest.end());
    scope.shards = std::move(nearest);
  } else {
    scope.without_vector = scope.routing->pruned;
  }
  return scope;
}

}  // namespace mosaic::actors
