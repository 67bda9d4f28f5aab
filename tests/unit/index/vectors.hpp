// Vectors for the tests of this room, and what the contract says about them, computed plainly in
// double precision.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "mosaic/document.hpp"

namespace mosaic::index::test {

using Random = std::mt19937_64;

constexpr Metric kMetrics[] = {Metric::kCosine, Metric::kL2, Metric::kDot, Metric::kL1};

/// Of MOSAIC_TEST_SEED where that is set: repeats a run that failed.
inline std::uint64_t seed() {
  const char* given = std::getenv("MOSAIC_TEST_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
}

inline Vector random_vector(Random& random, std::size_t dimension) {
  std::normal_distribution<float> value;
  Vector vector(dimension);
  for (float& x : vector) x = value(random);
  return vector;
}

/// Entries of -1 and 1: every metric is exact on them and many distances are equal.
inline Vector random_signs(Random& random, std::size_t dimension) {
  Vector vector(dimension);
  for (float& x : vector) x = random() % 2 == 0 ? -1.0F : 1.0F;
  return vector;
}

inline double dot_of(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += double{a[i]} * double{b[i]};
  return sum;
}

inline double l2_squared_of(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::pow(double{a[i]} - double{b[i]}, 2);
  return sum;
}

inline double l1_of(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::fabs(double{a[i]} - double{b[i]});
  return sum;
}

inline double distance_of(Metric metric, std::span<const float> a, std::span<const float> b) {
  switch (metric) {
    case Metric::kCosine:
      return 1 - dot_of(a, b) / std::sqrt(dot_of(a, a) * dot_of(b, b));
    case Metric::kL2:
      return std::sqrt(l2_squared_of(a, b));
    case Metric::kDot:
      return -dot_of(a, b);
    case Metric::kL1:
      return l1_of(a, b);
  }
  return 0;
}

/// An id whose order is not that of the numbers, of varying length.
inline std::string id_of(std::size_t number) {
  return "doc-" + std::string(number % 7 * 4, 'x') + std::to_string(number * 7919 % 100'003);
}

}  // namespace mosaic::index::test
