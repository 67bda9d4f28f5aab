#include "query/rank.hpp"

#include <algorithm>

#include "query/fusion.hpp"
#include "query/merge.hpp"

namespace mosaic::query {
namespace {

/// How many candidates rank() gives.
std::size_t ranked_max(const RankPlan& plan) {
  if (plan.diversity == 0) return plan.k;
  const auto pool = std::clamp(kDiversityPoolFactor * plan.k, kDiversityPoolMin, kDiversityPoolMax);
  return std::max(plan.k, pool);
}

std::vector<Candidate> with_one_part(std::vector<Candidate> arm,
                                     std::optional<double> ScoreParts::*part) {
  for (auto& candidate : arm) candidate.parts.*part = candidate.score;
  return arm;
}

}  // namespace

RankPlan rank_plan(const SearchRequest& request, const CollectionSettings& settings) {
  auto weights = request.weights;
  if (!weights.vector) weights.vector = default_vector_weight(request.fusion, settings);
  return {effective_mode(request), request.fusion,    weights, request.k,
          request.min_score,       request.diversity, 0};
}

std::size_t arm_depth(const RankPlan& plan) {
  const auto wanted = ranked_max(plan);
  return plan.mode == SearchMode::kHybrid ? std::max(2 * wanted, kFusionDepthMin) : wanted;
}

std::vector<Candidate> rank(const RankPlan& plan, std::vector<std::vector<Candidate>> vector_arms,
                            std::vector<std::vector<Candidate>> text_arms) {
  const auto depth = arm_depth(plan);
  // Past the collection's depth some shards have candidates and others were not asked for them.
  auto by_vector = merge_top_k(std::move(vector_arms), depth);
  auto by_text = merge_top_k(std::move(text_arms), depth);
  std::vector<Candidate> ranked;
  if (plan.mode == SearchMode::kVector) {
    ranked = with_one_part(std::move(by_vector), &ScoreParts::vector);
  } else if (plan.mode == SearchMode::kText) {
    ranked = with_one_part(std::move(by_text), &ScoreParts::text);
  } else {
    ranked = fuse(plan.fusion, plan.weights, plan.full_text_score, std::move(by_vector),
                  std::move(by_text));
  }
  if (plan.min_score) {
    std::erase_if(
        ranked, [&](const Candidate& candidate) { return !(candidate.score >= *plan.min_score); });
  }
  keep_best(ranked, ranked_max(plan));
  return ranked;
}

}  // namespace mosaic::query
