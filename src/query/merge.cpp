#include "query/merge.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>
#include <unordered_map>

namespace mosaic::query {
namespace {

/// Sums of huge components can end in NaN, which must not break the order: it ranks last.
double rank_value(double score) {
  return std::isnan(score) ? -std::numeric_limits<double>::infinity() : score;
}

bool is_better(const Candidate& a, const Candidate& b) {
  const auto score_a = rank_value(a.score);
  const auto score_b = rank_value(b.score);
  return score_a != score_b ? score_a > score_b : a.id < b.id;
}

void keep_best(std::vector<Candidate>& candidates, std::size_t k) {
  const auto kept = static_cast<std::ptrdiff_t>(std::min(k, candidates.size()));
  std::partial_sort(candidates.begin(), candidates.begin() + kept, candidates.end(), is_better);
  candidates.erase(candidates.begin() + kept, candidates.end());
}

double reciprocal(std::size_t position) {
  return 1.0 / (kRrfConstant + static_cast<double>(position + 1));
}

/// What the text arm knows and the vector arm does not.
void complete(Candidate& candidate, const Candidate& other) {
  if (!candidate.distance) candidate.distance = other.distance;
  if (!candidate.vector_score) candidate.vector_score = other.vector_score;
  if (!candidate.text_score) candidate.text_score = other.text_score;
}

}  // namespace

std::vector<Candidate> merge_top_k(std::vector<std::vector<Candidate>> lists, std::size_t k) {
  std::vector<Candidate> merged;
  for (auto& list : lists) {
    std::move(list.begin(), list.end(), std::back_inserter(merged));
  }
  keep_best(merged, k);
  return merged;
}

double vector_score(Metric metric, double distance) {
  switch (metric) {
    case Metric::kCosine:
      return 1 - distance;
    case Metric::kDot:
      return -distance;
    case Metric::kL2:
    case Metric::kL1:
      break;
  }
  return 1 / (1 + distance);
}

std::vector<Candidate> fuse_rrf(std::vector<Candidate> vector_arm, std::vector<Candidate> text_arm,
                                std::size_t k) {
  auto fused = std::move(vector_arm);
  fused.reserve(fused.size() + text_arm.size());  // by_id points into it
  std::unordered_map<std::string_view, Candidate*> by_id;
  for (std::size_t i = 0; i < fused.size(); ++i) {
    fused[i].score = reciprocal(i);
    by_id.emplace(fused[i].id, &fused[i]);
  }
  for (std::size_t i = 0; i < text_arm.size(); ++i) {
    const auto found = by_id.find(text_arm[i].id);
    if (found != by_id.end()) {
      found->second->score += reciprocal(i);
      complete(*found->second, text_arm[i]);
    } else {
      fused.push_back(std::move(text_arm[i]));
      fused.back().score = reciprocal(i);
    }
  }
  keep_best(fused, k);
  return fused;
}

}  // namespace mosaic::query
