// What it costs to ask only the nearest shards, measured before anybody pays it. Pure.
#pragma once

#include <vector>

#include "routing/kmeans.hpp"
#include "routing/placement.hpp"

namespace mosaic::routing {

/// So many vectors of a sample serve as queries, and so many neighbours of each are looked for.
constexpr std::size_t kRecallQueries = 500;
constexpr std::size_t kRecallNeighbours = 10;

/// [n - 1]: the share of the nearest neighbours of vectors in `sample`, themselves left out, that
/// live in the n shards nearest to them; the last is 1. The first kRecallQueries vectors are the
/// queries. Neighbours in a sample are farther away than those among all documents, so a search
/// may expect rather more. Empty when the sample has fewer than two vectors, `placement` no
/// centroids, or `go_on` ended it.
std::vector<double> expected_recall(const std::vector<Vector>& sample, const Placement& placement,
                                    Metric metric, const GoOn& go_on = {});

}  // namespace mosaic::routing
