#include "shard/search_plan.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "query/filter.hpp"
#include "query/rank.hpp"
#include "storage/sandbox.hpp"
#include "text/salient_words.hpp"

namespace mosaic::shard {
namespace {

Status check_conditions(const SearchRequest& request) {
  if (!request.filter.empty()) {
    if (const auto filter = query::Filter::parse(request.filter); !filter) return filter.error();
  }
  return request.where.empty() ? Status() : storage::check_where(request.where);
}

}  // namespace

Result<ShardQuery> plan_search(const SearchRequest& request, const CollectionSettings& settings) {
  if (const auto checked = validate(request, settings); !checked) return checked.error();
  if (const auto checked = check_conditions(request); !checked) return checked.error();
  const auto mode = effective_mode(request);
  ShardQuery query;
  query.depth = query::arm_depth(query::rank_plan(request, settings));
  query.filter = request.filter;
  query.where = request.where;
  query.vector = request.vector;
  query.vector_arm = mode != SearchMode::kText;
  query.pagerank = mode == SearchMode::kHybrid && request.weights.pagerank > 0;
  query.not_id = request.document.value_or("");
  query.ef = effective_ef(request);
  query.exact = request.exact;
  if (mode != SearchMode::kVector) query.text = request.query.value_or("");
  return query;
}

bool needs_embedding(const ShardQuery& query, const SearchRequest& request) {
  return query.vector_arm && query.vector.empty() && request.query.has_value();
}

Status plan_more_like(ShardQuery& query, const SearchRequest& request, const Document& like) {
  const auto mode = effective_mode(request);
  if (mode != SearchMode::kText) query.vector = like.vector;
  if (mode != SearchMode::kVector && !request.query)
    query.text = text::salient_words(like.title.value_or(""), like.text.value_or(""));
  if (!query.vector.empty() || !query.text.empty()) return {};
  return invalid(fmt::format("document '{}' has no {} to search by", like.id,
                             mode == SearchMode::kVector ? "vector"
                             : mode == SearchMode::kText ? "text"
                                                         : "vector and no text"));
}

std::size_t likely_hits(std::size_t k, std::size_t shards) {
  const auto mean = static_cast<double>(k) / static_cast<double>(shards);
  return std::min(k, static_cast<std::size_t>(mean + 2 * std::sqrt(mean)) + 1);
}

ShardQuery exact_query(ShardQuery query, std::size_t k) {
  query.text.clear();
  query.stats.reset();
  query.depth = k;
  query.pagerank = false;
  query.documents.reset();
  query.exact = true;
  return query;
}

}  // namespace mosaic::shard
