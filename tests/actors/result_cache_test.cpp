// Answers that were kept: given again at the state they were made at, and never after it.
#include "node_fixture.hpp"
#include "search_fixture.hpp"

namespace mosaic::actors {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kPlenty = 1 << 20;

struct ResultCacheTest : SearchFixture {
  void SetUp() override { results = std::make_shared<query::ResultCache>(kPlenty); }

  void move_cut(Seq cut) {
    for (auto& shard : shards) shard.seq = cut;
    caf::anon_send(coordinator_under_test, cut_atom_v, cut_moved{kDocs, cut});
    run();
  }

  int asked() const {
    int sum = 0;
    for (const auto& shard : shards) sum += shard.asked_in_all();
    return sum;
  }
};

TEST_F(ResultCacheTest, TheSameQuestionAtTheSameStateIsAnsweredWithoutAskingAnybody) {
  start({2, 3});
  const auto first = search(by_both());
  ASSERT_TRUE(first) << first.error().detail;
  const auto before = asked();
  auto again = by_both();
  again.timeout_ms = 77;
  again.trace_id = "another";
  const auto second = search(again);
  ASSERT_TRUE(second) << second.error().detail;
  EXPECT_EQ(asked(), before);
  EXPECT_EQ(second->seq, first->seq);
  EXPECT_EQ(second->took_ms, 0) << "of this request, in a time that stands still";
  ASSERT_EQ(second->hits.size(), 5U);
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(second->hits[i].stored.document, first->hits[i].stored.document);
    EXPECT_EQ(second->hits[i].score, first->hits[i].score);
  }
}

TEST_F(ResultCacheTest, AWriteThatCameSinceIsSeen) {
  start({2, 2});
  ASSERT_EQ(search(by_vector())->hits.size(), 4U);
  shards[0].documents.pop_back();
  move_cut(2);
  const auto found = search(by_vector());
  EXPECT_EQ(found->hits.size(), 3U);
  EXPECT_EQ(found->seq, 2U);
  const auto before = asked();
  EXPECT_EQ(search(by_vector())->hits.size(), 3U);
  EXPECT_EQ(asked(), before);
}

/// One shard is searched at its newest view, which may be ahead of what the coordinator has heard.
TEST_F(ResultCacheTest, AnAnswerAheadOfTheCutWaitsForIt) {
  start({2});
  shards[0].seq = 2;
  ASSERT_EQ(search(by_vector())->seq, 2U);
  const auto before = asked();
  EXPECT_EQ(search(by_vector())->seq, 2U);
  EXPECT_GT(asked(), before) << "at cut 1 it is no answer yet";
  move_cut(2);
  const auto then = asked();
  EXPECT_EQ(search(by_vector())->seq, 2U);
  EXPECT_EQ(asked(), then);
}

TEST_F(ResultCacheTest, APartialAnswerIsNotKept) {
  start({2, 3});
  lose({1}, {ErrorCode::kInternal, "lost on purpose"});
  EXPECT_TRUE(search(by_vector())->partial);
  start_searcher({1});
  const auto whole = search(by_vector());
  EXPECT_FALSE(whole->partial);
  EXPECT_EQ(whole->hits.size(), 5U);
}

TEST_F(ResultCacheTest, ExplainAndAuditLookForThemselves) {
  start({2, 3});
  EXPECT_TRUE(search(by_vector()));
  for (const auto& flag : {&SearchRequest::explain, &SearchRequest::audit}) {
    auto request = by_vector();
    request.*flag = true;
    for (int i = 0; i < 2; ++i) {
      const auto before = asked();
      ASSERT_TRUE(search(request));
      EXPECT_GT(asked(), before);
    }
  }
}

TEST_F(ResultCacheTest, ARequestThatIsWrongIsRefusedWhateverIsKept) {
  start({2});
  ASSERT_TRUE(search(by_vector()));
  auto wrong = by_vector();
  wrong.timeout_ms = kTimeoutMsMax + 1;
  EXPECT_EQ(search(wrong).error().code, ErrorCode::kInvalidArgument);
}

