#include "query/merge.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

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

}  // namespace

void keep_best(std::vector<Candidate>& candidates, std::size_t k) {
  const auto kept = static_cast<std::ptrdiff_t>(std::min(k, candidates.size()));
  std::partial_sort(candidates.begin(), candidates.begin() + kept, candidates.end(), is_better);
  candidates.erase(candidates.begin() + kept, candidates.end());
}

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

}  // namespace mosaic::query
