// The best of several shards' candidates made one list. Pure functions; every ranking here goes by
// falling score, ties by id.
#pragma once

#include <vector>

#include "query/candidate.hpp"

namespace mosaic::query {

/// Sorts the best `k` of `candidates` and drops the others.
void keep_best(std::vector<Candidate>& candidates, std::size_t k);

/// The best `k` of all lists, whose own order does not matter.
std::vector<Candidate> merge_top_k(std::vector<std::vector<Candidate>> lists, std::size_t k);

/// The score that the contract gives to a distance: the similarity for cosine and dot, 1/(1+d) for
/// l2 and l1.
double vector_score(Metric metric, double distance);

}  // namespace mosaic::query
