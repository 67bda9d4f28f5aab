#include "query/merge.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace mosaic::query {
namespace {

Candidate candidate(std::string id, double score) {
  Candidate made;
  made.id = std::move(id);
  made.score = score;
  return made;
}

Candidate from_vector(std::string id, double score) {
  auto made = candidate(std::move(id), score);
  made.vector_score = score;
  made.distance = 1 - score;
  return made;
}

Candidate from_text(std::string id, double score) {
  auto made = candidate(std::move(id), score);
  made.text_score = score;
  return made;
}

std::vector<std::string> ids(const std::vector<Candidate>& candidates) {
  std::vector<std::string> list;
  for (const auto& one : candidates) list.push_back(one.id);
  return list;
}

using Ids = std::vector<std::string>;

TEST(TopKMerge, OrdersByFallingScoreAcrossLists) {
  const auto merged = merge_top_k(
      {{candidate("a", 3), candidate("b", 1)}, {}, {candidate("c", 2), candidate("d", 0)}}, 3);
  EXPECT_EQ(ids(merged), (Ids{"a", "c", "b"}));
}

TEST(TopKMerge, BreaksTiesById) {
  EXPECT_EQ(
      ids(merge_top_k({{candidate("b", 0.0)}, {candidate("c", 0)}, {candidate("a", -0.0)}}, 2)),
      (Ids{"a", "b"}));
}

TEST(TopKMerge, GivesWhatThereIs) {
  EXPECT_TRUE(merge_top_k({}, 10).empty());
  EXPECT_TRUE(merge_top_k({{candidate("a", 1)}}, 0).empty());
  EXPECT_EQ(merge_top_k({{candidate("a", 1)}}, 10).size(), 1u);
}

TEST(TopKMerge, PutsAScoreThatIsNoNumberLast) {
  const auto merged = merge_top_k({{candidate("a", std::nan("")), candidate("b", -1e308)}}, 2);
  EXPECT_EQ(ids(merged), (Ids{"b", "a"}));
}

TEST(TopKMerge, EqualsSortingEverything) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    std::mt19937_64 random(seed);
    std::vector<std::vector<Candidate>> lists(1 + random() % 5);
    std::vector<Candidate> all;
    for (int i = 0; i < 40; ++i) {
      all.push_back(candidate(std::to_string(i), static_cast<double>(random() % 10)));
      lists[random() % lists.size()].push_back(all.back());
    }
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
      return std::pair(-a.score, a.id) < std::pair(-b.score, b.id);
    });
    const auto k = random() % 45;
    all.resize(std::min<std::size_t>(k, all.size()));
    EXPECT_EQ(merge_top_k(lists, k), all) << "seed " << seed;
  }
}

TEST(VectorScore, IsTheSimilarityForCosineAndDot) {
  EXPECT_DOUBLE_EQ(vector_score(Metric::kCosine, 0.25), 0.75);
  EXPECT_DOUBLE_EQ(vector_score(Metric::kDot, -7), 7);
}

TEST(VectorScore, FallsFromOneWithTheDistance) {
  for (const auto metric : {Metric::kL2, Metric::kL1}) {
    EXPECT_DOUBLE_EQ(vector_score(metric, 0), 1);
    EXPECT_DOUBLE_EQ(vector_score(metric, 3), 0.25);
  }
}

TEST(ReciprocalRankFusion, SumsOverTheArms) {
  const auto fused = fuse_rrf({from_vector("a", 0.9), from_vector("b", 0.8)},
                              {from_text("b", 12), from_text("c", 7)}, 10);
  EXPECT_EQ(ids(fused), (Ids{"b", "a", "c"}));
  EXPECT_DOUBLE_EQ(fused[0].score, 1.0 / 62 + 1.0 / 61);
  EXPECT_DOUBLE_EQ(fused[1].score, 1.0 / 61);
  EXPECT_DOUBLE_EQ(fused[2].score, 1.0 / 62);
}

TEST(ReciprocalRankFusion, KeepsTheScoresOfBothArms) {
  const auto fused =
      fuse_rrf({from_vector("a", 0.9), from_vector("b", 0.8)}, {from_text("b", 12)}, 2);
  EXPECT_EQ(fused[0].vector_score, 0.8);
  EXPECT_EQ(fused[0].text_score, 12);
  EXPECT_DOUBLE_EQ(*fused[0].distance, 0.2);
  EXPECT_EQ(fused[1].text_score, std::nullopt);
}

TEST(ReciprocalRankFusion, WorksWithOneArmAlone) {
  EXPECT_EQ(ids(fuse_rrf({}, {from_text("a", 2), from_text("b", 1)}, 5)), (Ids{"a", "b"}));
  EXPECT_EQ(ids(fuse_rrf({from_vector("a", 1)}, {}, 5)), (Ids{"a"}));
  EXPECT_TRUE(fuse_rrf({}, {}, 5).empty());
}

TEST(ReciprocalRankFusion, BreaksTiesByIdAndCutsAtK) {
  const auto fused = fuse_rrf({from_vector("b", 1)}, {from_text("a", 1), from_text("c", 0.5)}, 2);
  EXPECT_EQ(ids(fused), (Ids{"a", "b"}));
}

}  // namespace
}  // namespace mosaic::query
