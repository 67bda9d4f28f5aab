#include "query/rank.hpp"

#include <cmath>
#include <map>

#include "query/fusion.hpp"
#include "unit/query/candidates.hpp"

namespace mosaic::query {
namespace {

constexpr std::uint64_t kSeeds = 300;

RankPlan plan_of(SearchMode mode, std::size_t k) {
  RankPlan plan;
  plan.mode = mode;
  plan.weights.vector = 1;
  plan.k = k;
  return plan;
}

TEST(RankPlan, TakesOverWhatTheRequestSays) {
  SearchRequest request;
  request.query = "words";
  request.fusion = Fusion::kWeighted;
  request.weights = {1, 2, 3};
  request.k = 7;
  request.min_score = 0.5;
  request.diversity = 0.25;
  const auto plan = rank_plan(request, {});
  EXPECT_EQ(plan.mode, SearchMode::kHybrid);
  EXPECT_EQ(plan.fusion, Fusion::kWeighted);
  EXPECT_EQ(plan.weights, (Weights{1, 2, 3}));
  EXPECT_EQ(plan.k, 7U);
  EXPECT_EQ(plan.min_score, 0.5);
  EXPECT_EQ(plan.diversity, 0.25);
}

TEST(RankPlan, WeighsVectorsByWhatTheyCanTell) {
  const auto weight = [](Fusion fusion, const std::string& embedder, std::uint32_t dimension) {
    SearchRequest request;
    request.query = "words";
    request.fusion = fusion;
    CollectionSettings settings;
    settings.embedder = embedder;
    settings.dimension = dimension;
    return *rank_plan(request, settings).weights.vector;
  };
  for (const auto* embedder : {"builtin", "hash", "model:/models/potion"})
    EXPECT_EQ(weight(Fusion::kWeighted, embedder, kBuiltinDimension), kStaticVectorWeight);
  for (const auto* embedder : {"none", "openai:http://host"})
    EXPECT_EQ(weight(Fusion::kWeighted, embedder, kBuiltinDimension), 1);
  EXPECT_EQ(weight(Fusion::kWeighted, "builtin", 3), 1);  // vectors come from the client
  EXPECT_EQ(weight(Fusion::kRrf, "builtin", kBuiltinDimension), 1);
}

TEST(ArmDepth, IsDeeperWhereArmsAreFused) {
  EXPECT_EQ(arm_depth(plan_of(SearchMode::kVector, 10)), 10U);
  EXPECT_EQ(arm_depth(plan_of(SearchMode::kText, 10)), 10U);
  EXPECT_EQ(arm_depth(plan_of(SearchMode::kHybrid, 10)), kFusionDepthMin);
  EXPECT_EQ(arm_depth(plan_of(SearchMode::kHybrid, 80)), 160U);
}

TEST(ArmDepth, FillsThePoolThatDiversityChoosesFrom) {
  auto plan = plan_of(SearchMode::kVector, 5);
  plan.diversity = 0.5;
  EXPECT_EQ(arm_depth(plan), kDiversityPoolMin);
  plan.k = 100;
  EXPECT_EQ(arm_depth(plan), 400U);
  plan.k = 600;
  EXPECT_EQ(arm_depth(plan), kDiversityPoolMax);
  plan.k = kHitsMax;
  EXPECT_EQ(arm_depth(plan), kHitsMax);
  plan.mode = SearchMode::kHybrid;
  EXPECT_EQ(arm_depth(plan), 2 * kHitsMax);
}

TEST(Rank, KeepsTheScoreOfASingleArmAndNamesItsPart) {
  const auto by_vector =
      rank(plan_of(SearchMode::kVector, 2),
           {{from_vector("a", 0.5)}, {from_vector("b", 0.9), from_vector("c", 0.1)}}, {});
  EXPECT_EQ(ids(by_vector), (Ids{"b", "a"}));
  EXPECT_EQ(by_vector[0].score, 0.9);
  EXPECT_EQ(by_vector[0].parts, (ScoreParts{0.9, {}, {}, {}}));
  const auto by_text = rank(plan_of(SearchMode::kText, 2), {}, {{from_text("a", 3)}, {}});
  EXPECT_EQ(by_text[0].parts, (ScoreParts{{}, 3, {}, {}}));
}

TEST(Rank, CutsAtTheLowestScoreWanted) {
  auto plan = plan_of(SearchMode::kVector, 5);
  plan.min_score = 0.5;
  const auto ranked = rank(
      plan, {{from_vector("a", 0.5), from_vector("b", 0.49), from_vector("c", std::nan(""))}}, {});
  EXPECT_EQ(ids(ranked), (Ids{"a"}));
  plan = plan_of(SearchMode::kHybrid, 5);
  plan.fusion = Fusion::kRrf;
  plan.min_score = 1.5 / 61;  // of the fused score
  EXPECT_EQ(ids(rank(plan, {{from_vector("a", 1)}}, {{from_text("a", 1), from_text("b", 0.5)}})),
            (Ids{"a"}));
}

TEST(Rank, CountsRanksOverAllShards) {
  auto plan = plan_of(SearchMode::kHybrid, 3);
  plan.fusion = Fusion::kRrf;
  const auto ranked = rank(plan, {{from_vector("a", 0.5)}, {from_vector("b", 0.9)}}, {{}, {}});
  EXPECT_EQ(ids(ranked), (Ids{"b", "a"}));
  EXPECT_DOUBLE_EQ(ranked[1].score, 1.0 / 62);
}

TEST(Rank, BreaksTiesByIdAndCutsAtK) {
  const auto ranked = rank(plan_of(SearchMode::kHybrid, 2), {{from_vector("b", 1)}},
                           {{from_text("a", 1), from_text("c", 0.5)}});
  EXPECT_EQ(ids(ranked), (Ids{"a", "b"}));
}

TEST(Rank, GivesThePoolWhereDiversityIsWanted) {
  auto plan = plan_of(SearchMode::kVector, 2);
  plan.diversity = 0.5;
  std::vector<Candidate> arm;
  for (int i = 0; i < 80; ++i) arm.push_back(from_vector(std::to_string(i), i));
  EXPECT_EQ(rank(plan, {arm}, {}).size(), kDiversityPoolMin);
}

TEST(Rank, DoesNotDependOnHowDocumentsLieOverShards) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    RandomCollection collection(seed, 400);
    for (const auto mode : {SearchMode::kVector, SearchMode::kText, SearchMode::kHybrid}) {
      const auto plan = collection.plan(mode);
      Arms vector_arms;
      Arms text_arms;
      collection.spread(1, arm_depth(plan), vector_arms, text_arms);
      const auto alone = rank(plan, vector_arms, text_arms);
      expect_ranking(alone);
      collection.spread(1 + collection.pick(9), arm_depth(plan), vector_arms, text_arms);
      ASSERT_EQ(rank(plan, vector_arms, text_arms), alone) << "seed " << seed;
    }
  }
}

