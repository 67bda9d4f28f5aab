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
                          {{"a", 0.75, {0.5, std::nullopt, 0.5, -0.25}}}};
  EXPECT_TRUE(
      contains(search_json(reply, {}),
               R"("explain":{"stages":[{"name":"candidates","took_ms":1.5,"candidates":40,)"
               R"("shards_asked":3,"shards_pruned":[1,2]}],"hits":[{"id":"a","score":0.75,)"
               R"("parts":{"vector":0.5,"text":null,"pagerank":0.5,"diversity":-0.25}}]}})"));
}

TEST(SearchJson, ExplainsASearchWithoutHits) {
  SearchReply reply;
  reply.explain.emplace();
  EXPECT_TRUE(contains(search_json(reply, {}), R"("explain":{"stages":[],"hits":[]}})"));
}

}  // namespace
}  // namespace mosaic::http
