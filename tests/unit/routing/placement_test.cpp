#include "routing/placement.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/checksum.hpp"
#include "points.hpp"

namespace mosaic::routing {
namespace {

using namespace test;

// Distances in float32 may order two that are nearer to each other than this the other way.
constexpr double kRounding = 1e-5;

TEST(Placement, PutsEveryVectorIntoTheNearestShard) {
  const auto seed = seed_of_run();
  SCOPED_TRACE("MOSAIC_TEST_SEED=" + std::to_string(seed));
  Random random(seed);
  for (const auto metric : kMetrics) {
    for (int round = 0; round < 200; ++round) {
      const std::size_t dimension = 2 + random() % 70;
      const auto centroids = random_vectors(random, 1 + random() % 20, dimension);
      const Placement placement(settings_of(metric, dimension, centroids.size()),
                                centroids_of(centroids));
      const auto vector = random_vector(random, dimension);
      const auto home = placement.home("any", vector).value;
      ASSERT_LT(home, centroids.size());
      const auto by = metric_of_homes(metric);
      for (const auto& other : centroids) {
        ASSERT_LE(distance_of(by, centroids[home], vector),
                  distance_of(by, other, vector) + kRounding);
      }
    }
  }
}

TEST(Placement, OrdersAllShardsByTheirDistance) {
  const auto seed = seed_of_run();
  SCOPED_TRACE("MOSAIC_TEST_SEED=" + std::to_string(seed));
  Random random(seed);
  for (const auto metric : kMetrics) {
    for (int round = 0; round < 200; ++round) {
      const std::size_t dimension = 2 + random() % 70;
      const auto centroids = random_vectors(random, 1 + random() % 20, dimension);
      const Placement placement(settings_of(metric, dimension, centroids.size()),
                                centroids_of(centroids));
      const auto query = random_vector(random, dimension);
      const auto nearest = placement.nearest(query);
      std::vector<bool> named(centroids.size());
      for (const auto shard : nearest) named.at(shard.value) = true;
      ASSERT_EQ(nearest.size(), centroids.size());
      ASSERT_EQ(std::count(named.begin(), named.end(), false), 0);
      for (std::size_t i = 1; i < nearest.size(); ++i) {
        ASSERT_LE(distance_of(metric, centroids[nearest[i - 1].value], query),
                  distance_of(metric, centroids[nearest[i].value], query) + kRounding);
      }
    }
  }
}

TEST(Placement, AsksTheHomeOfAVectorFirstUnlessProductsSayOtherwise) {
  Random random(1);
  for (const auto metric : {Metric::kCosine, Metric::kL2, Metric::kL1}) {
    const auto centroids = random_vectors(random, 9, 8);
    const Placement placement(settings_of(metric, 8, 9), centroids_of(centroids));
    for (int i = 0; i < 50; ++i) {
      const auto vector = random_vector(random, 8);
      EXPECT_EQ(placement.nearest(vector).front(), placement.home("x", vector));
    }
  }
  const Placement placement(settings_of(Metric::kDot, 1, 2), centroids_of({{1}, {10}}));
  EXPECT_EQ(placement.home("x", {1}), ShardId{0});
  EXPECT_EQ(placement.nearest({1}), (std::vector<ShardId>{{1}, {0}}));
}

TEST(Placement, TakesTheLowestOfShardsThatAreEquallyNear) {
  for (const auto metric : kMetrics) {
    const Placement placement(settings_of(metric, 2, 3), centroids_of({{0, 1}, {1, 0}, {1, 0}}));
    EXPECT_EQ(placement.home("x", {2, 0}), ShardId{1});
    EXPECT_EQ(placement.home("x", {1, 1}), ShardId{0});
    EXPECT_EQ(placement.nearest({2, 0}), (std::vector<ShardId>{{1}, {2}, {0}}));
  }
}

TEST(Placement, GoesByTheHashOfTheIdWithoutAVector) {
  const Placement placement(settings_of(Metric::kL2, 1, 5),
                            centroids_of({{1}, {2}, {3}, {4}, {5}}));
  for (const auto* id : {"a", "b", "0ad"}) EXPECT_EQ(placement.home(id, {}), home_shard(id, 5));
}

TEST(Placement, GoesByTheHashOfTheIdBeforeTheFirstTraining) {
  const Placement placement(settings_of(Metric::kL2, 1, 5), std::make_shared<const Centroids>());
  for (const auto* id : {"a", "b", "0ad"}) EXPECT_EQ(placement.home(id, {3}), home_shard(id, 5));
  EXPECT_EQ(placement.nearest({3}), (std::vector<ShardId>{{0}, {1}, {2}, {3}, {4}}));
}

TEST(Placement, ComparesVectorsWhoseSquaresNoFloatHolds) {
  for (const auto metric : {Metric::kCosine, Metric::kL2}) {
    const Placement placement(settings_of(metric, 2, 2), centroids_of({{1e30F, 0}, {0, 1e30F}}));
    EXPECT_EQ(placement.home("x", {1e29F, 3e29F}), ShardId{1});
    EXPECT_EQ(placement.home("x", {3e29F, 1e29F}), ShardId{0});
  }
}

}  // namespace
}  // namespace mosaic::routing
