#include "mosaic/centroids.hpp"

#include <fmt/format.h>

namespace mosaic {

bool is_by_centroid(const CollectionSettings& settings) {
  return settings.routing == "centroid";
}

Status require_by_centroid(const CollectionSettings& settings) {
  if (is_by_centroid(settings)) return {};
  return invalid(fmt::format("collection '{}' is routed by {}: centroids need routing 'centroid'",
                             settings.name, settings.routing));
}

Status validate(const TrainOptions& options, const CollectionSettings& settings) {
  if (const auto checked = require_by_centroid(settings); !checked) return checked;
  if (options.sample < 1 || options.sample > kTrainSampleMax) {
    return invalid(fmt::format("sample is {}, must be 1 to {}", options.sample, kTrainSampleMax));
  }
  if (options.sample < settings.shards) {
    return invalid(
        fmt::format("sample is {}, collection '{}' has {} shards and needs a vector for each",
                    options.sample, settings.name, settings.shards));
  }
  const auto bytes = std::size_t{options.sample} * settings.dimension * sizeof(float);
  if (bytes > kTrainBytesMax) {
    return invalid(fmt::format("sample is {}, which takes {} bytes in {} dimensions, at most {}",
                               options.sample, bytes, settings.dimension, kTrainBytesMax));
  }
  if (options.iterations < 1 || options.iterations > kTrainIterationsMax) {
    return invalid(
        fmt::format("iterations is {}, must be 1 to {}", options.iterations, kTrainIterationsMax));
  }
  return {};
}

Status validate_centroids(const std::vector<Vector>& vectors, const CollectionSettings& settings) {
  if (const auto checked = require_by_centroid(settings); !checked) return checked;
  if (vectors.size() != settings.shards) {
    return invalid(fmt::format("centroids has {} vectors, the collection has {} shards",
                               vectors.size(), settings.shards));
  }
  for (std::size_t i = 0; i < vectors.size(); ++i) {
    const auto checked = validate_vector(vectors[i], settings);
    if (!checked) {
      const auto& error = checked.error();
      return Error{error.code, fmt::format("centroids[{}].{}", i, error.detail)};
    }
  }
  return {};
}

}  // namespace mosaic
