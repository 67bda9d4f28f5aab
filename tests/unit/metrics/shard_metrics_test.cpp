#include "metrics/shard_metrics.hpp"

#include <random>

#include <gtest/gtest.h>

#include "metrics/node_metrics.hpp"
#include "support/metric_samples.hpp"

namespace mosaic::metrics {
namespace {

constexpr std::uint32_t kManyCollections = 10'000;
constexpr std::size_t kFamiliesOfAShard = 18;  ///< lines that a shard with series of its own has

std::string of(const char* name, const std::string& collection, const std::string& shard) {
  return std::string(name) + "{collection=\"" + collection + "\",shard=\"" + shard + "\"}";
}

class ShardSeries : public testing::Test {
 protected:
  /// One shard in each of `count` collections, c1 and so on; collection i holds i documents.
  void make(std::uint32_t count) {
    for (std::uint32_t i = 1; i <= count; ++i) {
      meters.push_back(metrics.shards.meter({i}, "c" + std::to_string(i), {0}));
      meters.back()->documents = i;
      meters.back()->state = ShardState::kUp;
    }
  }

  test::MetricSamples samples() { return test::samples_of(metrics.text()); }
  /// Of own series and the sum.
  double total(const char* name) {
    double sum = 0;
    for (const auto& [series, value] : samples())
      if (test::metric_name(series) == name) sum += value;
    return sum;
  }

