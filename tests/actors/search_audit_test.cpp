// The stage `audit` of a search, and what searchers are asked for it.
#include "search_fixture.hpp"

namespace mosaic::actors {
namespace {

using Ids = std::vector<std::string>;

struct SearchAuditTest : SearchFixture {
  static SearchRequest audited(std::size_t k = 100) {
    auto request = by_vector();
    request.k = k;
    request.audit = true;
    request.explain = true;
    return request;
  }

  static Ids stages(const SearchReply& reply) {
    Ids names;
    for (const auto& stage : reply.explain->stages) names.push_back(stage.name);
    return names;
  }
};

TEST_F(SearchAuditTest, FindsThatNothingIsMissing) {
  start({2, 3});
  const auto found = search(audited());
  ASSERT_TRUE(found->audit);
  EXPECT_EQ(found->audit->recall, 1);
  EXPECT_EQ(found->audit->expected, 5U);
  EXPECT_EQ(found->audit->found, 5U);
  EXPECT_TRUE(found->audit->missed.empty());
}

TEST_F(SearchAuditTest, NamesWhatTheIndexMissed) {
  start({2, 3});
  shards[1].unseen = {"s1d0", "s1d2"};
  const auto found = search(audited());
  EXPECT_EQ(found->hits.size(), 3U);
  ASSERT_TRUE(found->audit);
  EXPECT_EQ(found->audit->recall, 0.6);
  EXPECT_EQ(found->audit->missed, (Ids{"s1d0", "s1d2"}));
  EXPECT_FALSE(found->partial);
}

TEST_F(SearchAuditTest, LooksNoDeeperThanTheHits) {
  start({3, 3});
  shards[1].unseen = {"s1d2"};
  const auto found = search(audited(4));
  EXPECT_EQ(found->audit->expected, 4U);
  EXPECT_EQ(found->audit->recall, 1);
}

TEST_F(SearchAuditTest, TakesAnotherThatIsAsNearForFound) {
  start({1, 1});
  shards[0].unseen = {"s0d0"};  // "s1d0" has the same distance.
  const auto found = search(audited(1));
  ASSERT_EQ(found->hits.size(), 1U);
  EXPECT_EQ(found->hits[0].stored.document.id, "s1d0");
  EXPECT_EQ(found->audit->recall, 1);
}

TEST_F(SearchAuditTest, LooksAtTheVectorArmOfAHybridSearch) {
  start({3, 3});
  shards[0].unseen = {"s0d1"};
  auto request = audited();
  request.query = "words";
  request.mode = SearchMode::kHybrid;
  const auto found = search(request);
  EXPECT_EQ(found->hits.size(), 6U);
  EXPECT_EQ(found->audit->missed, Ids{"s0d1"});
  EXPECT_EQ(found->audit->expected, 6U);
}

TEST_F(SearchAuditTest, HasNothingToSayOfATextSearch) {
  start({3, 3});
  auto request = by_text();
  request.audit = true;
  EXPECT_FALSE(search(request)->audit);
  EXPECT_EQ(shards[0].asked["exact"], 0);
}

TEST_F(SearchAuditTest, AsksForNothingUnlessItIsAskedFor) {
  start({3, 3});
  EXPECT_FALSE(search(by_vector())->audit);
  EXPECT_EQ(shards[0].asked["exact"], 0);
}

TEST_F(SearchAuditTest, IsTheLastStage) {
  start({3, 3});
  auto request = audited(5);
  request.diversity = 0.5;
  const auto found = search(request);
  EXPECT_EQ(stages(*found), (Ids{"candidates", "rank", "documents", "diversify", "audit"}));
  EXPECT_EQ(found->explain->stages.back().candidates, 5U);
  EXPECT_EQ(found->explain->stages.back().shards_asked, 2U);
}

TEST_F(SearchAuditTest, AShardThatHangsInItCostsTheAuditAndNoHit) {
  start({2, 3});
  shards[1].mode = Mode::kHang;
  shards[1].only = {"exact"};
  Result<SearchReply> found = Error{};
  EXPECT_LE(search_taking(audited(), found), kBudget);
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_EQ(found->hits.size(), 5U);
  EXPECT_FALSE(found->partial);
  ASSERT_TRUE(found->audit);
  EXPECT_TRUE(found->audit->error.starts_with("shard 1: deadline_exceeded: "))
      << found->audit->error;
}

TEST_F(SearchAuditTest, AStateThatIsGoneCostsTheAuditAndNoHit) {
  start({2});
  shards[0].moves_on = true;  // Its search answers as of a state that the next question drops.
  const auto found = search(audited());
  EXPECT_EQ(found->hits.size(), 2U);
  EXPECT_FALSE(found->partial);
  EXPECT_EQ(found->audit->error, "shard 0: unavailable: this cut is not at hand");
}

TEST_F(SearchAuditTest, IsOfTheShardsThatAnswered) {
  start({2, 3});
  shards[0].unseen = {"s0d1"};
  lose({1}, {ErrorCode::kInternal, "gone"});
  const auto found = search(audited());
  EXPECT_TRUE(found->partial);
  EXPECT_EQ(found->audit->expected, 2U);
  EXPECT_EQ(found->audit->missed, Ids{"s0d1"});
}

TEST_F(SearchAuditTest, AShardLostBeforeItsDocumentsCameIsNoMiss) {
  start({2, 3});
  shards[1].mode = Mode::kFail;
  shards[1].only = {"fetch"};
  const auto found = search(audited(3));
  EXPECT_TRUE(found->partial);
  EXPECT_EQ(found->audit->recall, 1);
  EXPECT_EQ(found->audit->expected, 2U);
}

TEST_F(SearchAuditTest, WithoutAnyShardSaysSo) {
  start({2});
  lose({0}, {ErrorCode::kInternal, "gone"});
  const auto found = search(audited());
  EXPECT_TRUE(found->partial);
  EXPECT_EQ(found->audit->error, "no shard answered the search");
}

TEST_F(SearchAuditTest, HasNoTimeWhereTheSearchTookItAll) {
  start({2, 2});
  shards[1].mode = Mode::kHang;
  shards[1].only = {"fetch"};
  Result<SearchReply> found = Error{};
  EXPECT_LE(search_taking(audited(), found), kBudget);
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_EQ(found->hits.size(), 2U);
  EXPECT_EQ(found->audit->error, "the search used all of its time");
  EXPECT_EQ(shards[0].asked["exact"], 0);
}

TEST_F(SearchAuditTest, ExactSearchesAreAskedExactly) {
  start({2});
  shards[0].unseen = {"s0d0"};
  auto request = by_vector();
  request.exact = true;
  EXPECT_EQ(search(request)->hits.size(), 2U);
}

TEST_F(SearchAuditTest, ExplainTellsHowEachShardSearchedByVector) {
  start({1, 1});
  auto request = by_vector();
  request.explain = true;
  const auto found = search(request);
  ASSERT_EQ(found->explain->plans.size(), 2U);
  EXPECT_EQ(found->explain->plans[1].shard, ShardId{1});
  EXPECT_EQ(found->explain->plans[1].plan.reason, "a fake");
}

}  // namespace
}  // namespace mosaic::actors
