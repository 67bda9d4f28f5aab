// Routing by centroid: each shard of a collection has a centroid, documents live at the nearest
// one, and a search may ask only the shards whose centroids are nearest to its vector.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mosaic/document.hpp"

namespace mosaic {

constexpr std::uint32_t kTrainSampleMax = 100'000;
constexpr std::size_t kTrainBytesMax = 1 << 30;  ///< of a sample
constexpr std::uint32_t kTrainIterationsMax = 1'000;

/// As they stand. Before the first training there are none, and documents live by the hash of
/// their id, as those without a vector always do.
struct Centroids {
  Seq seq = 0;                  ///< of the entry that set them; 0: there are none
  std::vector<Vector> vectors;  ///< one for each shard, in their order
  bool settled = true;          ///< false while documents move to where they belong
  /// [n - 1]: the share of the 10 nearest documents that the n nearest shards are expected to
  /// hold, measured on a sample once documents had moved; empty before.
  std::vector<double> recall;
  friend bool operator==(const Centroids&, const Centroids&) = default;
};

/// k-means over a sample of the documents' vectors. The same options over the same documents give
/// the same centroids.
struct TrainOptions {
  std::uint32_t sample = 10'000;  ///< vectors, at most kTrainSampleMax
  std::uint32_t iterations = 25;  ///< at most so many
  std::uint64_t seed = 0;
};

struct TrainRequest {
  std::string collection;
  TrainOptions options;
};

struct CentroidsRequest {
  std::string collection;
  std::vector<Vector> vectors;
};

/// Whether `settings` ask for routing by centroid.
bool is_by_centroid(const CollectionSettings& settings);

/// invalid_argument unless they do.
Status require_by_centroid(const CollectionSettings& settings);

/// The error names the field and its value; also where the collection is not routed by centroid, or
/// the sample is smaller than its number of shards.
Status validate(const TrainOptions& options, const CollectionSettings& settings);

/// The same for centroids that are set by hand: one for each shard, each a vector of the
/// collection.
Status validate_centroids(const std::vector<Vector>& vectors, const CollectionSettings& settings);

}  // namespace mosaic
