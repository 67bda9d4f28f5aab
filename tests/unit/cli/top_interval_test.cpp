#include "cli/top/interval.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "top_fixture.hpp"

namespace mosaic::cli::top {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();

TEST(TopInterval, RatesAreDifferencesOverTheTimeBetween) {
  const auto before = sample_of(10, "a_total{x=\"1\",y=\"1\"} 5\na_total{x=\"1\",y=\"2\"} 7\n");
  const auto now = sample_of(12, "a_total{x=\"1\",y=\"1\"} 9\na_total{x=\"1\",y=\"2\"} 7\n");
  const Interval interval(before, now);
  EXPECT_EQ(interval.rate("a_total"), 2);
  EXPECT_EQ(interval.rate("a_total", {{"y", "1"}}), 2);
  EXPECT_EQ(interval.rate("a_total", {{"y", "2"}}), 0);
  EXPECT_EQ(interval.rate("a_total", {{"y", "3"}}), std::nullopt);
  EXPECT_EQ(interval.rate("b_total"), std::nullopt);
  EXPECT_EQ(interval.gauge("a_total"), 16);
}

TEST(TopInterval, ACounterThatFellHasBegunAnew) {
  const auto before = sample_of(0, "a_total{x=\"1\"} 100\na_total{x=\"2\"} 100\n");
  const auto now = sample_of(1, "a_total{x=\"1\"} 4\na_total{x=\"2\"} 110\n");
  EXPECT_EQ(Interval(before, now).rate("a_total"), 14);
}

TEST(TopInterval, AllCountersBeginAnewWithTheProcess) {
  const auto before = sample_of(0, "process_start_time_seconds 50\na_total 100\n");
  const auto now = sample_of(1, "process_start_time_seconds 60\na_total 130\n");
  EXPECT_EQ(Interval(before, now).rate("a_total"), 130);
}

TEST(TopInterval, ASeriesThatWasNotThereBeganAtZero) {
  const auto before = sample_of(0, "a_total{x=\"1\"} 100\n");
  const auto now = sample_of(2, "a_total{x=\"1\"} 100\na_total{x=\"2\"} 6\n");
  EXPECT_EQ(Interval(before, now).rate("a_total"), 3);
}

TEST(TopInterval, NoTimeGivesNoRate) {
  const auto sample = sample_of(1, "a_total 100\n");
  EXPECT_EQ(Interval(sample, sample).rate("a_total"), std::nullopt);
  EXPECT_EQ(Interval(sample, sample).increase("a_total"), 0);
}

TEST(TopInterval, QuantilesAreOfTheIntervalAlone) {
  // 1,000 slow ones before, 10 fast ones since.
  const auto buckets = [](int fast, int all) {
    const auto low = std::to_string(fast);
    const auto high = std::to_string(all);
    return "t_bucket{le=\"0.001\"} 0\nt_bucket{le=\"0.01\"} " + low + "\nt_bucket{le=\"0.1\"} " +
           low + "\nt_bucket{le=\"1\"} " + high + "\nt_bucket{le=\"+Inf\"} " + high + "\n";
  };
  const auto before = sample_of(0, buckets(0, 1000) + "t_sum 500\nt_count 1000\n");
  const auto now = sample_of(1, buckets(10, 1010) + "t_sum 500.05\nt_count 1010\n");
  const Interval interval(before, now);
  EXPECT_DOUBLE_EQ(interval.quantile(0.5, "t").value(), 0.001 + 0.009 * 0.5);
  EXPECT_NEAR(interval.mean("t").value(), 0.005, 1e-9);
  EXPECT_EQ(interval.quantile(0.5, "u"), std::nullopt);
  EXPECT_EQ(Interval(now, now).quantile(0.5, "t"), std::nullopt);
  EXPECT_EQ(Interval(now, now).mean("t"), std::nullopt);
}

TEST(TopInterval, GroupsAreTheValuesOfLabels) {
  const auto now = sample_of(0, "a{x=\"1\",y=\"1\"} 1\na{x=\"1\",y=\"2\"} 1\na{y=\"3\"} 1\n");
  const Interval interval(now, now);
  EXPECT_EQ(interval.groups("a", {"x"}), std::set<Labels>({{{"x", "1"}}}));
  EXPECT_EQ(interval.groups("a", {"y"}).size(), 3U);
  EXPECT_TRUE(interval.groups("b", {"y"}).empty());
}

TEST(BucketQuantile, AnswersAsPrometheusDoes) {
  EXPECT_EQ(bucket_quantile(0.5, {{1, 10}, {2, 20}, {kInfinite, 20}}), 1);
  EXPECT_EQ(bucket_quantile(0.75, {{1, 10}, {2, 20}, {kInfinite, 20}}), 1.5);
  EXPECT_EQ(bucket_quantile(0.25, {{1, 10}, {2, 20}, {kInfinite, 20}}), 0.5);
  // Past the last finite bound that bound is all that is known.
  EXPECT_EQ(bucket_quantile(0.99, {{1, 10}, {2, 10}, {kInfinite, 20}}), 2);
  EXPECT_EQ(bucket_quantile(0.5, {{-1, 10}, {kInfinite, 10}}), -1);
  EXPECT_EQ(bucket_quantile(0.5, {{1, 0}, {kInfinite, 0}}), std::nullopt);
  EXPECT_EQ(bucket_quantile(0.5, {{1, 5}, {2, 5}}), std::nullopt);
  EXPECT_EQ(bucket_quantile(0.5, {{kInfinite, 5}}), std::nullopt);
  EXPECT_EQ(bucket_quantile(0.5, {}), std::nullopt);
}

TEST(BucketQuantile, LiesInTheBucketOfTheTrueQuantile) {
  const auto seed = test_seed();
  SCOPED_TRACE("MOSAIC_TEST_SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> value(0, 1);
  for (int round = 0; round < 200; ++round) {
    std::map<double, double> buckets;
    const std::vector<double> bounds = {0.0005, 0.001, 0.01, 0.05, 0.1, 0.3, 0.5, 0.8, 1};
    for (const auto bound : bounds) buckets[bound] = 0;
    std::vector<double> values(1 + random() % 500);
    for (auto& each : values) each = std::pow(value(random), 3);
    std::sort(values.begin(), values.end());
    for (auto& [bound, count] : buckets) {
      count = static_cast<double>(std::upper_bound(values.begin(), values.end(), bound) -
                                  values.begin());
    }
    buckets[kInfinite] = static_cast<double>(values.size());
    const double q = value(random);
    const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(values.size())));
    const double exact = values[rank > 0 ? rank - 1 : 0];
    const auto upper = std::lower_bound(bounds.begin(), bounds.end(), exact);
    const double lower = upper == bounds.begin() ? 0 : *std::prev(upper);
    const auto estimate = bucket_quantile(q, buckets);
    ASSERT_TRUE(estimate);
    EXPECT_GE(*estimate, lower) << "q " << q;
    EXPECT_LE(*estimate, *upper) << "q " << q;
  }
}

}  // namespace
}  // namespace mosaic::cli::top
