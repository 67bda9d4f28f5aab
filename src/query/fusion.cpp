#include "query/fusion.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>
#include <unordered_map>

namespace mosaic::query {
namespace {

using Candidates = std::vector<Candidate>;
using Part = std::optional<double> ScoreParts::*;
/// One kind of score: where it is known.
using ScoreOf = std::optional<double> (*)(const Candidate&);

std::optional<double> known_vector_score(const Candidate& candidate) {
  return candidate.vector_score;
}

std::optional<double> known_text_score(const Candidate& candidate) {
  return candidate.text_score;
}

std::optional<double> log_pagerank(const Candidate& candidate) {
  if (!candidate.pagerank || *candidate.pagerank <= 0) return std::nullopt;
  return std::log(*candidate.pagerank);
}

double reciprocal(std::size_t position) {
  return 1.0 / (kRrfConstant + static_cast<double>(position + 1));
}

void give_shares_by_rank(Candidates& arm, double weight, Part part) {
  for (std::size_t i = 0; i < arm.size(); ++i) arm[i].parts.*part = weight * reciprocal(i);
}

/// What the text arm knows and the vector arm does not.
void complete(Candidate& candidate, const Candidate& other) {
  if (!candidate.distance) candidate.distance = other.distance;
  if (!candidate.vector_score) candidate.vector_score = other.vector_score;
  if (!candidate.text_score) candidate.text_score = other.text_score;
  if (!candidate.pagerank) candidate.pagerank = other.pagerank;
  candidate.parts.text = other.parts.text;
}

Candidates join(Candidates vector_arm, Candidates text_arm) {
  auto joined = std::move(vector_arm);
  joined.reserve(joined.size() + text_arm.size());  // by_id points into it
  std::unordered_map<std::string_view, Candidate*> by_id;
  for (auto& candidate : joined) by_id.emplace(candidate.id, &candidate);
  for (auto& candidate : text_arm) {
    const auto found = by_id.find(candidate.id);
    if (found != by_id.end()) {
      complete(*found->second, candidate);
    } else {
      joined.push_back(std::move(candidate));
    }
  }
  return joined;
}

void give_shares_by_pagerank(Candidates& candidates, double weight) {
  std::vector<Candidate*> ranked;
  for (auto& candidate : candidates) {
    if (candidate.pagerank) ranked.push_back(&candidate);
  }
  std::sort(ranked.begin(), ranked.end(),
            [](const Candidate* a, const Candidate* b) { return *a->pagerank > *b->pagerank; });
  std::size_t first = 0;  // of those that are equal
  for (std::size_t i = 0; i < ranked.size(); ++i) {
    if (*ranked[i]->pagerank != *ranked[first]->pagerank) first = i;
    ranked[i]->parts.pagerank = weight * reciprocal(first);
  }
}

/// Between what the scores of one kind lie that are numbers.
struct Bounds {
  double least = std::numeric_limits<double>::infinity();
  double greatest = -std::numeric_limits<double>::infinity();
};

Bounds bounds_of(const Candidates& candidates, ScoreOf score_of) {
  Bounds bounds;
  for (const auto& candidate : candidates) {
    const auto score = score_of(candidate);
    if (!score || !std::isfinite(*score)) continue;
    bounds.least = std::min(bounds.least, *score);
    bounds.greatest = std::max(bounds.greatest, *score);
  }
  return bounds;
}

/// 0 to 1. Where nothing lies between the bounds it is 1; no number at all is taken for the least.
double scaled(double score, const Bounds& bounds) {
  if (!(bounds.greatest > bounds.least)) return 1;
  return std::isfinite(score) ? (score - bounds.least) / (bounds.greatest - bounds.least) : 0;
}

void give_shares(Candidates& candidates, double weight, ScoreOf score_of, Part part,
                 const Bounds& bounds) {
  if (weight == 0) return;
  for (auto& candidate : candidates) {
    if (const auto score = score_of(candidate))
      candidate.parts.*part = weight * scaled(*score, bounds);
  }
}

double total(const ScoreParts& parts) {
  return parts.vector.value_or(0) + parts.text.value_or(0) + parts.pagerank.value_or(0);
}

Candidates fuse_by_rank(const Weights& weights, Candidates vector_arm, Candidates text_arm) {
  give_shares_by_rank(vector_arm, *weights.vector, &ScoreParts::vector);
  give_shares_by_rank(text_arm, weights.text, &ScoreParts::text);
  auto fused = join(std::move(vector_arm), std::move(text_arm));
  if (weights.pagerank > 0) give_shares_by_pagerank(fused, weights.pagerank);
  return fused;
}

Candidates fuse_by_score(const Weights& weights, double full_text_score, Candidates vector_arm,
                         Candidates text_arm) {
  auto fused = join(std::move(vector_arm), std::move(text_arm));
  const auto vector = bounds_of(fused, known_vector_score);
  const Bounds text{0, std::max(full_text_score, bounds_of(fused, known_text_score).greatest)};
  const auto pagerank = bounds_of(fused, log_pagerank);
  give_shares(fused, *weights.vector, known_vector_score, &ScoreParts::vector, vector);
  give_shares(fused, weights.text, known_text_score, &ScoreParts::text, text);
  give_shares(fused, weights.pagerank, log_pagerank, &ScoreParts::pagerank, pagerank);
  return fused;
}

}  // namespace

std::vector<Candidate> fuse(Fusion fusion, const Weights& weights, double full_text_score,
                            std::vector<Candidate> vector_arm, std::vector<Candidate> text_arm) {
  if (*weights.vector == 0) vector_arm.clear();
  if (weights.text == 0) text_arm.clear();
  auto fused =
      fusion == Fusion::kRrf
          ? fuse_by_rank(weights, std::move(vector_arm), std::move(text_arm))
          : fuse_by_score(weights, full_text_score, std::move(vector_arm), std::move(text_arm));
  for (auto& candidate : fused) candidate.score = total(candidate.parts);
  return fused;
}

}  // namespace mosaic::query