  NodeMetrics metrics;
  std::vector<ShardMeterPtr> meters;
};

TEST_F(ShardSeries, AShardIsMeasured) {
  const auto meter = metrics.shards.meter({7}, "docs", {3});
  meter->searches.add(std::chrono::milliseconds(2));
  meter->searches.add(std::chrono::milliseconds(3));
  meter->applies.add(std::chrono::milliseconds(50));
  meter->restarts = 2;
  meter->documents = 10;
  meter->file_bytes = 4'096;
  meter->memory_bytes = 80;
  meter->applied_seq = 12;
  meter->index_nodes = 7;
  meter->index_tail = 3;
  ++meter->index_builds.extended;
  meter->index_build_time.add(std::chrono::seconds(2));
  meter->index_damages = 1;
  const auto found = samples();
  EXPECT_EQ(found.at(of("mosaic_shard_search_duration_seconds_count", "docs", "3")), 2);
  EXPECT_DOUBLE_EQ(found.at(of("mosaic_shard_search_duration_seconds_sum", "docs", "3")), 0.005);
  EXPECT_DOUBLE_EQ(found.at(of("mosaic_shard_apply_duration_seconds_sum", "docs", "3")), 0.05);
  EXPECT_EQ(found.at(of("mosaic_shard_restarts_total", "docs", "3")), 2);
  EXPECT_EQ(found.at(of("mosaic_shard_documents", "docs", "3")), 10);
  EXPECT_EQ(found.at(of("mosaic_shard_bytes", "docs", "3")), 4'096);
  EXPECT_EQ(found.at(of("mosaic_shard_memory_bytes", "docs", "3")), 80);
  EXPECT_EQ(found.at(of("mosaic_shard_applied_seq", "docs", "3")), 12);
  EXPECT_EQ(found.at(of("mosaic_shard_index_vectors", "docs", "3")), 7);
  EXPECT_EQ(found.at(of("mosaic_shard_index_tail_vectors", "docs", "3")), 3);
  EXPECT_EQ(found.at(R"(mosaic_shard_index_builds_total{collection="docs",outcome="extended",)"
                     R"(shard="3"})"),
            1);
  EXPECT_EQ(found.at(of("mosaic_shard_index_build_duration_seconds_sum", "docs", "3")), 2);
  EXPECT_EQ(found.at(of("mosaic_shard_index_damages_total", "docs", "3")), 1);
  EXPECT_EQ(found.at(of("mosaic_shard_up", "docs", "3")), 0);
  EXPECT_EQ(found.at(R"(mosaic_shards{state="starting"})"), 1);
}

TEST_F(ShardSeries, GoOnWhenTheShardIsStartedAgain) {
  metrics.shards.meter({7}, "docs", {0})->restarts = 1;
  EXPECT_EQ(metrics.shards.meter({7}, "docs", {0})->restarts, 1U);
}

TEST_F(ShardSeries, StayBoundedWithManyCollectionsAndAddUp) {
  const auto empty = samples().size();
  make(kManyCollections);
  for (const auto& meter : meters) meter->searches.add(std::chrono::milliseconds(1));
  EXPECT_EQ(samples().size(), empty + kShardSeriesMax * kFamiliesOfAShard + kShardSeriesMax);
  const auto documents = static_cast<double>(kManyCollections) * (kManyCollections + 1) / 2;
  EXPECT_EQ(samples().at("mosaic_documents"), documents);
  EXPECT_EQ(samples().at("mosaic_collections"), kManyCollections);
  EXPECT_EQ(total("mosaic_shard_documents"), documents);
  EXPECT_EQ(total("mosaic_shard_search_duration_seconds_count"), kManyCollections);
  EXPECT_NEAR(total("mosaic_shard_search_duration_seconds_sum"), kManyCollections * 0.001, 1e-6);
  EXPECT_EQ(samples().at(R"(mosaic_shards{state="up"})"), kManyCollections);
  EXPECT_TRUE(samples().contains(of("mosaic_shard_documents", "c200", "0")));
  EXPECT_FALSE(samples().contains(of("mosaic_shard_documents", "c201", "0")));
}

TEST_F(ShardSeries, EveryFailingShardIsNamedWithinALimit) {
  make(kManyCollections);
  meters[5'000]->state = ShardState::kParked;
  EXPECT_EQ(samples().at(of("mosaic_shard_up", "c5001", "0")), 0);
  EXPECT_EQ(samples().at(R"(mosaic_shards{state="parked"})"), 1);
  for (const auto& meter : meters) meter->state = ShardState::kDown;
  EXPECT_EQ(test::series_of(samples(), "mosaic_shard_up"), kShardSeriesMax + kFailingSeriesMax);
}

TEST_F(ShardSeries, TheNextOldestGetsThePlaceOfADroppedOne) {
  make(kShardSeriesMax + 2);
  metrics.shards.drop({17});
  const auto found = samples();
  EXPECT_FALSE(found.contains(of("mosaic_shard_documents", "c17", "0")));
  EXPECT_TRUE(found.contains(of("mosaic_shard_documents", "c201", "0")));
  EXPECT_FALSE(found.contains(of("mosaic_shard_documents", "c202", "0")));
}

TEST_F(ShardSeries, TheSumOfTheOthersNeverFalls) {
  const auto seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  make(kShardSeriesMax + 100);
  const auto other = of("mosaic_shard_search_duration_seconds_count", kOtherShards, kOtherShards);
  double last = 0;
  for (int i = 0; i < 300; ++i) {
    const auto victim = random() % meters.size();
    meters[random() % meters.size()]->searches.add(std::chrono::milliseconds(1));
    if (random() % 3 == 0) metrics.shards.drop({victim + 1});
    const auto now = samples().at(other);
    ASSERT_GE(now, last) << i;
    last = now;
  }
}

TEST_F(ShardSeries, ADroppedCollectionLeavesNothingBehind) {
  const auto before = samples();
  metrics.shards.meter({3}, "docs", {0});
  metrics.shards.meter({3}, "docs", {1});
  metrics.shards.meter({4}, "more", {0});
  metrics.shards.drop({3});
  metrics.shards.drop({4});
  EXPECT_EQ(samples().size(), before.size());
  EXPECT_FALSE(metrics.shards.any_missed());
}

TEST(Readiness, NeedsEveryShardThatIsMissedAndALogThatTalks) {
  NodeMetrics metrics;
  const TimePoint now = std::chrono::steady_clock::now();
  const auto ready = [&](TimePoint at) {
    return test::samples_of(metrics.text(at)).at("mosaic_ready");
  };
  EXPECT_EQ(ready(now), 0) << "nobody has told yet";
  const auto meter = metrics.shards.meter({1}, "docs", {0});
  LogState state;
  state.level = true;
  metrics.log.tell(state, now);
  EXPECT_EQ(ready(now), 1) << "a shard is starting for the first time";
  meter->missed = true;
  EXPECT_EQ(ready(now), 0) << "a shard is starting again";
  meter->missed = false;
  EXPECT_EQ(ready(now), 1);
  EXPECT_EQ(ready(now + kLogSilenceMax), 1);
  EXPECT_EQ(ready(now + kLogSilenceMax + std::chrono::milliseconds(1)), 0) << "the log is stuck";
  state.level = false;
  metrics.log.tell(state, now);
  EXPECT_EQ(ready(now), 0) << "a shard is led through the log";
}

}  // namespace
}  // namespace mosaic::metrics