/// A coordinator that was just started has not heard how far the collection is.
TEST_F(ResultCacheTest, WhereTheStateIsNotKnownNothingIsTakenForIt) {
  start({2});
  const auto fresh = system.spawn(
      coordinator, coordinator_config{"n1", static_cast<std::uint32_t>(kBudget.count()), 0,
                                      search_metrics, 0, results});
  caf::anon_send(fresh, opened_atom_v, collection_opened{kDocs, settings});
  caf::anon_send(fresh, up_atom_v, shard_key{kDocs, {0}},
                 std::vector<searcher_actor>{searchers[0]});
  run();
  shards[0].documents.pop_back();
  shards[0].seq = 0;
  const auto found = ask<SearchReply>(fresh, search_atom_v, by_vector());
  EXPECT_EQ(found->hits.size(), 1U);
  shards[0].seq = 2;
  shards[0].documents.pop_back();
  EXPECT_EQ(ask<SearchReply>(fresh, search_atom_v, by_vector())->hits.size(), 0U);
  end(fresh);
  run();
}

TEST_F(ResultCacheTest, EveryLookupIsCounted) {
  // Lives as long as the coordinator does.
  const auto all = std::make_shared<CacheChange>();
  results = std::make_shared<query::ResultCache>(kPlenty, [all](const CacheChange& change) {
    all->hits += change.hits;
    all->misses += change.misses;
  });
  start({2});
  EXPECT_TRUE(search(by_vector()));
  EXPECT_TRUE(search(by_vector()));
  EXPECT_TRUE(search(by_text()));
  EXPECT_EQ(all->hits, 1U);
  EXPECT_EQ(all->misses, 2U);
}

/// Writes by a real log bridge and real shards.
struct CachingNodeTest : NodeFixture {
  void SetUp() override {
    results = std::make_shared<query::ResultCache>(kPlenty);
    NodeFixture::SetUp();
  }
};

TEST_F(CachingNodeTest, WhatWasAcknowledgedIsInEveryAnswerAfterIt) {
  for (const auto count : {std::uint32_t{1}, std::uint32_t{3}}) {
    make_collection(count);
    for (std::size_t i = 1; i <= 20; ++i) {
      const auto written = upsert({"d" + std::to_string(i)});
      ASSERT_TRUE(written.applied);
      for (int repeat = 0; repeat < 2; ++repeat) {
        const auto found = search();
        ASSERT_TRUE(found) << found.error().detail;
        EXPECT_EQ(found->hits.size(), i);
        EXPECT_EQ(found->seq, written.seq);
      }
    }
    ASSERT_TRUE(ask<append_reply>(writer, drop_atom_v, std::string("docs"), RequestId{}));
  }
}

/// The coordinator may hear of the cut only after the writer has his answer if the log told them in
/// another order: the message must be in its mailbox by then.
TEST_F(CachingNodeTest, ASearchThatIsSentTheMomentAWriteIsAnsweredSeesIt) {
  make_collection(2);
  upsert({"a"});
  ASSERT_EQ(search()->hits.size(), 1U);
  UpsertRequest request{"docs", {}};
  request.documents.emplace_back().id = "b";
  request.documents.back().vector = {1, 1};
  const auto written = begin<UpsertReply>(writer, upsert_atom_v, request, RequestId{});
  while (!written->answered() && scheduler.try_run_once()) {
  }
  ASSERT_TRUE(written->answered());
  SearchRequest asked;
  asked.collection = "docs";
  asked.vector = {1, 0};
  EXPECT_EQ(ask<SearchReply>(reader, search_atom_v, asked)->hits.size(), 2U);
}

TEST_F(CachingNodeTest, AChangeOfSettingsIsANewState) {
  make_collection(1);
  upsert({"a"});
  const auto before = search()->seq;
  CollectionPatch patch;
  patch.indexed = std::vector<std::string>{"section"};
  ASSERT_TRUE(ask<CollectionInfo>(writer, patch_atom_v, patch_request{"docs", patch}, RequestId{}));
  EXPECT_GT(search()->seq, before);
}

}  // namespace
}  // namespace mosaic::actors
