// Rankings made one: the best of several shards, and the fusion of the vector and the text ranking.
// Pure functions; every ranking here goes by falling score, ties by id.
#pragma once

#include <vector>

#include "query/candidate.hpp"

namespace mosaic::query {

/// The constant of reciprocal rank fusion; 60 is the value of the paper.
constexpr double kRrfConstant = 60;

/// The best `k` of all lists, whose own order does not matter.
std::vector<Candidate> merge_top_k(std::vector<std::vector<Candidate>> lists, std::size_t k);

/// The score that the contract gives to a distance: the similarity for cosine and dot, 1/(1+d) for
/// l2 and l1.
double vector_score(Metric metric, double distance);

/// Reciprocal rank fusion (Cormack, Clarke and Buettcher, SIGIR 2009): a document's score is the
/// sum of 1 / (kRrfConstant + rank) over the arms that rank it, the first rank being 1. Each arm
/// comes best first and names a document once. A candidate keeps the score of either arm.
std::vector<Candidate> fuse_rrf(std::vector<Candidate> vector_arm, std::vector<Candidate> text_arm,
                                std::size_t k);

}  // namespace mosaic::query
