#include "query/fusion.hpp"

#include <limits>
#include <map>

#include "unit/query/candidates.hpp"

namespace mosaic::query {
namespace {

std::vector<Candidate> fused(Fusion fusion, Weights weights, std::vector<Candidate> vector_arm,
                             std::vector<Candidate> text_arm) {
  auto ranked = fuse(fusion, weights, 0, std::move(vector_arm), std::move(text_arm));
  std::sort(ranked.begin(), ranked.end(), by_score_then_id);
  expect_ranking(ranked);
  return ranked;
}

std::vector<Candidate> rrf(std::vector<Candidate> vector_arm, std::vector<Candidate> text_arm,
                           Weights weights = {1, 1, 0}) {
  return fused(Fusion::kRrf, weights, std::move(vector_arm), std::move(text_arm));
}

std::vector<Candidate> weighted(std::vector<Candidate> vector_arm, std::vector<Candidate> text_arm,
                                Weights weights = {1, 1, 0}) {
  return fused(Fusion::kWeighted, weights, std::move(vector_arm), std::move(text_arm));
}

TEST(ReciprocalRankFusion, SumsOverTheArms) {
  const auto ranked =
      rrf({from_vector("a", 0.9), from_vector("b", 0.8)}, {from_text("b", 12), from_text("c", 7)});
  EXPECT_EQ(ids(ranked), (Ids{"b", "a", "c"}));
  EXPECT_DOUBLE_EQ(ranked[0].score, 1.0 / 62 + 1.0 / 61);
  EXPECT_DOUBLE_EQ(ranked[1].score, 1.0 / 61);
  EXPECT_DOUBLE_EQ(ranked[2].score, 1.0 / 62);
}

TEST(ReciprocalRankFusion, KeepsWhatEitherArmKnows) {
  const auto ranked = rrf({from_vector("a", 0.9), from_vector("b", 0.8)}, {from_text("b", 12)});
  EXPECT_EQ(ranked[0].vector_score, 0.8);
  EXPECT_EQ(ranked[0].text_score, 12);
  EXPECT_DOUBLE_EQ(*ranked[0].distance, 0.2);
  EXPECT_EQ(ranked[1].text_score, std::nullopt);
}

TEST(ReciprocalRankFusion, GivesNoPartToAnArmThatDoesNotRankTheDocument) {
  // The score is known, but the vector arm did not come so far.
  const auto ranked = rrf({from_vector("a", 0.9)}, {from_text("b", 12, 0.1)});
  EXPECT_EQ(ranked[0].parts, (ScoreParts{1.0 / 61, {}, {}, {}}));
  EXPECT_EQ(ranked[1].parts, (ScoreParts{{}, 1.0 / 61, {}, {}}));
}

TEST(ReciprocalRankFusion, WeighsTheArms) {
  const auto ranked = rrf({from_vector("a", 0.9)}, {from_text("b", 12)}, {1, 3, 0});
  EXPECT_EQ(ids(ranked), (Ids{"b", "a"}));
  EXPECT_DOUBLE_EQ(ranked[0].score, 3.0 / 61);
}

TEST(ReciprocalRankFusion, WorksWithOneArmAlone) {
  EXPECT_EQ(ids(rrf({}, {from_text("a", 2), from_text("b", 1)})), (Ids{"a", "b"}));
  EXPECT_EQ(ids(rrf({from_vector("a", 1)}, {})), (Ids{"a"}));
  EXPECT_TRUE(rrf({}, {}).empty());
}

TEST(ReciprocalRankFusion, RanksByPageRankAcrossTheArms) {
  const auto ranked = rrf({with_pagerank(from_vector("a", 0.9), 0.1), from_vector("b", 0.8)},
                          {with_pagerank(from_text("c", 5), 0.4)}, {1, 1, 0.5});
  EXPECT_EQ(ids(ranked), (Ids{"c", "a", "b"}));
  EXPECT_EQ(ranked[0].parts, (ScoreParts{{}, 1.0 / 61, 0.5 / 61, {}}));
  EXPECT_EQ(ranked[1].parts, (ScoreParts{1.0 / 61, {}, 0.5 / 62, {}}));
  EXPECT_EQ(ranked[2].parts, (ScoreParts{1.0 / 62, {}, {}, {}}));
}

TEST(ReciprocalRankFusion, GivesEqualPageRanksTheBetterRank) {
  const auto ranked =
      rrf({with_pagerank(from_vector("a", 4), 0.1), with_pagerank(from_vector("b", 3), 0.3),
           with_pagerank(from_vector("c", 2), 0.3), with_pagerank(from_vector("d", 1), 0.2)},
          {}, {1, 1, 1});
  std::map<std::string, double> parts;
  for (const auto& one : ranked) parts[one.id] = *one.parts.pagerank;
  EXPECT_DOUBLE_EQ(parts["b"], 1.0 / 61);
  EXPECT_DOUBLE_EQ(parts["c"], 1.0 / 61);
  EXPECT_DOUBLE_EQ(parts["d"], 1.0 / 63);
  EXPECT_DOUBLE_EQ(parts["a"], 1.0 / 64);
}

TEST(Fusion, IgnoresPageRankThatDoesNotCount) {
  for (const auto fusion : {Fusion::kRrf, Fusion::kWeighted}) {
    const auto ranked = fused(fusion, {1, 1, 0}, {with_pagerank(from_vector("a", 1), 0.5)}, {});
    EXPECT_EQ(ranked[0].parts.pagerank, std::nullopt);
    EXPECT_EQ(ranked[0].pagerank, 0.5);
  }
}

TEST(Fusion, TakesNoCandidatesFromAnArmWithoutWeight) {
  for (const auto fusion : {Fusion::kRrf, Fusion::kWeighted}) {
    const auto ranked =
        fused(fusion, {1, 0, 0}, {from_vector("a", 1)}, {from_text("a", 2), from_text("b", 1)});
    EXPECT_EQ(ids(ranked), (Ids{"a"}));
    EXPECT_EQ(ranked[0].parts.text, std::nullopt);
  }
}

TEST(WeightedFusion, SumsScoresBroughtToTheUnitRange) {
  const auto ranked =
      weighted({from_vector("a", 0.9), from_vector("b", 0.6)},
               {from_text("b", 12), from_text("c", 7, 0.5), from_text("d", 2)}, {2, 1, 0});
  // vector: 0.5 to 0.9, c's score is known although its arm is the other one; text: 0 to 12.
  EXPECT_EQ(ids(ranked), (Ids{"a", "b", "c", "d"}));
  EXPECT_EQ(ranked[0].parts, (ScoreParts{2, {}, {}, {}}));
  EXPECT_NEAR(*ranked[1].parts.vector, 2 * 0.25, 1e-12);
  EXPECT_EQ(ranked[1].parts.text, 1);
  EXPECT_EQ(ranked[2].parts, (ScoreParts{0, 7.0 / 12, {}, {}}));
  EXPECT_EQ(ranked[3].parts, (ScoreParts{{}, 2.0 / 12, {}, {}}));
}

TEST(WeightedFusion, MeasuresWordsByADocumentThatHoldsThemAll) {
  const auto part = [](double full_score) {
    const auto ranked = fuse(Fusion::kWeighted, {1, 2, 0}, full_score, {}, {from_text("a", 4)});
    return *ranked.at(0).parts.text;
  };
  EXPECT_DOUBLE_EQ(part(16), 2 * 0.25);
  EXPECT_DOUBLE_EQ(part(4), 2);
  EXPECT_DOUBLE_EQ(part(1), 2);  // a short text with words of the query again and again
  EXPECT_DOUBLE_EQ(part(0), 2);  // not known
}

TEST(ReciprocalRankFusion, LooksAtRanksAlone) {
  const auto ranked = fuse(Fusion::kRrf, {1, 2, 0}, 16, {}, {from_text("a", 4)});
  EXPECT_DOUBLE_EQ(*ranked.at(0).parts.text, 2.0 / 61);
}

TEST(WeightedFusion, TakesEqualScoresForTheBest) {
  const auto ranked = weighted({from_vector("a", 0.3), from_vector("b", 0.3)}, {from_text("b", 5)});
  EXPECT_EQ(ids(ranked), (Ids{"b", "a"}));
  EXPECT_EQ(ranked[0].parts, (ScoreParts{1, 1, {}, {}}));
}

TEST(WeightedFusion, TakesTheLogarithmOfPageRank) {
  const auto ranked =
      weighted({with_pagerank(from_vector("a", 1), 1e-2), with_pagerank(from_vector("b", 1), 1e-3),
                with_pagerank(from_vector("c", 1), 1e-6), from_vector("d", 1)},
               {}, {1, 1, 0.5});
  EXPECT_EQ(ids(ranked), (Ids{"a", "b", "c", "d"}));
  EXPECT_DOUBLE_EQ(*ranked[0].parts.pagerank, 0.5);
  EXPECT_DOUBLE_EQ(*ranked[1].parts.pagerank, 0.5 * 0.75);
  EXPECT_DOUBLE_EQ(*ranked[2].parts.pagerank, 0);
  EXPECT_EQ(ranked[3].parts.pagerank, std::nullopt);
}

TEST(WeightedFusion, SurvivesAScoreThatIsNoNumber) {
  const auto ranked = weighted({from_vector("a", 2), from_vector("b", 1),
                                from_vector("c", std::numeric_limits<double>::quiet_NaN())},
                               {});
  EXPECT_EQ(ids(ranked), (Ids{"a", "b", "c"}));
  EXPECT_EQ(ranked[2].score, 0);
}

}  // namespace
}  // namespace mosaic::query
