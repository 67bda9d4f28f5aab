// Writes at a node that does not lead.
#include "actors/log_appends.hpp"
#include "cluster_fixture.hpp"

namespace mosaic::actors {
namespace {

using namespace std::chrono_literals;

struct ForwardingTest : ClusterFixture {
  void SetUp() override {
    ClusterFixture::SetUp();
    make_collection(1);
    form(3);
    cluster_log->appended.clear();
    lead(2);
  }

  Answer<UpsertReply> begin_upsert(const std::string& id) {
    Document document;
    document.id = id;
    document.vector = {1, 0};
    const auto answer =
        begin<UpsertReply>(writer, upsert_atom_v, UpsertRequest{"docs", {document}}, RequestId{});
    run();
    return answer;
  }

  /// One that has more time than anything here takes.
  Answer<append_reply> begin_append() {
    const append_request request{catalog->find("docs")->id,
                                 EntryKind::kWrite,
                                 bytes_of(encode_write({})),
                                 {},
                                 Deadline::in(now(), 60s)};
    const auto answer = begin<append_reply>(log, append_atom_v, request);
    run();
    return answer;
  }

  /// The leader has committed what it was asked for last.
  void commit_forwarded(std::uint64_t peer) {
    const auto& last = peers[peer].forwarded.back();
    cluster_log->commit(last.request, last.ticket);
    run();
  }
};

TEST_F(ForwardingTest, TheLeaderIsAskedAndTheAnswerComesFromTheOwnLog) {
  const auto answer = begin_upsert("a");
  ASSERT_EQ(peers[2].forwarded.size(), 1U);
  EXPECT_EQ(peers[2].forwarded[0].origin, 1U);
  EXPECT_TRUE(cluster_log->appended.empty());
  EXPECT_FALSE(answer->answered());
  commit_forwarded(2);
  ASSERT_TRUE(answer->answered() && *answer->result);
  EXPECT_TRUE((*answer->result)->applied);
  EXPECT_EQ(search()->hits.size(), 1U);
}

TEST_F(ForwardingTest, EveryWriteOfAClusterHasAName) {
  begin_upsert("a");
  begin_upsert("b");
  const auto& forwarded = peers[2].forwarded;
  ASSERT_EQ(forwarded.size(), 2U);
  EXPECT_TRUE(forwarded[0].request.request);
  EXPECT_NE(forwarded[0].request.request, forwarded[1].request.request);
}

TEST_F(ForwardingTest, ANewLeaderIsAskedAgainUnderTheSameName) {
  const auto answer = begin_upsert("a");
  lead(3);
  pass(kLogTick);
  ASSERT_EQ(peers[3].forwarded.size(), 1U);
  EXPECT_EQ(peers[3].forwarded[0].request.request, peers[2].forwarded[0].request.request);
  EXPECT_EQ(peers[3].forwarded[0].ticket, peers[2].forwarded[0].ticket);
  // Both leaders have written it: it is done once.
  commit_forwarded(2);
  commit_forwarded(3);
  ASSERT_TRUE(answer->answered() && *answer->result);
  EXPECT_EQ(search()->hits.size(), 1U);
}

TEST_F(ForwardingTest, ALeaderThatIsElectedAgainIsAskedAgain) {
  begin_upsert("a");
  pass(kLogTick);
  EXPECT_EQ(peers[2].forwarded.size(), 1U);
  lead(2);
  pass(kLogTick);
  EXPECT_EQ(peers[2].forwarded.size(), 2U);
}

TEST_F(ForwardingTest, ANodeThatIsElectedMeanwhileAppendsItself) {
  const auto answer = begin_upsert("a");
  lead(1);
  pass(kLogTick);
  ASSERT_TRUE(answer->answered() && *answer->result);
  EXPECT_EQ(cluster_log->appended.size(), 1U);
}

TEST_F(ForwardingTest, WhatALostLeaderMayHaveStoredIsAskedOfTheNext) {
  lead(1);
  cluster_log->commits = false;
  const auto answer = begin_upsert("a");
  ASSERT_EQ(cluster_log->appended.size(), 1U);
  const auto name = cluster_log->appended[0].request;
  EXPECT_TRUE(name);
  lead(0);
  cluster_log->lose(cluster_log->appended[0].ticket, true);
  run();
  EXPECT_FALSE(answer->answered());
  lead(3);
  pass(kLogTick);
  ASSERT_EQ(peers[3].forwarded.size(), 1U);
  EXPECT_EQ(peers[3].forwarded[0].request.request, name);
}

TEST_F(ForwardingTest, WithoutALeaderItIsRefusedAfterAWhile) {
  lead(0);
  const auto answer = begin_append();
  pass_slowly(kLeaderPatience - kLogTick);
  EXPECT_FALSE(answer->answered());
  pass_slowly(3 * kLogTick);
  ASSERT_TRUE(answer->answered());
  EXPECT_EQ(answer->error().code, ErrorCode::kUnavailable);
  EXPECT_NE(answer->error().detail.find("the write is not stored"), std::string::npos);
}

TEST_F(ForwardingTest, WhatWasSentToALeaderThatIsLostMayBeStored) {
  const auto answer = begin_append();
  lead(0);
  pass_slowly(kLeaderPatience + 3 * kLogTick);
  ASSERT_TRUE(answer->answered());
  EXPECT_EQ(answer->error().code, ErrorCode::kUnavailable);
  EXPECT_NE(answer->error().detail.find("is not known"), std::string::npos);
}

TEST_F(ForwardingTest, AnOvertakenNodeDoesNotWaitForWhatItHearsNoMoreOf) {
  const auto sent = begin_append();
  const auto stored = begin_append();
  ASSERT_TRUE(
      ask<void>(supervisor, fault_atom_v,
                FaultRequest{.part = "shard", .kind = FaultKind::kDrop, .collection = "docs"}));
  commit_forwarded(2);
  EXPECT_FALSE(stored->answered());
  cluster_log->gone = memory->last_seq() + 1;
  pass(kLogTick);
  ASSERT_TRUE(sent->answered());
  EXPECT_EQ(sent->error().code, ErrorCode::kUnavailable);
  EXPECT_NE(sent->error().detail.find("is not known"), std::string::npos);
  ASSERT_TRUE(stored->answered() && *stored->result);
  EXPECT_FALSE((*stored->result)->applied);
}

TEST_F(ForwardingTest, TheVerdictOfTheLeaderIsTheAnswer) {
  peers[2].refusal = Error{ErrorCode::kOverloaded, "its queue is full"};
  const auto answer = begin_upsert("a");
  ASSERT_TRUE(answer->answered());
  EXPECT_EQ(answer->error().code, ErrorCode::kOverloaded);
}

TEST_F(ForwardingTest, ALeaderThatIsNoneAnyMoreIsNoVerdict) {
  peers[2].refusal = Error{ErrorCode::kUnavailable, "the node does not lead the cluster"};
  const auto answer = begin_upsert("a");
  EXPECT_FALSE(answer->answered());
  lead(3);
  pass(kLogTick);
  commit_forwarded(3);
  EXPECT_TRUE(answer->answered() && *answer->result);
}

TEST_F(ForwardingTest, TheLeaderAppendsForAnotherUnderItsTicket) {
  lead(1);
  const auto* record = catalog->find("docs");
  const append_request request{record->id,
                               EntryKind::kWrite,
                               bytes_of(encode_write({})),
                               {},
                               Deadline::in(now(), std::chrono::seconds(5))};
  const auto taken = ask<leader_reply>(log, forward_atom_v, forwarded_append{request, 3, 77});
  ASSERT_TRUE(taken);
  ASSERT_EQ(cluster_log->appended.size(), 1U);
  EXPECT_EQ(cluster_log->appended[0].origin, 3U);
  EXPECT_EQ(cluster_log->appended[0].ticket, 77U);
}

/// An entry that it has not heard of may be one that changes what vectors the collection has.
TEST_F(ForwardingTest, ANewLeaderHearsFirstWhatItHasInherited) {
  const auto sent = begin_upsert("a");
  const auto left = peers[2].forwarded.at(0);
  cluster_log->at.inherited = memory->last_seq() + 1;
  lead(1);
  pass(kLogTick);
  EXPECT_TRUE(cluster_log->appended.empty());
  EXPECT_FALSE(ask<leader_reply>(log, forward_atom_v, forwarded_append{left.request, 3, 77}));
  cluster_log->commit(left.request, left.ticket);
  run();
  EXPECT_TRUE(sent->answered());
  EXPECT_TRUE(ask<leader_reply>(log, forward_atom_v, forwarded_append{left.request, 3, 77}));
  EXPECT_EQ(cluster_log->appended.size(), 1U);
}

TEST_F(ForwardingTest, WhoDoesNotLeadAppendsForNobody) {
  const auto taken =
      ask<leader_reply>(log, forward_atom_v, forwarded_append{append_request{}, 3, 77});
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, ErrorCode::kUnavailable);
  EXPECT_TRUE(cluster_log->appended.empty());
}

}  // namespace
}  // namespace mosaic::actors
