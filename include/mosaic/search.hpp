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

/// How hybrid search joins its arms: by the reciprocals of ranks (Cormack, Clarke, Buettcher: RRF,
/// SIGIR 2009), or by a weighted sum of scores that were brought to 0..1.
enum class Fusion : std::uint8_t { kRrf, kWeighted };

constexpr double kWeightMax = 1'000;

/// How much each part counts in hybrid search. PageRank counts when asked for: a job that somebody
/// ran must not change everybody's rankings.
struct Weights {
  double vector = 1;
  double text = 1;
  double pagerank = 0;
  friend bool operator==(const Weights&, const Weights&) = default;
};

/// At least one of query, vector and document is given. kDefault means hybrid with a query, else
/// vector.
struct SearchRequest {
  std::string collection;
  std::optional<std::string> query;
  Vector vector;
  std::optional<std::string> document;  ///< more like this one, which is no hit itself
  std::size_t k = 10;
  SearchMode mode = SearchMode::kDefault;
  Fusion fusion = Fusion::kRrf;
  Weights weights;
  double diversity = 0;  ///< 0 to 1: how much a hit loses for being like a better one
  std::string filter;    ///< JSON text of a filter, or empty
  std::string where;     ///< one SQL expression, or empty
  std::optional<double> min_score;
  std::uint32_t timeout_ms = 0;  ///< 0: the node's default
  Include include;
  bool explain = false;
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

/// What a score is the sum of. Parts that took no share are absent; `diversity` is what was taken
/// off for likeness to better hits, and so negative.
struct ScoreParts {
  std::optional<double> vector;
  std::optional<double> text;
  std::optional<double> pagerank;
  std::optional<double> diversity;
  friend bool operator==(const ScoreParts&, const ScoreParts&) = default;
};

/// How a search went: what each stage cost and left over, and what each hit's score is made of.
struct Explain {
  struct Stage {
    std::string name;
    double took_ms = 0;
    std::uint64_t candidates = 0;  ///< that the stage left over
    std::uint32_t shards_asked = 0;
    std::vector<ShardId> shards_pruned;  ///< that the stage had no need to ask, or could not
  };
  struct HitParts {
    std::string id;
    double score = 0;
    ScoreParts parts;
  };
  std::vector<Stage> stages;
  std::vector<HitParts> hits;  ///< in the order of the hits
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
  double missing_share = 0;  ///< of the collection's documents, estimated: those not searched
  std::optional<Explain> explain;
};

std::string_view to_string(SearchMode mode);
std::string_view to_string(Fusion fusion);

/// The mode that kDefault stands for in `request`.
SearchMode effective_mode(const SearchRequest& request);

/// Checks everything that needs no shard: limits, mode against given fields, vector against
/// `settings`.
Status validate(const SearchRequest& request, const CollectionSettings& settings);

}  // namespace mosaic
