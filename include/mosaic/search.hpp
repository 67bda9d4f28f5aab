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
constexpr std::uint32_t kEfDefault = 100;
constexpr std::uint32_t kEfMax = 10'000;

enum class SearchMode : std::uint8_t { kDefault, kVector, kText, kHybrid };

/// How hybrid search joins its arms: by the reciprocals of ranks (Cormack, Clarke, Buettcher: RRF,
/// SIGIR 2009), or by a weighted sum of scores that were brought to 0..1.
enum class Fusion : std::uint8_t { kRrf, kWeighted };

/// How fresh an answer must be. Eventual: whatever the node that answers has applied. Session: all
/// up to `min_seq`. Strong: all that was acknowledged anywhere before the search began.
enum class Consistency : std::uint8_t { kEventual, kSession, kStrong };

constexpr double kWeightMax = 1'000;

/// What vectors of an embedder without context weigh against text in a weighted sum; others weigh
/// as much as text. Measured over sixteen judged collections: docs/RANKING.md.
constexpr double kStaticVectorWeight = 0.6;

/// How much each part counts in hybrid search. PageRank counts when asked for: a job that somebody
/// ran must not change everybody's rankings.
struct Weights {
  std::optional<double> vector = {};  ///< absent: default_vector_weight()
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
  Fusion fusion = Fusion::kWeighted;
  Weights weights;
  double diversity = 0;  ///< 0 to 1: how much a hit loses for being like a better one
  std::string filter;    ///< JSON text of a filter, or empty
  std::string where;     ///< one SQL expression, or empty
  std::optional<double> min_score;
  std::uint32_t ef = 0;  ///< beam of a walk through the index, at least k; 0: kEfDefault
  bool exact = false;    ///< scan the float32 vectors instead of asking the index
  /// Of a collection that is routed by centroid: vectors are looked for in the so many shards
  /// nearest to the query's alone; 0: in all.
  std::uint32_t shards_to_search = 0;
  bool audit = false;  ///< search exactly as well, and say how many of those hits were found
  std::uint32_t timeout_ms = 0;  ///< 0: the node's default
  Include include;
  bool explain = false;
  std::string trace_id;            ///< of the HTTP request that it came with, or empty; only logged
  std::optional<AsOf> as_of = {};  ///< absent: as it stands now
  Consistency consistency = Consistency::kSession;
  Seq min_seq = 0;
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

/// How one shard looked for the nearest vectors, and what it cost.
struct VectorPlan {
  /// `scan`: every live vector; `scan_matches`: those that pass the filter; `walk`: through the
  /// graph; `walk_then_scan`: a walk that met too few matches and was given up for a scan of them.
  std::string way;
  std::string reason;          ///< why this way, for people; nothing that a user wrote
  std::uint64_t nodes = 0;     ///< of the graph; 0 without one
  std::uint64_t tail = 0;      ///< vectors that are not yet in the graph, scanned always
  std::uint64_t matches = 0;   ///< nodes of the graph that pass the filter; all without one
  std::uint64_t compared = 0;  ///< codes and vectors that the query was compared with
  std::uint64_t reranked = 0;  ///< of those, measured again with their float32 vector
  double walk_cost = 0;        ///< expected, in comparisons; 0 where it was no choice
  double scan_cost = 0;        ///< the same for a scan of the matches
  std::string codes = {};  ///< of the graph: a Quantization, maybe wider than asked for; else empty
};

/// How much of the exact answer an answer held: `audit`. Looks at the k nearest by vector, before
/// fusion, `min_score` and diversity, in the shards that answered. Whatever is as near as the
/// last of the exact ones counts as found.
struct Audit {
  double recall = 1;           ///< found / expected; 1 where nothing matches
  std::uint64_t expected = 0;  ///< min(k, matches)
  std::uint64_t found = 0;
  std::vector<std::string> missed;  ///< ids, nearest first
  std::string error;  ///< why there was no audit, and the rest means nothing; else empty
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
  /// Which shards were asked for vectors, where a collection is routed by centroid.
  struct Routing {
    std::uint32_t asked = 0;
    std::vector<ShardId> pruned;
    std::optional<double> expected_recall;  ///< see Centroids::recall; absent: not measured
    std::string reason;                     ///< why so many, for people
  };
  struct HitParts {
    std::string id;
    double score = 0;
    ScoreParts parts;
  };
  struct ShardPlan {
    ShardId shard;
    VectorPlan plan;
  };
  std::vector<Stage> stages;
  std::optional<Routing> routing;
  std::vector<ShardPlan> plans;  ///< of the shards that were searched by vector, by shard
  std::vector<HitParts> hits;    ///< in the order of the hits
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
  std::optional<Audit> audit = {};  ///< where it was asked for and something was searched by vector
};

std::string_view to_string(SearchMode mode);
std::string_view to_string(Fusion fusion);
std::string_view to_string(Consistency consistency);

/// The mode that kDefault stands for in `request`.
SearchMode effective_mode(const SearchRequest& request);

/// The weight of vectors that nobody has given: 1, but kStaticVectorWeight where a weighted sum
/// meets vectors that the node makes itself, word by word.
double default_vector_weight(Fusion fusion, const CollectionSettings& settings);

/// The beam that 0 stands for in `request`.
std::uint32_t effective_ef(const SearchRequest& request);

/// Checks everything that needs no shard: limits, mode against given fields, vector against
/// `settings`.
Status validate(const SearchRequest& request, const CollectionSettings& settings);

}  // namespace mosaic
