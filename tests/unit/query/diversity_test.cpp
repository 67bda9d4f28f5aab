#include <cmath>
#include <set>

#include "unit/query/candidates.hpp"

namespace mosaic::query {
namespace {

constexpr std::uint64_t kSeeds = 200;

RankPlan plan_of(std::size_t k, double diversity) {
  RankPlan plan;
  plan.mode = SearchMode::kVector;
  plan.k = k;
  plan.diversity = diversity;
  return plan;
}

Candidate ranked(std::string id, double score) {
  auto made = from_vector(std::move(id), score);
  made.parts.vector = score;
  return made;
}

double cosine(const Vector& a, const Vector& b) {
  double dot = 0;
  double aa = 0;
  double bb = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    dot += double{a[i]} * b[i];
    aa += double{a[i]} * a[i];
    bb += double{b[i]} * b[i];
  }
  return aa == 0 || bb == 0 ? 0 : dot / (std::sqrt(aa) * std::sqrt(bb));
}

TEST(Diversity, PrefersWhatIsUnlikeTheBest) {
  const std::vector<Candidate> pool{ranked("a", 1), ranked("b", 0.9), ranked("c", 0.5)};
  const std::vector<Vector> vectors{{1, 0}, {1, 0}, {0, 1}};
  const auto chosen = diversify(plan_of(3, 0.5), pool, vectors);
  // The range is 0.5: b loses 0.5 * 0.5 * 1 for being a's twin.
  EXPECT_EQ(ids(chosen), (Ids{"a", "c", "b"}));
  EXPECT_DOUBLE_EQ(chosen[0].score, 0.5);
  EXPECT_EQ(chosen[0].parts, (ScoreParts{0.5, {}, {}, 0.0}));
  EXPECT_DOUBLE_EQ(chosen[1].score, 0.25);
  EXPECT_DOUBLE_EQ(chosen[2].score, 0.45 - 0.25);
  EXPECT_DOUBLE_EQ(*chosen[2].parts.diversity, -0.25);
  EXPECT_EQ(chosen[2].vector_score, 0.9);
  expect_ranking(chosen);
}

TEST(Diversity, ScalesEveryPart) {
  auto one = ranked("a", 4);
  one.parts = {1, 2, 1, {}};
  const auto chosen = diversify(plan_of(1, 0.25), {one}, {{1}});
  EXPECT_EQ(chosen[0].parts, (ScoreParts{0.75, 1.5, 0.75, 0.0}));
  EXPECT_DOUBLE_EQ(chosen[0].score, 3);
}

TEST(Diversity, TakesNothingOffForPointingAway) {
  const auto chosen = diversify(plan_of(2, 0.5), {ranked("a", 1), ranked("b", 0)}, {{1}, {-1}});
  EXPECT_EQ(chosen[1].parts.diversity, 0.0);
}

TEST(Diversity, FindsNothingLikeACandidateWithoutAVector) {
  const std::vector<Candidate> pool{ranked("a", 3), ranked("b", 2), ranked("c", 1)};
  for (const auto& chosen :
       {diversify(plan_of(3, 1), pool, {{1}, {}, {0}}), diversify(plan_of(3, 1), pool, {{1}})}) {
    EXPECT_EQ(ids(chosen), (Ids{"a", "b", "c"}));
    EXPECT_EQ(chosen[1].parts.diversity, 0.0);
    EXPECT_EQ(chosen[2].parts.diversity, 0.0);
  }
}

TEST(Diversity, LooksAtLikenessAloneAtOne) {
  const std::vector<Candidate> pool{ranked("a", 3), ranked("b", 2), ranked("c", -4)};
  const auto chosen = diversify(plan_of(2, 1), pool, {{1, 0}, {1, 0.1F}, {0, 1}});
  EXPECT_EQ(chosen[0].score, 0);
  EXPECT_EQ(chosen[1].id, "c");
}

TEST(Diversity, StillTellsEqualScoresApart) {
  const std::vector<Candidate> pool{ranked("a", 1), ranked("b", 1), ranked("c", 1)};
  const auto chosen = diversify(plan_of(3, 0.5), pool, {{1, 0}, {1, 0}, {0, 1}});
  EXPECT_EQ(ids(chosen), (Ids{"a", "c", "b"}));
  EXPECT_DOUBLE_EQ(chosen[2].score, 0);  // the range counts as 1
}

TEST(Diversity, OfZeroChangesNothing) {
  const std::vector<Candidate> pool{ranked("a", 3), ranked("b", 2), ranked("c", 1)};
  const auto chosen = diversify(plan_of(2, 0), pool, {{1}, {1}, {1}});
  EXPECT_EQ(chosen, (std::vector<Candidate>{pool[0], pool[1]}));
}

TEST(Diversity, TakesAnEmptyPool) {
  EXPECT_TRUE(diversify(plan_of(3, 0.5), {}, {}).empty());
}

TEST(Diversity, LetsTheRestFollowInTheirOrder) {
  std::vector<Candidate> pool;
  std::vector<Vector> vectors;
  for (int i = 0; i < 1'500; ++i) {
    pool.push_back(ranked(std::to_string(10'000 + i), 2'000 - i));
    vectors.push_back({1, static_cast<float>(i % 7)});
  }
  const auto chosen = diversify(plan_of(1'400, 0.5), pool, vectors);
  ASSERT_EQ(chosen.size(), 1'400U);
  expect_ranking(chosen);
  for (std::size_t i = kDiversityPoolMax; i < chosen.size(); ++i)
    ASSERT_EQ(chosen[i].id, pool[i].id);
}

/// The greedy choice as its paper defines it, with every likeness computed anew.
std::vector<std::pair<std::string, double>> oracle(const RankPlan& plan,
                                                   const std::vector<Candidate>& pool,
                                                   const std::vector<Vector>& vectors) {
  const auto d = plan.diversity;
  auto range = pool.front().score - pool.back().score;
  if (range == 0) range = 1;
  std::set<std::size_t> left;
  for (std::size_t i = 0; i < pool.size(); ++i) left.insert(i);
  std::vector<std::size_t> taken;
  std::vector<std::pair<std::string, double>> chosen;
  while (chosen.size() < plan.k && !left.empty()) {
    const auto value = [&](std::size_t i) {
      double likeness = 0;
      for (const auto j : taken) likeness = std::max(likeness, cosine(vectors[i], vectors[j]));
      return (1 - d) * pool[i].score - d * range * likeness;
    };
    auto best = *left.begin();
    for (const auto i : left) {
      if (value(i) > value(best) + 1e-9) best = i;
    }
    chosen.emplace_back(pool[best].id, value(best));
    taken.push_back(best);
    left.erase(best);
  }
  return chosen;
}

TEST(Diversity, EqualsTheGreedyChoice) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    std::uniform_real_distribution<double> uniform(-1, 1);
    std::vector<Candidate> pool;
    std::vector<Vector> vectors;
    for (std::size_t i = 0; i < 1 + seed % 60; ++i) {
      pool.push_back(ranked(std::to_string(i), 3 * uniform(random)));
      Vector vector;
      for (int j = 0; j < 9 && random() % 50 != 0; ++j)
        vector.push_back(static_cast<float>(uniform(random)));
      if (vector.size() < 9) vector.clear();
      vectors.push_back(std::move(vector));
    }
    std::sort(pool.begin(), pool.end(), by_score_then_id);
    const auto plan = plan_of(1 + random() % 70, (uniform(random) + 1) / 2);
    const auto chosen = diversify(plan, pool, vectors);
    const auto expected = oracle(plan, pool, vectors);
    expect_ranking(chosen);
    ASSERT_EQ(chosen.size(), expected.size());
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      ASSERT_EQ(chosen[i].id, expected[i].first) << i;
      ASSERT_NEAR(chosen[i].score, expected[i].second, 1e-9) << i;
    }
  }
}

}  // namespace
}  // namespace mosaic::query
