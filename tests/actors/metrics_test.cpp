// Owners push what happens: searches, writes, the log, shards and parts.
#include "actors/root.hpp"
#include "node_fixture.hpp"
#include "search_fixture.hpp"
#include "support/metric_samples.hpp"

namespace mosaic::actors {
namespace {

using namespace std::chrono_literals;

struct SearchMetricsTest : SearchFixture {
  double count(const std::string& series) {
    return test::samples_of(search_metrics->text()).at(series);
  }
  double stage(const std::string& name) {
    return count("mosaic_search_stage_duration_seconds_count{stage=\"" + name + "\"}");
  }
  double outcome(const std::string& mode, const std::string& name) {
    return count("mosaic_searches_total{mode=\"" + mode + "\",outcome=\"" + name + "\"}");
  }
};

TEST_F(SearchMetricsTest, ASearchCountsItsStages) {
  start({2, 3});
  ASSERT_TRUE(search(by_text()));
  for (const auto* name : {"text_stats", "candidates", "rank", "documents"})
    EXPECT_EQ(stage(name), 1) << name;
  for (const auto* name : {"document", "embed", "diversify", "audit"})
    EXPECT_EQ(stage(name), 0) << name;
  EXPECT_EQ(outcome("text", "complete"), 1);
  EXPECT_EQ(count(R"(mosaic_search_duration_seconds_count{mode="text"})"), 1);
}

TEST_F(SearchMetricsTest, WhatCameOfASearchIsCounted) {
  start({2, 3});
  lose({1}, {ErrorCode::kUnavailable, "down"});
  ASSERT_TRUE(search(by_vector())->partial);
  EXPECT_EQ(outcome("vector", "partial"), 1);
  auto request = by_vector();
  request.collection = "gone";
  ASSERT_FALSE(search(request));
  EXPECT_EQ(outcome("vector", "error"), 1);
  EXPECT_EQ(outcome("vector", "complete"), 0);
}

TEST_F(SearchMetricsTest, ASearchThatStartsAgainIsARetry) {
  start({2, 3});
  shards[0].moves_on = true;
  Result<SearchReply> found = Error{};
  search_taking(by_vector(), found);
  EXPECT_EQ(count("mosaic_search_retries_total"), 7);
}

struct NodeMetricsTest : NodeFixture {
  test::MetricSamples samples() { return test::samples_of(node_metrics->text()); }
  double count(const std::string& series) { return samples().at(series); }
  double shard(const std::string& name, const std::string& number = "0") {
    return count(name + "{collection=\"docs\",shard=\"" + number + "\"}");
  }
};

TEST_F(NodeMetricsTest, AWriteIsFollowedFromThePreparationToTheShards) {
  make_collection(2);
  upsert({"a", "b", "c"});
  pass(kLogTick);
  EXPECT_EQ(count(R"(mosaic_writes_total{outcome="applied"})"), 1);
  EXPECT_EQ(count("mosaic_documents_upserted_total"), 3);
  for (const auto* stage : {"prepare", "commit", "apply"}) {
    const auto series = std::string("mosaic_write_stage_duration_seconds_count{stage=\"") + stage;
    EXPECT_EQ(count(series + "\"}"), 1) << stage;
  }
  EXPECT_EQ(count("mosaic_log_seq"), 2);
  EXPECT_EQ(count("mosaic_log_entries"), 2);
  EXPECT_EQ(count("mosaic_log_lag_entries"), 0);
  EXPECT_EQ(count("mosaic_documents"), 3);
  EXPECT_EQ(shard("mosaic_shard_documents", "0") + shard("mosaic_shard_documents", "1"), 3);
  EXPECT_EQ(shard("mosaic_shard_applied_seq"), 2);
  EXPECT_GT(shard("mosaic_shard_bytes"), 0);
  EXPECT_GE(shard("mosaic_shard_apply_duration_seconds_count"), 1);
  EXPECT_EQ(count("mosaic_ready"), 1);
}

TEST_F(NodeMetricsTest, AWriteThatFailsOrOnlyLastsIsNotApplied) {
  make_collection(1);
  memory->refuse = true;
  EXPECT_FALSE(try_upsert({"a"}));
  EXPECT_EQ(count(R"(mosaic_writes_total{outcome="error"})"), 1);
  memory->refuse = false;
  broken = true;
  kill_shard({0});
  EXPECT_FALSE(upsert({"a"}).applied);
  EXPECT_EQ(count(R"(mosaic_writes_total{outcome="durable"})"), 1);
  EXPECT_EQ(count(R"(mosaic_writes_total{outcome="applied"})"), 0);
  EXPECT_FALSE(
      ask<DeleteReply>(writer, remove_atom_v, DeleteRequest{"gone", {"a"}, {}, {}}, RequestId{}));
  EXPECT_EQ(count(R"(mosaic_writes_total{outcome="error"})"), 2);
}

TEST_F(NodeMetricsTest, WritersThatWaitAreSeen) {
  make_collection(1);
  memory->mute = true;
  UpsertRequest request{"docs", {}};
  request.documents.emplace_back().id = "a";
  const auto waiting = begin<UpsertReply>(writer, upsert_atom_v, request, RequestId{});
  run();
  pass(kLogTick);
  EXPECT_EQ(count(R"(mosaic_writers_waiting{for="commit"})"), 1);
  pass(20s);
  EXPECT_EQ(count(R"(mosaic_writers_waiting{for="commit"})"), 0);
  EXPECT_EQ(count(R"(mosaic_writes_total{outcome="error"})"), 1);
}

TEST_F(NodeMetricsTest, DeletedDocumentsAreCounted) {
  make_collection(2);
  upsert({"a", "b", "c"});
  ASSERT_TRUE(ask<DeleteReply>(writer, remove_atom_v, DeleteRequest{"docs", {"a", "x"}, {}, {}},
                               RequestId{}));
  EXPECT_EQ(count("mosaic_documents_deleted_total"), 1);
  EXPECT_EQ(count("mosaic_documents"), 2);
}

TEST_F(NodeMetricsTest, ARestartOfAShardIsCountedAndItsCountsGoOn) {
  make_collection(1);
  upsert({"a"});
  const auto applied = shard("mosaic_shard_apply_duration_seconds_count");
  kill_shard({0});
  EXPECT_EQ(count(R"(mosaic_shards{state="down"})"), 1);
  EXPECT_EQ(shard("mosaic_shard_up"), 0);
  EXPECT_EQ(count("mosaic_ready"), 0);
  pass(1s);
  pass(kLogTick);
  EXPECT_EQ(count(R"(mosaic_shards{state="up"})"), 1);
  EXPECT_EQ(shard("mosaic_shard_up"), 1);
  EXPECT_EQ(shard("mosaic_shard_restarts_total"), 1);
  EXPECT_EQ(count(R"(mosaic_part_restarts_total{part="shard"})"), 1);
  EXPECT_EQ(shard("mosaic_shard_apply_duration_seconds_count"), applied);
  EXPECT_EQ(count("mosaic_ready"), 1);
}

TEST_F(NodeMetricsTest, AShardThatKeepsFailingIsParked) {
  make_collection(1);
  broken = true;
  kill_shard({0});
  for (int i = 0; i < 10; ++i) pass(1s);
  EXPECT_EQ(count(R"(mosaic_shards{state="parked"})"), 1);
}

TEST_F(NodeMetricsTest, SearchersCountTheirQuestions) {
  make_collection(2);
  upsert({"a", "b"});
  ASSERT_TRUE(search());
  ASSERT_TRUE(search());
  EXPECT_EQ(count(R"(mosaic_searcher_duration_seconds_count{question="search"})"), 4);
  EXPECT_GE(count(R"(mosaic_searcher_duration_seconds_count{question="fetch"})"), 2);
  EXPECT_EQ(shard("mosaic_shard_search_duration_seconds_count", "0"), 2);
  EXPECT_EQ(shard("mosaic_shard_search_duration_seconds_count", "1"), 2);
}

TEST_F(NodeMetricsTest, FiltersAreCountedUntilTheirShardEnds) {
  make_collection(1);
  upsert({"a", "b"});
  SearchRequest request;
  request.collection = "docs";
  request.vector = {1, 0};
  request.filter = R"({"n":1})";
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(ask<SearchReply>(reader, search_atom_v, request));
  EXPECT_EQ(count(R"(mosaic_cache_requests_total{cache="filter",result="miss"})"), 1);
  EXPECT_EQ(count(R"(mosaic_cache_requests_total{cache="filter",result="hit"})"), 2);
  EXPECT_EQ(count(R"(mosaic_cache_entries{cache="filter"})"), 1);
  EXPECT_GT(count(R"(mosaic_cache_bytes{cache="filter"})"), 0);
  kill_shard({0});
  pass(1s);
  EXPECT_EQ(count(R"(mosaic_cache_entries{cache="filter"})"), 0);
}

TEST_F(NodeMetricsTest, ADroppedCollectionIsGone) {
  make_collection(2);
  ASSERT_TRUE(ask<append_reply>(writer, drop_atom_v, std::string("docs"), RequestId{}));
  EXPECT_EQ(count("mosaic_collections"), 0);
  EXPECT_EQ(count(R"(mosaic_shards{state="up"})"), 0);
  EXPECT_EQ(test::series_of(samples(), "mosaic_shard_up"), 0U);
}

caf::behavior mortal_part(caf::event_based_actor*) {
  return {[](parts_atom, const node_parts_ptr&) {}};
}

struct PartMetricsTest : ActorFixture {
  metrics::NodeMetricsPtr node_metrics = std::make_shared<metrics::NodeMetrics>();
  std::vector<caf::actor> started;
  root_actor root_under_test;

  void SetUp() override {
    root_config rooting;
    rooting.metrics = node_metrics;
    rooting.specs = {{"ingest", 2, [this](caf::scheduled_actor* parent, std::size_t) {
                        started.push_back(parent->spawn(mortal_part));
                        return started.back();
                      }}};
    root_under_test = system.spawn(root, std::move(rooting));
    ASSERT_TRUE(ask<void>(root_under_test, start_atom_v));
  }
  void TearDown() override {
    end(root_under_test);
    run();
  }
  double count(const std::string& name) {
    return test::samples_of(node_metrics->text()).at(name + R"({part="ingest"})");
  }
};

TEST_F(PartMetricsTest, APartThatDiesIsMissedAndItsRestartCounted) {
  EXPECT_EQ(count("mosaic_part_up"), 2);
  crash(started.front(), {ErrorCode::kInternal, "killed by a test"});
  run();
  EXPECT_EQ(count("mosaic_part_up"), 1);
  EXPECT_EQ(count("mosaic_part_restarts_total"), 0);
  pass(5s);
  EXPECT_EQ(count("mosaic_part_up"), 2);
  EXPECT_EQ(count("mosaic_part_restarts_total"), 1);
}

}  // namespace
}  // namespace mosaic::actors
