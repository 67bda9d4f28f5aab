// A search and its answer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mosaic/document.hpp"

namespace mosaic {

constexpr std::size_t kHitsMax = 10'000;
constexpr std::size_t kBatchSearchesMax = 1'000;
constexpr std::size_t kQueryBytesMax = 64 << 10;
constexpr std::size_t kFilterBytesMax = 64 << 10;
constexpr std::size_t kWhereBytesMax = 64 << 10;
constexpr std::uint32_t kTimeoutMsMax = 600'000;

enum class SearchMode : std::uint8_t { kDefault, kVector, kText, kHybrid };

/// At least one of query and vector is given. kDefault means hybrid with a query, else vector.
struct SearchRequest {
  std::string collection;
  std::optional<std::string> query;
  Vector vector;
  std::size_t k = 10;
  SearchMode mode = SearchMode::kDefault;
  std::string filter;  ///< JSON text of a filter, or empty
  std::string where;   ///< one SQL expression, or empty
  std::optional<double> min_score;
  std::uint32_t timeout_ms = 0;  ///< 0: the node's default
  Include include;
};

/// The parts that a hit's score is made of, as far as they exist.
struct HitScores {
  std::optional<double> vector;
  std::optional<double> text;
  std::optional<double> pagerank;
};

/// `score`: larger is better. `distance`: as the metric says, absent without a vector on either
/// side.
struct Hit {
  StoredDocument stored;
  double score = 0;
  std::optional<double> distance;
  HitScores scores;
};

struct ShardFailure {
  ShardId shard;
  std::string node;
  Error error;
};

/// Hits by falling score, ties by id. Partial when a shard did not answer; `failed` names those.
struct SearchReply {
  std::vector<Hit> hits;
  double took_ms = 0;
  Seq seq = 0;
  bool partial = false;
  std::uint32_t shards_total = 0;
  std::uint32_t shards_searched = 0;
  std::vector<ShardFailure> failed;
};

std::string_view to_string(SearchMode mode);

/// The mode that kDefault stands for in `request`.
SearchMode effective_mode(const SearchRequest& request);

/// Checks everything that needs no shard: limits, mode against given fields, vector against
/// `settings`.
Status validate(const SearchRequest& request, const CollectionSettings& settings);

}  // namespace mosaic
