#include "shard/search_merge.hpp"

#include <gtest/gtest.h>

#include "query/rank.hpp"

namespace mosaic::shard {
namespace {

using Counts = std::vector<std::optional<std::uint64_t>>;

const Error kLate{ErrorCode::kDeadlineExceeded, "late"};

query::Candidate candidate(std::uint32_t shard, Row row, std::string id, double score) {
  query::Candidate made;
  made.shard = {shard};
  made.row = row;
  made.id = std::move(id);
  made.score = score;
  made.distance = 1 - score;
  made.vector_score = score;
  return made;
}

StoredDocument stored(std::string id, Vector vector = {}) {
  StoredDocument document;
  document.document.id = std::move(id);
  document.document.vector = std::move(vector);
  return document;
}

SearchRequest request_of(std::size_t k) {
  SearchRequest request;
  request.vector = {1};
  request.k = k;
  return request;
}

/// Two shards: "a" and "b" on shard 0, "c" on shard 1.
struct TwoShards : ::testing::Test {
  SearchRequest request = request_of(2);
  std::optional<SearchMerge> merge;

  void collect() {
    merge.emplace(request, Counts(2));
    merge->add({0}, {5, 30, {candidate(0, 1, "a", 0.5), candidate(0, 2, "b", 0.1)}, {}});
    merge->add({1}, {4, 10, {candidate(1, 1, "c", 0.9)}, {}});
  }

  void rank() {
    auto arms = merge->take_arms();
    merge->ranked(query::rank(query::rank_plan(request, {}), std::move(arms.vector_arms),
                              std::move(arms.text_arms)));
  }

  void fetch() {
    merge->add_documents({0}, {stored("a", {1, 0})});
    merge->add_documents({1}, {stored("c", {0, 1})});
  }

