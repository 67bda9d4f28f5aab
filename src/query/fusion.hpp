// Joins the arms of hybrid search: one candidate for each document, with one score made of parts.
// Pure. Nothing here depends on how the documents lie over shards.
#pragma once

#include <vector>

#include "query/candidate.hpp"

namespace mosaic::query {

/// The constant of reciprocal rank fusion; 60 is the value of the paper.
constexpr double kRrfConstant = 60;

/// The candidates of both arms, in no order, each with its score and the parts of it. An arm comes
/// best first over the whole collection and names a document once; one whose weight is 0 brings no
/// candidates. The weight of vectors is known.
///
/// kRrf: weight / (kRrfConstant + rank) for each arm that ranks the document, the first rank being
/// 1. PageRank is one more ranking, of the candidates that have a value; equal values share the
/// better rank.
///
/// kWeighted: weight * score, each kind of score brought to 0..1.
///   Text: from 0, where a document has none of the words, to `full_text_score`, about that of a
///   document with each word once, or to the best score if that is greater. Bounds of theory, as in
///   Bruch et al., An Analysis of Fusion Functions for Hybrid Retrieval, TOIS 2023: where even the
///   best document holds little of the query, words have little to say.
///   Vectors: from the least to the greatest among the candidates, as they have no zero; 1 where
///   all are equal.
///   PageRank: as vectors, after taking its logarithm: its values follow a power law, so that
///   beside the few largest all others would come out as 0.
/// A score counts wherever it is known, whichever arm found the document; an unknown one counts as
/// 0.
std::vector<Candidate> fuse(Fusion fusion, const Weights& weights, double full_text_score,
                            std::vector<Candidate> vector_arm, std::vector<Candidate> text_arm);

}  // namespace mosaic::query