/// The definitions, spelled out over all documents of a collection.
class Oracle {
 public:
  Oracle(const RankPlan& plan, const std::vector<Candidate>& documents) : plan_(plan) {
    for (const auto& one : documents) documents_[one.id] = one;
    if (*plan.weights.vector > 0) vector_ = order(&Candidate::vector_score);
    if (plan.weights.text > 0) text_ = order(&Candidate::text_score);
    for (const auto* list : {&vector_, &text_}) {
      for (const auto& id : *list) candidates_[id] = documents_.at(id);
    }
    // Past the depth of its arm, the text score of a document is not known.
    for (auto& [id, one] : candidates_) {
      if (position(text_, id) == 0) one.text_score.reset();
    }
  }

  std::map<std::string, double> scores() const {
    std::map<std::string, double> scores;
    for (const auto& [id, one] : candidates_)
      scores[id] = plan_.fusion == Fusion::kRrf ? by_rank(one) : by_score(one);
    return scores;
  }

 private:
  using Kind = std::optional<double> Candidate::*;

  Ids order(Kind kind) const {
    std::vector<std::pair<double, std::string>> list;
    for (const auto& [id, one] : documents_) {
      if (one.*kind) list.emplace_back(-*(one.*kind), id);
    }
    std::sort(list.begin(), list.end());
    list.resize(std::min(list.size(), arm_depth(plan_)));
    Ids ordered;
    for (const auto& [score, id] : list) ordered.push_back(id);
    return ordered;
  }

  static std::size_t position(const Ids& list, const std::string& id) {
    const auto found = std::find(list.begin(), list.end(), id);
    return found == list.end() ? 0 : static_cast<std::size_t>(found - list.begin()) + 1;
  }

  double by_rank(const Candidate& one) const {
    double score = 0;
    if (const auto at = position(vector_, one.id))
      score += *plan_.weights.vector / (60 + static_cast<double>(at));
    if (const auto at = position(text_, one.id))
      score += plan_.weights.text / (60 + static_cast<double>(at));
    if (!one.pagerank) return score;
    double at = 1;
    for (const auto& [id, other] : candidates_) at += other.pagerank > one.pagerank ? 1 : 0;
    return score + plan_.weights.pagerank / (60 + at);
  }

  double unit(const Candidate& one, Kind kind, bool logarithm) const {
    const auto value = [&](const Candidate& of) {
      return logarithm ? std::log(*(of.*kind)) : *(of.*kind);
    };
    if (!(one.*kind)) return 0;
    std::vector<double> all;
    for (const auto& [id, other] : candidates_) {
      if (other.*kind) all.push_back(value(other));
    }
    auto greatest = *std::max_element(all.begin(), all.end());
    auto least = *std::min_element(all.begin(), all.end());
    if (kind == &Candidate::text_score) {
      greatest = std::max(greatest, plan_.full_text_score);
      least = 0;
    }
    return least == greatest ? 1 : (value(one) - least) / (greatest - least);
  }

  double by_score(const Candidate& one) const {
    return *plan_.weights.vector * unit(one, &Candidate::vector_score, false) +
           plan_.weights.text * unit(one, &Candidate::text_score, false) +
           plan_.weights.pagerank * unit(one, &Candidate::pagerank, true);
  }

  const RankPlan plan_;
  std::map<std::string, Candidate> documents_;
  std::map<std::string, Candidate> candidates_;
  Ids vector_;
  Ids text_;
};

TEST(Rank, EqualsTheDefinitionsOfBothFusions) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomCollection collection(seed, 20 + seed);
    auto plan = collection.plan(SearchMode::kHybrid);
    plan.min_score.reset();
    Arms vector_arms;
    Arms text_arms;
    collection.spread(3, arm_depth(plan), vector_arms, text_arms);
    const auto ranked = rank(plan, vector_arms, text_arms);
    auto scores = Oracle(plan, collection.documents()).scores();
    double last = 0;
    for (const auto& one : ranked) {
      ASSERT_NEAR(one.score, scores.at(one.id), 1e-12) << one.id;
      last = one.score;
      scores.erase(one.id);
    }
    // Nothing that was left out is better.
    for (const auto& [id, score] : scores) ASSERT_LE(score, last + 1e-12) << id;
  }
}

}  // namespace
}  // namespace mosaic::query
