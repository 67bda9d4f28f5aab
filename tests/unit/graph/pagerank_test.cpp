// Values worked out by hand. With damping d and n documents every document gets
// (1 - d + d * dangling) / n and d times what arrives over links.
#include "graph/pagerank.hpp"

#include <cmath>

#include "graphs.hpp"

namespace mosaic::graph {
namespace {

constexpr PageRankOptions kHalf{.damping = 0.5, .tolerance = 1e-15};

void expect_values(const PageRank& rank, const std::vector<double>& expected) {
  ASSERT_EQ(rank.values.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i)
    EXPECT_NEAR(rank.values[i], expected[i], 1e-14) << i;
}

TEST(PageRank, OfACycleIsEqual) {
  const auto graph = make_graph({"a", "b", "c"}, {{"a", "b"}, {"b", "c"}, {"c", "a"}});
  const auto rank = rank_of(graph);
  expect_values(rank, {1.0 / 3, 1.0 / 3, 1.0 / 3});
  EXPECT_TRUE(rank.converged);
  EXPECT_EQ(rank.iterations, 1U);
  EXPECT_NEAR(rank.residual, 0, 1e-15);
}

TEST(PageRank, SpreadsWhatDocumentsWithoutLinksHold) {
  // a -> b, b without links: a = (0.5 + 0.5 b) / 2 and b = a + 0.5 a, so a = 2/5, b = 3/5.
  expect_values(rank_of(make_graph({"a", "b"}, {{"a", "b"}}), kHalf), {0.4, 0.6});
}

TEST(PageRank, OfAStarGathersAtItsCentre) {
  // Leaves: x = (0.5 + 0.5 c) / 4; centre: c = x + 0.5 * 3 x; c + 3 x = 1: x = 2/11, c = 5/11.
  const auto graph =
      make_graph({"centre", "x", "y", "z"}, {{"x", "centre"}, {"y", "centre"}, {"z", "centre"}});
  expect_values(rank_of(graph, kHalf), {5.0 / 11, 2.0 / 11, 2.0 / 11, 2.0 / 11});
}

TEST(PageRank, ALinkToItselfKeepsItsPart) {
  // a -> a, a -> b, b -> a: b = 1/4 + a / 4, a + b = 1, so b = 2/5.
  const auto graph = make_graph({"a", "b"}, {{"a", "a"}, {"a", "b"}, {"b", "a"}});
  expect_values(rank_of(graph, kHalf), {0.6, 0.4});
}

TEST(PageRank, RepeatedAndUnknownLinksChangeNothing) {
  const std::vector<std::string> ids{"a", "b", "c"};
  const auto plain = rank_of(make_graph(ids, {{"a", "b"}, {"a", "c"}, {"b", "c"}}));
  const auto noisy = rank_of(
      make_graph(ids, {{"a", "b"}, {"a", "x"}, {"a", "c"}, {"a", "b", 7}, {"y", "a"}, {"b", "c"}}));
  EXPECT_EQ(plain.values, noisy.values);
}

TEST(PageRank, WeightedFollowsLinksByTheirWeight) {
  // a -> b weighs 3, a -> c 1; both lead back: a = 1/6 + (b + c) / 2 = 4/9,
  // b = 1/6 + 3/8 a = 1/3, c = 1/6 + a / 8 = 2/9.
  const auto graph =
      make_graph({"a", "b", "c"},
                 {{"a", "b", 1}, {"a", "b", 2}, {"a", "c", 1}, {"b", "a", 0.1}, {"c", "a", 1e9}});
  auto options = kHalf;
  options.weighted = true;
  expect_values(rank_of(graph, options), {4.0 / 9, 1.0 / 3, 2.0 / 9});
}

TEST(PageRank, WeightedTakesADocumentWhoseLinksWeighNothingForOneWithoutLinks) {
  auto options = kHalf;
  options.weighted = true;
  const auto without = rank_of(make_graph({"a", "b"}, {{"a", "b"}}), options);
  const auto weightless = rank_of(make_graph({"a", "b"}, {{"a", "b"}, {"b", "a", -2}}), options);
  EXPECT_EQ(without.values, weightless.values);
}

TEST(PageRank, WithoutDampingAllAreEqual) {
  const auto rank = rank_of(make_graph({"a", "b"}, {{"a", "b"}}), {.damping = 0});
  expect_values(rank, {0.5, 0.5});
  EXPECT_TRUE(rank.converged);
}

TEST(PageRank, OfNoDocumentsIsEmpty) {
  const auto rank = rank_of(make_graph({}, {}));
  EXPECT_TRUE(rank.values.empty());
  EXPECT_TRUE(rank.converged);
  EXPECT_EQ(rank.iterations, 0U);
}

TEST(PageRank, OfOneDocumentIsOne) {
  expect_values(rank_of(make_graph({"a"}, {})), {1});
}

TEST(PageRank, EndsAtItsLastRoundAndSaysThatItHasNotConverged) {
  const auto graph = make_graph({"a", "b", "c"}, {{"a", "b"}, {"b", "c"}, {"c", "b"}});
  const auto rank = rank_of(graph, {.iterations = 3, .tolerance = 0});
  EXPECT_EQ(rank.iterations, 3U);
  EXPECT_FALSE(rank.converged);
  EXPECT_GT(rank.residual, 0);
  EXPECT_NEAR(sum_of(rank.values), 1, 1e-15);
}

TEST(PageRank, AsksBeforeEachRoundAndStopsWhenToldTo) {
  const auto graph = make_graph({"a", "b", "c"}, {{"a", "b"}, {"b", "c"}, {"c", "b"}});
  std::vector<double> progress;
  const auto rank = pagerank(graph, {}, [&](double done, std::uint32_t iteration) {
    EXPECT_EQ(iteration, progress.size());
    progress.push_back(done);
    return iteration < 5;
  });
  ASSERT_TRUE(rank);
  EXPECT_TRUE(rank->cancelled);
  EXPECT_FALSE(rank->converged);
  EXPECT_TRUE(rank->values.empty());
  EXPECT_EQ(rank->iterations, 5U);
  EXPECT_EQ(progress.size(), 6U);
}

TEST(PageRank, ProgressNeverFallsAndStaysBelowOneUntilTheEnd) {
  const auto graph =
      make_graph({"a", "b", "c", "d"}, {{"a", "b"}, {"b", "c"}, {"c", "b"}, {"d", "a"}});
  for (const double tolerance : {0.0, 1e-12, 0.5, 1.0}) {
    double before = 0;
    ASSERT_TRUE(pagerank(graph, {.tolerance = tolerance}, [&](double done, std::uint32_t) {
      EXPECT_GE(done, before);
      EXPECT_LT(done, 1);
      before = done;
      return true;
    }));
  }
}

TEST(PageRank, RefusesBadOptions) {
  const auto rank = pagerank(make_graph({"a"}, {}), {.damping = 1}, nullptr);
  ASSERT_FALSE(rank);
  EXPECT_EQ(rank.error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace mosaic::graph
