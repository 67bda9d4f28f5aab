#include "shard/search_plan.hpp"

#include <gtest/gtest.h>

namespace mosaic::shard {
namespace {

SearchRequest hybrid() {
  SearchRequest request;
  request.collection = "docs";
  request.query = "words";
  request.vector = {1, 0};
  request.weights.pagerank = 1;
  request.filter = R"({"a":1})";
  request.where = "seq > 1";
  return request;
}

ShardQuery planned(const SearchRequest& request) {
  CollectionSettings settings;
  settings.name = "docs";
  settings.dimension = 2;
  const auto query = plan_search(request, settings);
  EXPECT_TRUE(query);
  return query ? *query : ShardQuery();
}

TEST(SearchPlan, AsksTheIndexWithTheDefaultBeam) {
  const auto query = planned(hybrid());
  EXPECT_EQ(query.ef, kEfDefault);
  EXPECT_FALSE(query.exact);
}

TEST(SearchPlan, PassesOnHowToUseTheIndex) {
  auto request = hybrid();
  request.ef = 300;
  request.exact = true;
  const auto query = planned(request);
  EXPECT_EQ(query.ef, 300U);
  EXPECT_TRUE(query.exact);
}

TEST(SearchPlan, ExpectsNoMoreHitsOfAShardThanThereAre) {
  EXPECT_EQ(likely_hits(10, 1), 10U);
  EXPECT_EQ(likely_hits(10, 6), 5U);
  EXPECT_EQ(likely_hits(1, 1'000), 1U);
  EXPECT_EQ(likely_hits(100, 6), 25U);
}

TEST(SearchPlan, AnExactQueryAsksForTheSameVectorAmongTheSameDocuments) {
  auto query = planned(hybrid());
  query.stats = storage::TextStats{3, 9, {1}};
  query.not_id = "other";
  const auto exact = exact_query(query, 7);
  EXPECT_TRUE(exact.exact);
  EXPECT_TRUE(exact.vector_arm);
  EXPECT_EQ(exact.depth, 7U);
  EXPECT_EQ(exact.vector, query.vector);
  EXPECT_EQ(exact.filter, query.filter);
  EXPECT_EQ(exact.where, query.where);
  EXPECT_EQ(exact.not_id, "other");
  EXPECT_TRUE(exact.text.empty());
  EXPECT_FALSE(exact.stats);
  EXPECT_FALSE(exact.pagerank);
}

}  // namespace
}  // namespace mosaic::shard
