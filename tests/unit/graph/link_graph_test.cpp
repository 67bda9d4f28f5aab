#include "graph/link_graph.hpp"

#include <cmath>
#include <limits>

#include "graphs.hpp"

namespace mosaic::graph {
namespace {

TEST(LinkGraph, NumbersDocumentsByRisingId) {
  const auto graph = make_graph({"c", "a", "b", "a"}, {{"c", "a"}, {"b", "a"}});
  EXPECT_EQ(graph.ids(), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(sources(graph, 0), (std::vector<Node>{1, 2}));
  EXPECT_TRUE(sources(graph, 1).empty());
  EXPECT_EQ(graph.out_degree(0), 0U);
  EXPECT_EQ(graph.out_degree(2), 1U);
}

TEST(LinkGraph, SeveralKindsBetweenTwoDocumentsCountOnce) {
  const auto graph = make_graph({"a", "b", "c"}, {{"a", "b", 2}, {"a", "c", 5}, {"a", "b", 3}});
  EXPECT_EQ(graph.links(), 2U);
  EXPECT_EQ(graph.out_degree(0), 2U);
  EXPECT_EQ(shares(graph, 1), std::vector<double>{0.5});
  EXPECT_EQ(shares(graph, 2), std::vector<double>{0.5});
}

TEST(LinkGraph, LeavesOutLinksThatDoNotJoinTwoDocuments) {
  const auto graph = make_graph({"a", "b"}, {{"a", "nowhere"}, {"nobody", "b"}, {"a", "b"}});
  EXPECT_EQ(graph.links(), 1U);
  EXPECT_EQ(graph.out_degree(0), 1U);
}

TEST(LinkGraph, KeepsALinkToItself) {
  const auto graph = make_graph({"a"}, {{"a", "a"}});
  EXPECT_EQ(sources(graph, 0), std::vector<Node>{0});
}

TEST(LinkGraph, TakesLinksThatComeBeforeTheirDocuments) {
  LinkGraphBuilder builder;
  builder.add_link("b", "a", 1);
  builder.add_document("a");
  builder.add_document("b");
  EXPECT_EQ(sources(std::move(builder).build(), 0), std::vector<Node>{1});
}

TEST(LinkGraph, WeightsNotAboveZeroAddNothing) {
  const auto nan = std::numeric_limits<double>::quiet_NaN();
  const auto graph =
      make_graph({"a", "b", "c", "d", "e"},
                 {{"a", "b", 4}, {"a", "b", -3}, {"a", "c", -1}, {"a", "d", 0}, {"a", "e", nan}});
  EXPECT_EQ(graph.out_degree(0), 4U);
  EXPECT_EQ(shares(graph, 1), std::vector<double>{1});
  for (const Node none : {2U, 3U, 4U}) EXPECT_EQ(shares(graph, none), std::vector<double>{0});
}

TEST(LinkGraph, HugeAndTinyWeightsStayShares) {
  const double huge = std::numeric_limits<double>::max();
  const double tiny = std::numeric_limits<double>::denorm_min();
  const auto graph = make_graph(
      {"a", "b", "c"},
      {{"a", "b", huge}, {"a", "c", huge}, {"b", "a", tiny}, {"c", "c", huge}, {"c", "a", tiny}});
  EXPECT_EQ(shares(graph, 1), std::vector<double>{0.5});
  EXPECT_EQ(shares(graph, 0), (std::vector<double>{1, 0}));
  EXPECT_EQ(shares(graph, 2), (std::vector<double>{0.5, 1}));
}

TEST(LinkGraph, MayBeEmpty) {
  const auto graph = make_graph({}, {{"a", "b"}});
  EXPECT_EQ(graph.size(), 0U);
  EXPECT_EQ(graph.links(), 0U);
}

}  // namespace
}  // namespace mosaic::graph
