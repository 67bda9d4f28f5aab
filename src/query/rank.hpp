// From the candidates of all shards to one ranking: merge, fuse, add PageRank, thin out likeness.
// Pure; the ranker actor runs it. A ranking does not depend on how documents lie over shards.
#pragma once

#include <vector>

#include "mosaic/search.hpp"
#include "query/candidate.hpp"

namespace mosaic::query {

/// Hybrid search looks at least so deep into each arm: fusion needs ranks below the page that is
/// shown.
constexpr std::size_t kFusionDepthMin = 100;

/// Diversity chooses among so many candidates for each hit wanted, and at most so many at all: each
/// choice compares every candidate with the hit before.
constexpr std::size_t kDiversityPoolFactor = 4;
constexpr std::size_t kDiversityPoolMin = 50;
constexpr std::size_t kDiversityPoolMax = 1'000;

/// What ranking needs to know of a request.
struct RankPlan {
  SearchMode mode = SearchMode::kHybrid;  ///< never kDefault
  Fusion fusion = Fusion::kWeighted;
  Weights weights;  ///< that of vectors is known
  std::size_t k = 10;
  std::optional<double> min_score;
  double diversity = 0;
  double full_text_score = 0;  ///< as fuse() takes it
};

RankPlan rank_plan(const SearchRequest& request, const CollectionSettings& settings);

/// How many candidates each arm of each shard shall give.
std::size_t arm_depth(const RankPlan& plan);

/// The arms of each shard -> the best candidates by falling score, ties by id, each with the parts
/// that its score is the sum of: `k` of them, or with diversity the pool to choose from.
std::vector<Candidate> rank(const RankPlan& plan, std::vector<std::vector<Candidate>> vector_arms,
                            std::vector<std::vector<Candidate>> text_arms);

/// Maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998): chooses k of the pool one by
/// one, each time the one with the best score less its likeness to those chosen. The score becomes
/// that value, so hits still come by falling score. `vectors[i]` belongs to `pool[i]`; an empty one
/// is like nothing.
std::vector<Candidate> diversify(const RankPlan& plan, std::vector<Candidate> pool,
                                 const std::vector<Vector>& vectors);

}  // namespace mosaic::query
