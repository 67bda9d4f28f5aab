// Vectors to measure an index with: made from a seed, or read from .fvecs files, plain or gzipped.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mosaic/collection.hpp"

namespace mosaic::bench {

struct VectorData {
  std::string name;
  Metric metric = Metric::kCosine;
  std::uint32_t dimension = 0;
  std::vector<float> base;     ///< one vector after the other
  std::vector<float> queries;  ///< the same

  std::size_t size() const { return base.size() / dimension; }
  std::size_t query_count() const { return queries.size() / dimension; }
  const float* row(std::size_t number) const { return base.data() + number * dimension; }
  const float* query(std::size_t number) const { return queries.data() + number * dimension; }
};

struct Clusters {
  std::size_t count = 1'000;
  std::size_t directions = 24;  ///< in which a cluster spreads, each less than the one before
  double spread = 1;            ///< of the first direction, against the distance between clusters
  double noise = 0.3;           ///< in every dimension, on the same scale
  std::uint64_t seed = 42;
};

/// A mixture of Gaussians whose sizes fall like a power law, with centres in few dimensions: like
/// embeddings, it has fewer dimensions locally than it has numbers. Queries are drawn like rows.
VectorData clustered(Metric metric, std::uint32_t dimension, std::size_t rows, std::size_t queries,
                     const Clusters& clusters);

/// At most `queries` queries. Throws std::runtime_error where a file is not what it should be.
VectorData from_fvecs(Metric metric, const std::string& base, const std::string& queries,
                      std::size_t queries_max);

/// Throws std::runtime_error when it cannot.
void write_fvecs(const std::string& path, const std::vector<float>& vectors,
                 std::uint32_t dimension);

}  // namespace mosaic::bench
