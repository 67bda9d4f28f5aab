#include "actors/search_scope.hpp"

#include <gtest/gtest.h>

namespace mosaic::actors {
namespace {

struct SearchScopeTest : ::testing::Test {
  collection_route route;
  SearchRequest request;
  shard::ShardQuery query;

  void SetUp() override {
    route.settings.metric = Metric::kL2;
    route.settings.shards = 3;
    route.shards.resize(3);
    place({7, {{0, 0}, {10, 0}, {20, 0}}, true, {0.5, 0.75, 1}});
    query.vector = {11, 0};
    query.vector_arm = true;
    request.shards_to_search = 1;
  }

  void place(Centroids centroids) {
    route.placement = std::make_shared<routing::Placement>(
        route.settings, std::make_shared<const Centroids>(std::move(centroids)));
  }

  SearchScope scope() { return search_scope(route, request, query); }

  /// All shards are asked for everything.
  void expect_all(std::string_view why) {
    const auto found = scope();
    EXPECT_EQ(found.shards.size(), 3U);
    EXPECT_TRUE(found.without_vector.empty());
    ASSERT_TRUE(found.routing);
    EXPECT_EQ(found.routing->asked, 3U);
    EXPECT_TRUE(found.routing->pruned.empty());
    EXPECT_EQ(found.routing->expected_recall, 1);
    EXPECT_EQ(found.routing->reason, why);
  }
};

TEST_F(SearchScopeTest, TheNearestShardsAreAskedAndTheOthersNamed) {
  const auto one = scope();
  EXPECT_EQ(one.shards, (std::vector<ShardId>{{1}}));
  EXPECT_EQ(one.routing->pruned, (std::vector<ShardId>{{0}, {2}}));
  EXPECT_EQ(one.routing->expected_recall, 0.5);
  request.shards_to_search = 2;
  const auto two = scope();
  EXPECT_EQ(two.shards, (std::vector<ShardId>{{1}, {2}}));
  EXPECT_EQ(two.routing->expected_recall, 0.75);
}

TEST_F(SearchScopeTest, TextIsLookedForInEveryShard) {
  query.text = "words";
  const auto found = scope();
  EXPECT_EQ(found.shards.size(), 3U);
  EXPECT_TRUE(found.query_for({1}, query).vector_arm);
  EXPECT_FALSE(found.query_for({0}, query).vector_arm);
  EXPECT_EQ(found.query_for({0}, query).text, "words");
}

TEST_F(SearchScopeTest, AllAreAskedWhereFewerWillNotDo) {
  request.shards_to_search = 0;
  expect_all("shards_to_search is not set");
  request.shards_to_search = 3;
  expect_all("shards_to_search asks for all");
  request.shards_to_search = 1;
  query.vector_arm = false;
  expect_all("the search has no vector to go by");
}

TEST_F(SearchScopeTest, WhileDocumentsMoveTheNearestShardMayNotHaveThem) {
  place({7, {{0, 0}, {10, 0}, {20, 0}}, false, {}});
  expect_all("documents are moving to new centroids");
  place({});
  expect_all("there are no centroids yet");
}

TEST_F(SearchScopeTest, RecallThatWasNotMeasuredIsNotPromised) {
  place({7, {{0, 0}, {10, 0}, {20, 0}}, true, {}});
  EXPECT_FALSE(scope().routing->expected_recall);
}

TEST_F(SearchScopeTest, ACollectionByHashSaysNothingOfCentroids) {
  route.placement = nullptr;
  EXPECT_EQ(scope().shards.size(), 3U);
  EXPECT_FALSE(scope().routing);
}

}  // namespace
}  // namespace mosaic::actors
