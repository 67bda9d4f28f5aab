#include "routing/kmeans.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "points.hpp"

namespace mosaic::routing {
namespace {

using namespace test;

Kmeans made(const std::vector<Vector>& sample, Metric metric, const KmeansOptions& options) {
  auto result = kmeans(sample, metric, options);
  EXPECT_TRUE(result.ok()) << (result ? "" : result.error().detail);
  return result ? *result : Kmeans{};
}

std::size_t nearest_of(Metric metric, const std::vector<Vector>& centroids, const Vector& vector) {
  std::size_t found = 0;
  for (std::size_t i = 1; i < centroids.size(); ++i) {
    if (distance_of(metric, centroids[i], vector) < distance_of(metric, centroids[found], vector)) {
      found = i;
    }
  }
  return found;
}

bool all_different(std::vector<Vector> vectors) {
  std::sort(vectors.begin(), vectors.end());
  return std::adjacent_find(vectors.begin(), vectors.end()) == vectors.end();
}

TEST(Kmeans, TheSameSeedGivesTheSameCentroids) {
  Random random(1);
  const auto sample = random_vectors(random, 300, 7);
  for (const auto metric : kMetrics) {
    const auto first = made(sample, metric, {.clusters = 5, .seed = 9});
    const auto again = made(sample, metric, {.clusters = 5, .seed = 9});
    EXPECT_EQ(first.centroids, again.centroids);
    EXPECT_EQ(first.distortion, again.distortion);
    EXPECT_EQ(first.iterations, again.iterations);
    EXPECT_NE(first.centroids, made(sample, metric, {.clusters = 5, .seed = 10}).centroids);
  }
}

TEST(Kmeans, IsTheSameOnEveryMachine) {
  const std::vector<Vector> sample = {{1, 0}, {2, 1},  {0, 3},  {7, 8},
                                      {9, 9}, {-4, 2}, {-5, 3}, {-6, -1}};
  const std::vector<Vector> expected = {{-5, 1.33333337F}, {1, 1.33333337F}, {8, 8.5F}};
  auto found = made(sample, Metric::kL2, {.clusters = 3, .seed = 1}).centroids;
  EXPECT_EQ(found, expected);
}

TEST(Kmeans, TheOrderOfTheSampleChangesNoBit) {
  const auto seed = seed_of_run();
  SCOPED_TRACE("MOSAIC_TEST_SEED=" + std::to_string(seed));
  Random random(seed);
  auto sample = random_vectors(random, 400, 5);
  for (int i = 0; i < 50; ++i) sample.push_back(Vector(sample[i]));
  sample.push_back({0.0F, 1, 2, 3, 4});
  sample.push_back({-0.0F, 1, 2, 3, 4});
  for (const auto metric : kMetrics) {
    const auto first = made(sample, metric, {.clusters = 6, .iterations = 9, .seed = seed});
    for (int round = 0; round < 5; ++round) {
      std::shuffle(sample.begin(), sample.end(), random);
      const auto again = made(sample, metric, {.clusters = 6, .iterations = 9, .seed = seed});
      ASSERT_EQ(again.centroids, first.centroids);
      ASSERT_EQ(again.distortion, first.distortion);
      ASSERT_EQ(again.converged, first.converged);
    }
  }
}

TEST(Kmeans, FindsClustersThatAreFarApart) {
  Random random(3);
  const std::vector<Vector> centres = {
      {10, 0, 0, 0}, {0, 10, 0, 0}, {0, 0, 10, 0}, {0, 0, 0, 10}, {-10, -10, 0, 0}};
  const auto sample = around(random, centres, 40, 0.1F);
  for (const auto metric : kMetrics) {
    const auto result = made(sample, metric, {.clusters = 5, .seed = 2});
    EXPECT_TRUE(result.converged);
    EXPECT_LT(result.iterations, 25U);
    std::vector<std::size_t> homes;
    for (std::size_t i = 0; i < sample.size(); ++i) {
      homes.push_back(nearest_of(metric_of_homes(metric), result.centroids, sample[i]));
      EXPECT_EQ(homes[i], homes[i % centres.size()]);
    }
    homes.resize(centres.size());
    std::sort(homes.begin(), homes.end());
    EXPECT_EQ(homes, (std::vector<std::size_t>{0, 1, 2, 3, 4}));
  }
}

TEST(Kmeans, CentroidsAreMeansMediansOrDirections) {
  const std::vector<Vector> sample = {{0, 0}, {0, 6}, {3, 0}};
  EXPECT_EQ(made(sample, Metric::kL2, {}).centroids, (std::vector<Vector>{{1, 2}}));
  EXPECT_EQ(made(sample, Metric::kDot, {}).centroids, (std::vector<Vector>{{1, 2}}));
  EXPECT_EQ(made(sample, Metric::kL1, {}).centroids, (std::vector<Vector>{{0, 0}}));
  const auto direction = made({{0, 6}, {3, 0}}, Metric::kCosine, {}).centroids.at(0);
  EXPECT_FLOAT_EQ(direction[0], std::sqrt(0.5F));
  EXPECT_FLOAT_EQ(direction[1], std::sqrt(0.5F));
}

TEST(Kmeans, TellsTheMeanDistance) {
  EXPECT_EQ(made({{0, 0}, {0, 6}}, Metric::kL2, {}).distortion, 9);
  EXPECT_EQ(made({{0, 0}, {0, 6}}, Metric::kL1, {}).distortion, 3);
  EXPECT_NEAR(made({{0, 6}, {3, 0}}, Metric::kCosine, {}).distortion, 1 - std::sqrt(0.5), 1e-7);
}

TEST(Kmeans, TakesDuplicates) {
  std::vector<Vector> sample(100, Vector{1, 2});
  sample.push_back({5, 5});
  sample.push_back({6, 1});
  for (const auto metric : kMetrics) {
    const auto result = made(sample, metric, {.clusters = 3, .seed = 4});
    EXPECT_TRUE(all_different(result.centroids));
    EXPECT_NEAR(result.distortion, 0, 1e-12);
  }
}

TEST(Kmeans, TakesAsManyClustersAsThereAreDifferentVectors) {
  Random random(5);
  auto sample = random_vectors(random, 20, 3);
  auto expected = sample;
  for (const auto& vector : expected) sample.push_back(vector);
  for (const auto metric : {Metric::kL2, Metric::kDot, Metric::kL1}) {
    auto found = made(sample, metric, {.clusters = 20, .seed = 1}).centroids;
    std::sort(found.begin(), found.end());
    std::sort(expected.begin(), expected.end());
    EXPECT_EQ(found, expected);
  }
}

TEST(Kmeans, RefusesFewerDifferentVectorsThanClusters) {
  const std::vector<Vector> sample = {{1, 1}, {2, 2}, {1, 1}};
  const auto refused = kmeans(sample, Metric::kL2, {.clusters = 3});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(refused.error().detail,
            "a sample of 3 vectors has 2 different ones, which cannot make 3 clusters");
  EXPECT_EQ(kmeans(sample, Metric::kCosine, {.clusters = 2}).error().detail,
            "a sample of 3 vectors has 1 different directions, which cannot make 2 clusters");
  EXPECT_FALSE(kmeans({}, Metric::kL2, {.clusters = 1}));
  EXPECT_FALSE(kmeans(sample, Metric::kL2, {.clusters = 0}));
}

TEST(Kmeans, LeavesNoClusterEmpty) {
  const auto seed = seed_of_run();
  SCOPED_TRACE("MOSAIC_TEST_SEED=" + std::to_string(seed));
  Random random(seed);
  for (int round = 0; round < 300; ++round) {
    // Few whole numbers: centroids meet, and vectors lie exactly between them.
    std::vector<Vector> sample;
    for (int i = 0; i < 12; ++i) {
      sample.push_back({static_cast<float>(random() % 3), static_cast<float>(random() % 3 + 1)});
    }
    auto different = sample;
    std::sort(different.begin(), different.end());
    different.erase(std::unique(different.begin(), different.end()), different.end());
    for (const auto metric : {Metric::kL2, Metric::kDot, Metric::kL1}) {
      const auto clusters = static_cast<std::uint32_t>(1 + random() % different.size());
      const auto iterations = static_cast<std::uint32_t>(random() % 4);
      const auto result = made(sample, metric, {clusters, iterations, random()});
      ASSERT_EQ(result.centroids.size(), clusters);
      ASSERT_TRUE(all_different(result.centroids));
      std::vector<bool> taken(clusters);
      for (const auto& vector : sample) {
        taken[nearest_of(metric_of_homes(metric), result.centroids, vector)] = true;
      }
      ASSERT_EQ(std::count(taken.begin(), taken.end(), true), clusters);
    }
  }
}

TEST(Kmeans, DistortionNeverRises) {
  const auto seed = seed_of_run();
  SCOPED_TRACE("MOSAIC_TEST_SEED=" + std::to_string(seed));
  Random random(seed);
  for (int round = 0; round < 10; ++round) {
    const auto sample = random_vectors(random, 150, 1 + random() % 20);
    for (const auto metric : {Metric::kL2, Metric::kDot, Metric::kL1, Metric::kCosine}) {
      if (metric == Metric::kCosine && sample.front().size() < 3) continue;
      KmeansOptions options{.clusters = static_cast<std::uint32_t>(1 + random() % 12)};
      options.seed = random();
      double before = std::numeric_limits<double>::infinity();
      for (options.iterations = 0; options.iterations < 15; ++options.iterations) {
        const auto after = made(sample, metric, options).distortion;
        ASSERT_LE(after, before * (1 + 1e-6)) << "iteration " << options.iterations;
        before = after;
      }
    }
  }
}

TEST(Kmeans, KeepsDigitsOfTinyAndHugeVectors) {
  for (const float size : {1e-30F, 1e30F}) {
    for (const auto metric : kMetrics) {
      const std::vector<Vector> sample = {
          {size, 0}, {size, size / 64}, {0, size}, {size / 64, size}};
      auto found = made(sample, metric, {.clusters = 2, .seed = 3}).centroids;
      ASSERT_EQ(found.size(), 2U);
      std::sort(found.begin(), found.end());
      EXPECT_LT(found[0][0], found[0][1]);
      EXPECT_GT(found[1][0], found[1][1]);
    }
  }
}

TEST(Kmeans, IsEndedByWhoeverWatches) {
  Random random(6);
  const auto sample = random_vectors(random, 100, 4);
  int calls = 0;
  const auto ended =
      kmeans(sample, Metric::kL2, {.clusters = 4}, [&](double) { return ++calls < 3; });
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(calls, 3);
}

TEST(Kmeans, TellsHowFarItIs) {
  Random random(7);
  const auto sample = random_vectors(random, 3'000, 300);
  std::vector<double> told;
  const auto result =
      kmeans(sample, Metric::kL2, {.clusters = 8, .iterations = 6}, [&](double done) {
        told.push_back(done);
        return true;
      });
  ASSERT_TRUE(result);
  EXPECT_GT(told.size(), 6U);
  EXPECT_TRUE(std::is_sorted(told.begin(), told.end()));
  EXPECT_EQ(told.front(), 0);
  EXPECT_LE(told.back(), 1);
  EXPECT_GT(told.back(), 0.5);
}

}  // namespace
}  // namespace mosaic::routing
