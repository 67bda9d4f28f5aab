#include "routing/expected_recall.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "points.hpp"

namespace mosaic::routing {
namespace {

using namespace test;

std::vector<std::size_t> order_by(std::size_t count,
                                  const std::function<double(std::size_t)>& key) {
  std::vector<std::size_t> order(count);
  for (std::size_t i = 0; i < count; ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return key(a) < key(b); });
  return order;
}

std::size_t home_of(Metric metric, const std::vector<Vector>& centroids, const Vector& vector) {
  return order_by(centroids.size(), [&](std::size_t i) {
    return distance_of(metric_of_homes(metric), centroids[i], vector);
  })[0];
}

/// Sorts everything for every query.
std::vector<double> oracle(const std::vector<Vector>& sample, const std::vector<Vector>& centroids,
                           Metric metric) {
  const auto queries = std::min(kRecallQueries, sample.size());
  std::vector<double> share(centroids.size());
  std::size_t all = 0;
  for (std::size_t q = 0; q < queries; ++q) {
    auto near = order_by(sample.size(),
                         [&](std::size_t i) { return distance_of(metric, sample[i], sample[q]); });
    near.erase(std::find(near.begin(), near.end(), q));
    near.resize(std::min(kRecallNeighbours, near.size()));
    const auto shards = order_by(centroids.size(), [&](std::size_t i) {
      return distance_of(metric, centroids[i], sample[q]);
    });
    for (const auto i : near) {
      ++all;
      const auto home = home_of(metric, centroids, sample[i]);
      bool reached = false;
      for (std::size_t n = 0; n < shards.size(); ++n) {
        reached = reached || shards[n] == home;
        if (reached) ++share[n];
      }
    }
  }
  for (auto& found : share) found /= static_cast<double>(all);
  return share;
}

TEST(ExpectedRecall, IsWhatSortingEverythingSays) {
  const auto seed = seed_of_run();
  SCOPED_TRACE("MOSAIC_TEST_SEED=" + std::to_string(seed));
  Random random(seed);
  for (const auto metric : kMetrics) {
    for (const std::size_t count : {2, 7, 60, 700}) {
      const auto sample = random_vectors(random, count, 6);
      const auto centroids = random_vectors(random, 1 + random() % 8, 6);
      const Placement placement(settings_of(metric, 6, centroids.size()), centroids_of(centroids));
      const auto found = expected_recall(sample, placement, metric);
      const auto expected = oracle(sample, centroids, metric);
      ASSERT_EQ(found.size(), centroids.size());
      // Float32 may order two distances that are almost equal the other way.
      for (std::size_t n = 0; n < found.size(); ++n) EXPECT_NEAR(found[n], expected[n], 2e-3);
      EXPECT_TRUE(std::is_sorted(found.begin(), found.end()));
      EXPECT_EQ(found.back(), 1);
    }
  }
}

TEST(ExpectedRecall, IsCompleteInTheFirstShardOfClustersThatAreFarApart) {
  Random random(2);
  const std::vector<Vector> centres = {{10, 0}, {0, 10}, {-10, 0}, {0, -10}};
  const auto sample = around(random, centres, 30, 0.1F);
  for (const auto metric : {Metric::kCosine, Metric::kL2, Metric::kL1}) {
    const Placement placement(settings_of(metric, 2, 4), centroids_of(centres));
    EXPECT_EQ(expected_recall(sample, placement, metric), (std::vector<double>{1, 1, 1, 1}));
  }
}

TEST(ExpectedRecall, IsNotKnownWithoutNeighboursOrCentroids) {
  const Placement placement(settings_of(Metric::kL2, 1, 1), centroids_of({{1}}));
  EXPECT_TRUE(expected_recall({}, placement, Metric::kL2).empty());
  EXPECT_TRUE(expected_recall({{1}}, placement, Metric::kL2).empty());
  EXPECT_EQ(expected_recall({{1}, {1}}, placement, Metric::kL2), std::vector<double>{1});
  const Placement bare(settings_of(Metric::kL2, 1, 1), std::make_shared<const Centroids>());
  EXPECT_TRUE(expected_recall({{1}, {2}}, bare, Metric::kL2).empty());
}

TEST(ExpectedRecall, IsEndedByWhoeverWatches) {
  Random random(3);
  const auto sample = random_vectors(random, 50, 4);
  const Placement placement(settings_of(Metric::kL2, 4, 2),
                            centroids_of(random_vectors(random, 2, 4)));
  std::vector<double> told;
  const auto ended = expected_recall(sample, placement, Metric::kL2, [&](double done) {
    told.push_back(done);
    return told.size() < 20;
  });
  EXPECT_TRUE(ended.empty());
  EXPECT_EQ(told.size(), 20U);
  EXPECT_TRUE(std::is_sorted(told.begin(), told.end()));
  EXPECT_LT(told.back(), 1);
}

}  // namespace
}  // namespace mosaic::routing
