#include <fmt/format.h>

#include "shard_fixture.hpp"

namespace mosaic::shard {
namespace {

struct ArmsTest : ShardFixture {
  void SetUp() override {
    open();
    write({{make_document("a", {0, 0}, "apple"), make_document("b", {3, 4}, "apple apple"),
            make_document("c", {6, 8}, "pear"), make_document("d", {}, "apple")},
           {}});
  }

  static ShardQuery hybrid(std::size_t depth = 10) {
    ShardQuery query;
    query.text = "apple";
    query.vector = {0, 0};
    query.vector_arm = true;
    query.depth = depth;
    return query;
  }

  ShardCandidates found(const ShardQuery& query) { return searcher().search(0, query, {}).value(); }

  static query::Candidate one(const std::vector<query::Candidate>& arm, std::string_view id) {
    for (const auto& candidate : arm) {
      if (candidate.id == id) return candidate;
    }
    ADD_FAILURE() << id << " is no candidate";
    return {};
  }
};

using Ids = std::vector<std::string>;

TEST_F(ArmsTest, SayHowManyDocumentsLive) {
  EXPECT_EQ(found(hybrid()).documents, 4U);
  write({{}, {{"d", 0}}});
  EXPECT_EQ(found(hybrid()).documents, 3U);
}

TEST_F(ArmsTest, KnowTheVectorScoreOfWhatTheTextFound) {
  const auto arm = found(hybrid()).text_arm;
  EXPECT_EQ(one(arm, "b").distance, 5);
  EXPECT_EQ(one(arm, "b").vector_score, 1.0 / 6);
  EXPECT_EQ(one(arm, "d").distance, std::nullopt);
  EXPECT_EQ(one(arm, "d").vector_score, std::nullopt);
}

TEST_F(ArmsTest, KnowNoTextScoreOfWhatTheVectorFound) {
  for (const auto& candidate : found(hybrid()).vector_arm)
    EXPECT_EQ(candidate.text_score, std::nullopt);
}

TEST_F(ArmsTest, GiveNoVectorScoreWhereTheVectorRanksNothing) {
  auto query = hybrid();
  query.vector_arm = false;
  const auto arm = found(query).text_arm;
  EXPECT_EQ(one(arm, "b").distance, 5);
  EXPECT_EQ(one(arm, "b").vector_score, std::nullopt);
}

TEST_F(ArmsTest, LeaveOutOneDocumentWithoutLosingDepth) {
  auto query = hybrid(2);
  query.not_id = "a";
  EXPECT_EQ(ids(found(query).vector_arm), (Ids{"b", "c"}));
  EXPECT_EQ(ids(found(query).text_arm), (Ids{"b", "d"}));
  query.not_id = "nobody";
  EXPECT_EQ(ids(found(query).vector_arm), (Ids{"a", "b"}));
  EXPECT_EQ(found(query).text_arm.size(), 2U);
}

TEST_F(ArmsTest, BringPageRankWhereItIsAskedFor) {
  const auto bytes = encode_pagerank({seq, {"a", "b"}, {0.25, 0.75}});
  shard->apply({{++seq, EntryKind::kPageRank, std::make_shared<const std::string>(bytes)}});
  auto query = hybrid();
  EXPECT_EQ(one(found(query).vector_arm, "b").pagerank, std::nullopt);
  query.pagerank = true;
  const auto candidates = found(query);
  EXPECT_EQ(one(candidates.vector_arm, "b").pagerank, 0.75);
  EXPECT_EQ(one(candidates.vector_arm, "c").pagerank, std::nullopt);
  EXPECT_EQ(one(candidates.text_arm, "a").pagerank, 0.25);
}

}  // namespace
}  // namespace mosaic::shard
