// Centroids of a sample of vectors: Lloyd's iterations from a start by k-means++ (Arthur and
// Vassilvitskii, SODA 2007). Pure: the same sample, options and metric give the same centroids on
// every machine and whatever the order of the sample.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "mosaic/collection.hpp"
#include "mosaic/document.hpp"

namespace mosaic::routing {

struct KmeansOptions {
  std::uint32_t clusters = 1;
  std::uint32_t iterations = 25;  ///< at most so many
  std::uint64_t seed = 0;
};

struct Kmeans {
  std::vector<Vector> centroids;  ///< `clusters` of them, all different
  std::uint32_t iterations = 0;   ///< that were done
  bool converged = false;         ///< no vector changed its cluster in the last one
  /// What iterations lower: the mean distance of a vector to its centroid, squared under l2 and
  /// dot.
  double distortion = 0;
};

/// Told the share of the work that is done, 0 to 1; false ends it.
using GoOn = std::function<bool(double done)>;

/// Clusters under cosine are of directions (spherical k-means: centroids have length 1); under dot,
/// which is no distance, they are those of l2; under l1 centroids are medians. A cluster that has
/// lost all its vectors takes the vector that is farthest from its own centroid. Errors:
/// invalid_argument when the sample has fewer different vectors (or directions) than clusters;
/// unavailable when `go_on` ended it.
Result<Kmeans> kmeans(std::vector<Vector> sample, Metric metric, const KmeansOptions& options,
                      const GoOn& go_on = {});

}  // namespace mosaic::routing
