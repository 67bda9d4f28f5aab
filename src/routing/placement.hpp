// Which shard of a collection that is routed by centroid a document lives in, and which shards are
// nearest to a query. Pure and immutable: any thread may share it. What it says of a document is
// decided once, where the document is written, and travels with the write: sums of floats differ
// between machines.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "mosaic/centroids.hpp"

namespace mosaic::routing {

class Placement {
 public:
  /// `centroids` may have none.
  Placement(const CollectionSettings& settings, std::shared_ptr<const Centroids> centroids);

  /// The shard of the nearest centroid, the lowest of equals; under dot by l2, since k-means
  /// clusters so. By the hash of the id where there is no vector or no centroid.
  ShardId home(std::string_view id, const Vector& vector) const;

  /// All shards, the nearest centroid first, by the metric of the collection (dot: the largest
  /// product); ties by number. By number where there are no centroids.
  std::vector<ShardId> nearest(const Vector& query) const;

  const Centroids& centroids() const { return *centroids_; }

 private:
  /// Of each centroid: smaller is nearer.
  std::vector<double> keys_of(Metric metric, const Vector& vector) const;

  Metric metric_;
  std::uint32_t shards_;
  std::shared_ptr<const Centroids> centroids_;
  std::vector<double> scales_;  ///< what distances need beside each centroid: index::Measure
};

}  // namespace mosaic::routing
