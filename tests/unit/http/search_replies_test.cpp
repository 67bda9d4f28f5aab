#include <gtest/gtest.h>

#include "http/json_replies.hpp"

namespace mosaic::http {
namespace {

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(SearchJson, AlwaysSaysHowMuchIsMissing) {
  SearchReply reply;
  EXPECT_TRUE(contains(search_json(reply, {}), R"("failed":[],"missing_share":0})"));
  reply.missing_share = 0.5;
  EXPECT_TRUE(contains(search_json(reply, {}), R"("missing_share":0.5})"));
}

TEST(SearchJson, TellsTheScoresOfAHit) {
  SearchReply reply;
  reply.hits.resize(1);
  reply.hits[0].scores = {0.5, 3.0, 0.125};
  EXPECT_TRUE(
      contains(search_json(reply, {}), R"("scores":{"vector":0.5,"text":3,"pagerank":0.125})"));
}

TEST(SearchJson, ExplainsOnlyWhenAsked) {
  EXPECT_FALSE(contains(search_json({}, {}), "explain"));
}

TEST(SearchJson, ExplainsStagesAndScores) {
  SearchReply reply;
  reply.explain = Explain{{{"candidates", 1.5, 40, 3, {{1}, {2}}}},
                          {},
                          {},
                          {{"a", 0.75, {0.5, std::nullopt, 0.5, -0.25}}}};
  EXPECT_TRUE(contains(
      search_json(reply, {}),
      R"("explain":{"stages":[{"name":"candidates","took_ms":1.5,"candidates":40,)"
      R"("shards_asked":3,"shards_pruned":[1,2]}],"index":[],"hits":[{"id":"a","score":0.75,)"
      R"("parts":{"vector":0.5,"text":null,"pagerank":0.5,"diversity":-0.25}}]}})"));
}

TEST(SearchJson, ExplainsASearchWithoutHits) {
  SearchReply reply;
  reply.explain.emplace();
  EXPECT_TRUE(contains(search_json(reply, {}), R"("explain":{"stages":[],"index":[],"hits":[]}})"));
}

TEST(SearchJson, ExplainsHowEachShardUsedItsIndex) {
  SearchReply reply;
  reply.explain =
      Explain{{}, {}, {{{3}, {"walk", "cheaper", 100, 7, 90, 40, 20, 30.5, 90, "int8"}}}, {}};
  EXPECT_TRUE(contains(
      search_json(reply, {}),
      R"("index":[{"shard":3,"way":"walk","reason":"cheaper","nodes":100,"tail":7,"matches":90,)"
      R"("compared":40,"reranked":20,"walk_cost":30.5,"scan_cost":90,"codes":"int8"}],"hits":[])"));
}

TEST(SearchJson, ExplainsWhichShardsWereAsked) {
  SearchReply reply;
  reply.explain.emplace().routing = Explain::Routing{2, {{0}, {3}}, 0.875, "asked for 2"};
  EXPECT_TRUE(contains(search_json(reply, {}),
                       R"("explain":{"stages":[],"routing":{"asked":2,"pruned":[0,3],)"
                       R"("expected_recall":0.875,"reason":"asked for 2"},"index":[],"hits":[]})"));
  reply.explain->routing->expected_recall.reset();
  EXPECT_TRUE(contains(search_json(reply, {}), R"("expected_recall":null,)"));
}

TEST(SearchJson, HasAnAuditOnlyWhenThereIsOne) {
  EXPECT_FALSE(contains(search_json({}, {}), "audit"));
}

TEST(SearchJson, TellsTheRecallAndWhatWasMissed) {
  SearchReply reply;
  reply.audit = Audit{0.5, 4, 2, {"a", "b\"c"}, ""};
  EXPECT_TRUE(contains(search_json(reply, {}),
                       R"("audit":{"recall":0.5,"expected":4,"found":2,"missed":["a","b\"c"]}})"));
}

TEST(SearchJson, HasNoRecallWhereTheAuditFailed) {
  SearchReply reply;
  reply.audit.emplace().error = "shard 1: unavailable: down";
  EXPECT_TRUE(contains(search_json(reply, {}),
                       R"("audit":{"recall":null,"expected":0,"found":0,"missed":[],)"
                       R"("error":"shard 1: unavailable: down"}})"));
}

}  // namespace
}  // namespace mosaic::http
