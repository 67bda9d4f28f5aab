// How fresh an answer is: min_seq and strong searches.
#include "cluster_fixture.hpp"

namespace mosaic::actors {
namespace {

using namespace std::chrono_literals;

struct FreshnessTest : ClusterFixture {
  void SetUp() override {
    ClusterFixture::SetUp();
    make_collection(2);
  }

  Answer<SearchReply> begin_search(Consistency consistency, Seq min_seq = 0) {
    SearchRequest request;
    request.collection = "docs";
    request.vector = {1, 0};
    request.consistency = consistency;
    request.min_seq = min_seq;
    request.timeout_ms = 500;
    const auto answer = begin<SearchReply>(reader, search_atom_v, request);
    run();
    return answer;
  }
};

TEST_F(FreshnessTest, WhatIsThereIsFreshEnough) {
  const auto written = upsert({"a"});
  const auto answer = begin_search(Consistency::kSession, written.seq);
  ASSERT_TRUE(answer->answered() && *answer->result);
  EXPECT_GE((*answer->result)->seq, written.seq);
}

TEST_F(FreshnessTest, ASearchWaitsForTheSeqThatItNames) {
  const auto written = upsert({"a"});
  const auto answer = begin_search(Consistency::kSession, written.seq + 1);
  EXPECT_FALSE(answer->answered());
  upsert({"b"});
  pass_slowly(10ms);
  ASSERT_TRUE(answer->answered() && *answer->result);
  EXPECT_EQ((*answer->result)->hits.size(), 2U);
}

TEST_F(FreshnessTest, ASeqThatDoesNotComeIsUnavailable) {
  const auto answer = begin_search(Consistency::kSession, 1'000);
  pass_slowly(600ms);
  ASSERT_TRUE(answer->answered());
  EXPECT_EQ(answer->error().code, ErrorCode::kUnavailable);
}

TEST_F(FreshnessTest, ASearchWaitsForShardsAlsoWhereTheLogHasForgottenTheEntry) {
  ASSERT_TRUE(
      ask<void>(supervisor, fault_atom_v,
                FaultRequest{.part = "shard", .kind = FaultKind::kDrop, .collection = "docs"}));
  begin<UpsertReply>(writer, upsert_atom_v,
                     UpsertRequest{"docs", {Document{"a", {}, {}, {1, 0}, {}, {}}}}, RequestId{});
  run();
  memory->truncate(memory->last_seq());
  const auto answer = begin_search(Consistency::kSession, memory->last_seq());
  pass_slowly(100ms);
  EXPECT_FALSE(answer->answered());
}

TEST_F(FreshnessTest, ADeletionByFilterMissesNothingThatWasAcknowledgedElsewhere) {
  form(3);
  lead(2);
  DeleteRequest request{"docs", {}, {}, {}};
  request.filter = R"({"a": 1})";
  const auto answer = begin<DeleteReply>(writer, remove_atom_v, request, RequestId{});
  run();
  EXPECT_EQ(peers[2].barriers, 1U);
  EXPECT_FALSE(answer->answered());
}

TEST_F(FreshnessTest, WhoeverDoesNotCareDoesNotWait) {
  EXPECT_TRUE(begin_search(Consistency::kEventual, 1'000)->answered());
}

TEST_F(FreshnessTest, AloneAStrongSearchNeedsNobody) {
  upsert({"a"});
  const auto answer = begin_search(Consistency::kStrong);
  ASSERT_TRUE(answer->answered() && *answer->result);
  EXPECT_EQ((*answer->result)->hits.size(), 1U);
}

TEST_F(FreshnessTest, AStrongSearchOfAClusterAsksTheLeader) {
  form(3);
  lead(2);
  const auto answer = begin_search(Consistency::kStrong);
  EXPECT_EQ(peers[2].barriers, 1U);
  EXPECT_FALSE(answer->answered());
}

TEST_F(FreshnessTest, AStrongSearchWithoutALeaderIsUnavailable) {
  form(3);
  lead(0);
  const auto answer = begin_search(Consistency::kStrong);
  ASSERT_TRUE(answer->answered());
  EXPECT_EQ(answer->error().code, ErrorCode::kUnavailable);
}

TEST_F(FreshnessTest, WhatIsWrongWithASearchIsSaidWithoutWaiting) {
  SearchRequest request;
  request.collection = "docs";
  request.vector = {1, 0, 0};
  request.min_seq = 1'000;
  const auto answer = ask<SearchReply>(reader, search_atom_v, request);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kDimensionMismatch);
}

}  // namespace
}  // namespace mosaic::actors
