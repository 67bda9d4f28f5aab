#include <thread>

#include <gtest/gtest.h>

#include "metrics/node_metrics.hpp"
#include "support/metric_samples.hpp"

namespace mosaic::metrics {
namespace {

constexpr int kThreads = 8;
constexpr int kTimes = 5'000;

/// What one thread does, beside the others.
void record(NodeMetrics& metrics, int number) {
  const auto meter = metrics.shards.meter({1}, "docs", {0});
  for (int i = 0; i < kTimes; ++i) {
    meter->searches.add(std::chrono::microseconds(1));
    metrics.http.answered(kOtherRoute, "GET", 400 + i % 20, std::chrono::microseconds(1));
    metrics.search.ended(SearchMode::kHybrid, SearchOutcome::kComplete, {});
    metrics.writes.upserted(2);
    metrics.caches.changed(Cache::kFilter, {.hits = 1, .entries = 1, .bytes = 100});
    metrics.caches.changed(Cache::kFilter, {.misses = 1, .entries = -1, .bytes = -100});
    if (i % 1'000 == 0) {
      metrics.shards.meter({static_cast<Seq>(100 + number)}, "c", {0});
      metrics.shards.drop({static_cast<Seq>(100 + number)});
      metrics.text();
    }
  }
}

TEST(Recording, FromManyThreadsAddsUpWhileItIsScraped) {
  NodeMetrics metrics;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) threads.emplace_back([&, i] { record(metrics, i); });
  for (auto& thread : threads) thread.join();
  const auto found = test::samples_of(metrics.text());
  constexpr double kAll = kThreads * kTimes;
  double requests = 0;
  for (const auto& [series, value] : found)
    if (test::metric_name(series) == "mosaic_http_requests_total") requests += value;
  EXPECT_EQ(requests, kAll);
  EXPECT_EQ(found.at(R"(mosaic_shard_search_duration_seconds_count{collection="docs",shard="0"})"),
            kAll);
  EXPECT_EQ(found.at(R"(mosaic_searches_total{mode="hybrid",outcome="complete"})"), kAll);
  EXPECT_EQ(found.at("mosaic_documents_upserted_total"), 2 * kAll);
  EXPECT_EQ(found.at(R"(mosaic_cache_requests_total{cache="filter",result="hit"})"), kAll);
  EXPECT_EQ(found.at(R"(mosaic_cache_entries{cache="filter"})"), 0);
  EXPECT_EQ(found.at(R"(mosaic_cache_bytes{cache="filter"})"), 0);
}

}  // namespace
}  // namespace mosaic::metrics
