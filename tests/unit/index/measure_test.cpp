#include "index/measure.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "unit/index/vectors.hpp"

namespace mosaic::index {
namespace {

using namespace test;

double measured(Metric metric, const Vector& query, const Vector& row) {
  const Measure measure(metric, query);
  return measure.distance(measure.key(row.data(), Measure::scale_of(metric, row)));
}

TEST(Measure, GivesTheDistancesOfTheContract) {
  const Vector a{3, 0, 4};
  const Vector b{0, 5, 12};
  EXPECT_NEAR(measured(Metric::kCosine, a, b), 1 - 48.0 / 65, 1e-7);
  EXPECT_DOUBLE_EQ(measured(Metric::kL2, a, b), std::sqrt(9.0 + 25 + 64));
  EXPECT_EQ(measured(Metric::kL1, a, b), 16);
  EXPECT_EQ(measured(Metric::kDot, a, b), -48);
}

TEST(Measure, KeepsTheCosineDistanceWithinItsRange) {
  Random random(3);
  for (int round = 0; round < 1'000; ++round) {
    const auto vector = random_vector(random, 1 + round % 50);
    auto opposite = vector;
    for (float& x : opposite) x = -x;
    const auto same = measured(Metric::kCosine, vector, vector);
    const auto other = measured(Metric::kCosine, vector, opposite);
    EXPECT_GE(same, 0);
    EXPECT_NEAR(same, 0, 1e-6);
    EXPECT_LE(other, 2);
    EXPECT_NEAR(other, 2, 1e-6);
  }
}

TEST(Measure, KeepsTheCosineOfTinyAndHugeVectors) {
  const Vector a{3, 4};
  const Vector b{4, 3};
  for (const float query_scale : {1e-40F, 1e-30F, 1.0F, 1e30F, 5e37F}) {
    for (const float row_scale : {1e-40F, 1e-30F, 1.0F, 1e30F, 5e37F}) {
      const Vector query{a[0] * query_scale, a[1] * query_scale};
      const Vector row{b[0] * row_scale, b[1] * row_scale};
      EXPECT_NEAR(measured(Metric::kCosine, query, row), 0.04, 1e-4)
          << query_scale << " and " << row_scale;
    }
  }
}

TEST(Measure, SurvivesSumsThatOverflowFloat32) {
  const Vector large{3e38F, -3e38F};
  const Vector opposite{-3e38F, 3e38F};
  for (const Metric metric : kMetrics) {
    const auto expected = distance_of(metric, large, opposite);
    const auto distance = measured(metric, large, opposite);
    EXPECT_TRUE(std::isfinite(distance)) << to_string(metric);
    EXPECT_NEAR(distance / expected, 1, 1e-6) << to_string(metric);
  }
}

TEST(Measure, PutsAZeroVectorAtCosineDistanceOne) {
  EXPECT_EQ(measured(Metric::kCosine, {0, 0}, {1, 2}), 1);
  EXPECT_EQ(measured(Metric::kCosine, {1, 2}, {0, 0}), 1);
}

TEST(Measure, HasNoNegativeZero) {
  EXPECT_FALSE(std::signbit(measured(Metric::kDot, {1, 0}, {0, 1})));
}

TEST(Measure, NeverGivesNaN) {
  const float infinity = std::numeric_limits<float>::infinity();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const Metric metric : kMetrics) {
    for (const float bad : {infinity, -infinity, nan}) {
      EXPECT_FALSE(std::isnan(measured(metric, {bad, 1}, {bad, 1}))) << to_string(metric) << bad;
    }
  }
}

}  // namespace
}  // namespace mosaic::index
