#include "query/merge.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "unit/query/candidates.hpp"

namespace mosaic::query {
namespace {

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

}  // namespace
}  // namespace mosaic::query