  static std::vector<std::string> ids(const SearchReply& reply) {
    std::vector<std::string> list;
    for (const auto& hit : reply.hits) list.push_back(hit.stored.document.id);
    return list;
  }
  static std::vector<std::string> ids(const std::vector<query::Candidate>& candidates) {
    std::vector<std::string> list;
    for (const auto& candidate : candidates) list.push_back(candidate.id);
    return list;
  }
};

using Ids = std::vector<std::string>;
using Rows = std::vector<Row>;

TEST_F(TwoShards, GiveTheirBestTogether) {
  collect();
  rank();
  EXPECT_EQ(merge->rows(), (std::map<ShardId, Rows>{{{0}, {1}}, {{1}, {1}}}));
  fetch();
  const auto reply = merge->finish();
  EXPECT_EQ(ids(reply), (Ids{"c", "a"}));
  EXPECT_EQ(reply.seq, 5U);
  EXPECT_FALSE(reply.partial);
  EXPECT_EQ(reply.shards_total, 2U);
  EXPECT_EQ(reply.shards_searched, 2U);
  EXPECT_EQ(reply.missing_share, 0);
  EXPECT_FALSE(reply.explain);
}

TEST_F(TwoShards, AreNotAskedForDocumentsThatCameAlong) {
  merge.emplace(request, Counts(2));
  ShardCandidates found{5, 30, {candidate(0, 1, "a", 0.5), candidate(0, 2, "b", 0.1)}};
  found.stored = {stored("a")};
  merge->add({0}, std::move(found));
  merge->add({1}, {4, 10, {candidate(1, 1, "c", 0.9), candidate(1, 3, "d", 0.8)}, {}});
  request.k = 4;
  rank();
  EXPECT_EQ(merge->rows(), (std::map<ShardId, Rows>{{{0}, {2}}, {{1}, {1, 3}}}));
  merge->add_documents({0}, {stored("b")});
  merge->add_documents({1}, {stored("c"), stored("d")});
  EXPECT_EQ(ids(merge->finish()), (Ids{"c", "d", "a", "b"}));
}

TEST_F(TwoShards, GiveOneListOfEachArm) {
  collect();
  const auto arms = merge->take_arms();
  ASSERT_EQ(arms.vector_arms.size(), 2U);
  EXPECT_EQ(arms.vector_arms[0].size(), 2U);
  EXPECT_EQ(arms.vector_arms[1][0].id, "c");
  EXPECT_EQ(arms.text_arms.size(), 2U);
}

TEST_F(TwoShards, AreNamedWhereTheyAreMissing) {
  collect();
  merge->missing({1}, "n1", kLate);
  merge->missing({1}, "n1", {ErrorCode::kUnavailable, "later"});
  rank();
  merge->add_documents({0}, {stored("a"), stored("b")});
  const auto reply = merge->finish();
  EXPECT_EQ(ids(reply), (Ids{"a", "b"}));
  EXPECT_TRUE(reply.partial);
  EXPECT_EQ(reply.shards_searched, 1U);
  ASSERT_EQ(reply.failed.size(), 1U);
  EXPECT_EQ(reply.failed[0].shard, ShardId{1});
  EXPECT_EQ(reply.failed[0].node, "n1");
  EXPECT_EQ(reply.failed[0].error, kLate);
}

TEST_F(TwoShards, LoseTheirHitsWhenTheyFailBeforeTheirDocumentsCome) {
  collect();
  rank();
  merge->add_documents({1}, {stored("c")});
  merge->missing({0}, "n1", kLate);
  EXPECT_EQ(merge->candidates().size(), 1U);
  EXPECT_EQ(merge->vectors().size(), 1U);
  const auto reply = merge->finish();
  EXPECT_EQ(ids(reply), (Ids{"c"}));
  EXPECT_TRUE(reply.partial);
  EXPECT_EQ(reply.missing_share, 0.75);
}

TEST_F(TwoShards, GiveVectorsInTheOrderOfTheRankingAndKeepThemOutOfTheAnswer) {
  collect();
  rank();
  fetch();
  EXPECT_EQ(merge->vectors(), (std::vector<Vector>{{0, 1}, {1, 0}}));
  for (const auto& hit : merge->finish().hits) EXPECT_TRUE(hit.stored.document.vector.empty());
}

TEST_F(TwoShards, GiveVectorsThatWereAskedFor) {
  request.include.vector = true;
  collect();
  rank();
  fetch();
  EXPECT_EQ(merge->finish().hits[0].stored.document.vector, (Vector{0, 1}));
}

TEST_F(TwoShards, AnswerByTheLastRanking) {
  collect();
  rank();
  fetch();
  auto chosen = merge->candidates();
  std::swap(chosen[0], chosen[1]);
  chosen[0].score = 2;
  merge->ranked(std::move(chosen));
  const auto reply = merge->finish();
  EXPECT_EQ(ids(reply), (Ids{"a", "c"}));
  EXPECT_EQ(reply.hits[0].score, 2);
}

TEST_F(TwoShards, ExplainWhatTheScoresAreMadeOf) {
  request.explain = true;
  collect();
  rank();
  merge->add_documents({1}, {stored("c")});
  const auto reply = merge->finish();
  ASSERT_TRUE(reply.explain);
  EXPECT_TRUE(reply.explain->stages.empty());
  ASSERT_EQ(reply.explain->hits.size(), 1U);  // "a" has no document
  EXPECT_EQ(reply.explain->hits[0].id, "c");
  EXPECT_EQ(reply.explain->hits[0].score, 0.9);
  EXPECT_EQ(reply.explain->hits[0].parts, (ScoreParts{0.9, {}, {}, {}}));
}

TEST_F(TwoShards, KeepTheNearestForAnAudit) {
  request.audit = true;
  collect();
  rank();
  EXPECT_EQ(ids(merge->nearest()), (Ids{"c", "a"}));
}

TEST_F(TwoShards, KeepNothingWithoutAnAudit) {
  collect();
  rank();
  EXPECT_TRUE(merge->nearest().empty());
}

TEST_F(TwoShards, AreAuditedAsFarAsTheyAnswer) {
  request.audit = true;
  collect();
  rank();
  merge->missing({1}, "n1", kLate);
  EXPECT_EQ(ids(merge->nearest()), (Ids{"a", "b"}));
}

TEST_F(TwoShards, ExplainHowTheyUsedTheIndex) {
  request.explain = true;
  collect();
  merge->add({1}, {4, 10, {}, {}, 0, VectorPlan{.way = "walk", .reason = "cheaper", .codes = {}}});
  merge->add({0}, {5, 30, {}, {}, 0, VectorPlan{.way = "scan", .reason = "no graph", .codes = {}}});
  const auto reply = merge->finish();
  ASSERT_EQ(reply.explain->plans.size(), 2U);
  EXPECT_EQ(reply.explain->plans[0].shard, ShardId{0});
  EXPECT_EQ(reply.explain->plans[0].plan.way, "scan");
  EXPECT_EQ(reply.explain->plans[1].plan.reason, "cheaper");
}

TEST_F(TwoShards, ExplainNothingOfAShardThatIsMissing) {
  collect();
  merge->add({0}, {5, 30, {}, {}, 0, VectorPlan{.way = "scan", .reason = "no graph", .codes = {}}});
  merge->missing({0}, "n1", kLate);
  EXPECT_TRUE(merge->plans().empty());
}

TEST(SearchMerge, NamesFailedShardsInTheirOrder) {
  SearchMerge merge(request_of(1), Counts(3));
  merge.missing({2}, "n", kLate);
  merge.missing({0}, "n", kLate);
  const auto reply = merge.finish();
  ASSERT_EQ(reply.failed.size(), 2U);
  EXPECT_EQ(reply.failed[0].shard, ShardId{0});
  EXPECT_EQ(reply.failed[1].shard, ShardId{2});
}

TEST(SearchMerge, CarriesTheScoresOfACandidate) {
  SearchMerge merge(request_of(1), Counts(1));
  auto one = candidate(0, 7, "a", 0.25);
  one.text_score = 3;
  one.pagerank = 0.125;
  merge.ranked({one});
  merge.add_documents({0}, {stored("a")});
  const auto hit = merge.finish().hits.at(0);
  EXPECT_EQ(hit.distance, 0.75);
  EXPECT_EQ(hit.scores.vector, 0.25);
  EXPECT_EQ(hit.scores.text, 3);
  EXPECT_EQ(hit.scores.pagerank, 0.125);
}

double share_without_shard_0(Counts known, std::vector<std::uint64_t> answered) {
  SearchMerge merge(request_of(1), std::move(known));
  for (std::uint32_t i = 0; i < answered.size(); ++i) merge.add({i + 1}, {1, answered[i], {}, {}});
  merge.missing({0}, "n", kLate);
  return merge.finish().missing_share;
}

TEST(MissingShare, GoesByTheDocumentsThatShardsHad) {
  EXPECT_DOUBLE_EQ(share_without_shard_0({60, 20, 20}, {20, 20}), 0.6);
  EXPECT_DOUBLE_EQ(share_without_shard_0({0, 20, 20}, {20, 20}), 0);
}

TEST(MissingShare, PrefersTheCountsOfThisSearch) {
  EXPECT_DOUBLE_EQ(share_without_shard_0({50, 0, 0}, {25, 25}), 0.5);
}

TEST(MissingShare, TakesTheMeanForAnUnknownCount) {
  EXPECT_DOUBLE_EQ(share_without_shard_0({{}, {}, {}}, {10, 30}), 20.0 / 60);
}

TEST(MissingShare, CountsShardsWhereNothingIsKnown) {
  EXPECT_DOUBLE_EQ(share_without_shard_0({{}, {}, {}, {}}, {}), 0.25);
  EXPECT_DOUBLE_EQ(share_without_shard_0({0, 0}, {0}), 0.5);
}

}  // namespace
}  // namespace mosaic::shard
