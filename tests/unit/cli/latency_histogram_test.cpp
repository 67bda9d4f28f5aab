#include "cli/bench/latency_histogram.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "cli/bench/curve.hpp"

namespace mosaic::cli {
namespace {

using Time = LatencyHistogram::Time;

constexpr double kErrorMax = 1.0 / 512;

Time nearest_rank(const std::vector<Time>& sorted, double share) {
  const auto rank = std::ceil(share * static_cast<double>(sorted.size()));
  return sorted[static_cast<std::size_t>(std::max(rank, 1.0)) - 1];
}

TEST(LatencyHistogram, PercentilesAreThoseOfTheSortedTimesWithinTheWidthOfABucket) {
  const auto seed = std::random_device{}();
  RecordProperty("seed", static_cast<int>(seed));
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  std::lognormal_distribution<double> spread(13, 3);  // A nanosecond to some minutes.
  LatencyHistogram histogram;
  std::vector<Time> times;
  for (int i = 0; i < 20'000; ++i) {
    times.push_back(Time(static_cast<std::int64_t>(std::min(spread(random), 3e12))));
    histogram.record(times.back());
  }
  std::sort(times.begin(), times.end());
  for (const double share : {0.0, 0.001, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999, 0.9999, 1.0}) {
    const auto exact = nearest_rank(times, share);
    const auto given = histogram.percentile(share);
    EXPECT_GE(given, exact) << share;
    EXPECT_LE(static_cast<double>((given - exact).count()),
              kErrorMax * static_cast<double>(exact.count()) + 1)
        << share;
  }
  EXPECT_EQ(histogram.min(), times.front());
  EXPECT_EQ(histogram.max(), times.back());
  EXPECT_EQ(histogram.count(), times.size());
}

TEST(LatencyHistogram, IsExactForTimesThatHaveABucketEach) {
  LatencyHistogram histogram;
  for (int i = 1; i <= 1'000; ++i) histogram.record(Time(i));
  EXPECT_EQ(histogram.percentile(0.5), Time(500));
  EXPECT_EQ(histogram.percentile(0.999), Time(999));
  EXPECT_EQ(histogram.percentile(1), Time(1'000));
  EXPECT_DOUBLE_EQ(histogram.mean_ns(), 500.5);
}

TEST(LatencyHistogram, BucketsHaveNoGapAtPowersOfTwo) {
  for (std::int64_t power = 1; power < (std::int64_t{1} << 41); power *= 2) {
    for (const auto ns : {power - 1, power, power + 1}) {
      LatencyHistogram histogram;
      histogram.record(Time(ns));
      histogram.record(Time(ns * 2 + 2));
      EXPECT_GE(histogram.percentile(0.5), Time(ns));
      EXPECT_LE(static_cast<double>(histogram.percentile(0.5).count()),
                static_cast<double>(ns) * (1 + kErrorMax));
    }
  }
}

TEST(LatencyHistogram, IsEmptyAtFirstAndAgainWhenCleared) {
  LatencyHistogram histogram;
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(histogram.count(), 0U);
    EXPECT_EQ(histogram.percentile(0.99), Time(0));
    EXPECT_EQ(histogram.min(), Time(0));
    EXPECT_EQ(histogram.mean_ns(), 0);
    histogram.record(Time(5));
    histogram.clear();
  }
}

TEST(LatencyHistogram, KeepsTimesWithinItsRange) {
  LatencyHistogram histogram;
  histogram.record(Time(-5));
  histogram.record(std::chrono::hours(30));
  EXPECT_EQ(histogram.min(), Time(0));
  EXPECT_EQ(histogram.max(), Time(std::chrono::hours(1)));
}

TEST(LatencyCurve, GoesAsFarIntoTheTailAsThereAreSamples) {
  LatencyHistogram histogram;
  EXPECT_TRUE(latency_curve(histogram).empty());
  for (int i = 1; i <= 1'000; ++i) histogram.record(Time(i));
  const auto curve = latency_curve(histogram);
  EXPECT_EQ(curve.front().share, 0);
  EXPECT_NEAR(curve.back().share, 0.999, 1e-9);
  for (std::size_t i = 1; i < curve.size(); ++i) {
    EXPECT_GT(curve[i].share, curve[i - 1].share);
    EXPECT_GE(curve[i].time, curve[i - 1].time);
  }
}

}  // namespace
}  // namespace mosaic::cli
