// Vectors for the tests of this room, and what the contract says about them, computed plainly in
// double precision.
#pragma once

#include <cmath>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "mosaic/centroids.hpp"

namespace mosaic::routing::test {

using Random = std::mt19937_64;

constexpr Metric kMetrics[] = {Metric::kCosine, Metric::kL2, Metric::kDot, Metric::kL1};

/// Of MOSAIC_TEST_SEED where that is set: repeats a run that failed.
inline std::uint64_t seed_of_run() {
  const char* given = std::getenv("MOSAIC_TEST_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
}

inline Vector random_vector(Random& random, std::size_t dimension, float spread = 1) {
  std::normal_distribution<float> value(0, spread);
  Vector vector(dimension);
  for (float& x : vector) x = value(random);
  return vector;
}

inline std::vector<Vector> random_vectors(Random& random, std::size_t count,
                                          std::size_t dimension) {
  std::vector<Vector> all;
  while (all.size() < count) all.push_back(random_vector(random, dimension));
  return all;
}

/// Vectors close around `centres`, as many around each, one after the other.
inline std::vector<Vector> around(Random& random, const std::vector<Vector>& centres,
                                  std::size_t each, float spread) {
  std::vector<Vector> all;
  for (std::size_t i = 0; i < each; ++i) {
    for (const auto& centre : centres) {
      auto vector = random_vector(random, centre.size(), spread);
      for (std::size_t j = 0; j < vector.size(); ++j) vector[j] += centre[j];
      all.push_back(std::move(vector));
    }
  }
  return all;
}

inline double distance_of(Metric metric, const Vector& a, const Vector& b) {
  double dot = 0, squares_a = 0, squares_b = 0, squares = 0, l1 = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double x = a[i], y = b[i];
    dot += x * y;
    squares_a += x * x;
    squares_b += y * y;
    squares += (x - y) * (x - y);
    l1 += std::fabs(x - y);
  }
  switch (metric) {
    case Metric::kCosine:
      return 1 - dot / std::sqrt(squares_a * squares_b);
    case Metric::kL2:
      return std::sqrt(squares);
    case Metric::kDot:
      return -dot;
    case Metric::kL1:
      return l1;
  }
  return 0;
}

/// By which documents find their home.
inline Metric metric_of_homes(Metric metric) {
  return metric == Metric::kDot ? Metric::kL2 : metric;
}

inline CollectionSettings settings_of(Metric metric, std::size_t dimension, std::size_t shards) {
  CollectionSettings settings;
  settings.name = "docs";
  settings.metric = metric;
  settings.dimension = static_cast<std::uint32_t>(dimension);
  settings.shards = static_cast<std::uint32_t>(shards);
  settings.routing = "centroid";
  return settings;
}

inline std::shared_ptr<const Centroids> centroids_of(std::vector<Vector> vectors) {
  Centroids centroids;
  centroids.seq = 1;
  centroids.vectors = std::move(vectors);
  return std::make_shared<const Centroids>(std::move(centroids));
}

}  // namespace mosaic::routing::test
