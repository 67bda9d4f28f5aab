#include "http/warm_up.hpp"

#include <gtest/gtest.h>

#include "http/router.hpp"
#include "http/routes.hpp"
#include "unit/http/fake_engine.hpp"

namespace mosaic::http {
namespace {

class WarmingUp : public testing::Test {
 protected:
  WarmingUp() {
    engine.health_now.ready = false;
    engine.health_now.failing = {{"docs", {0}, ShardState::kStarting, ""}};
    engine.cluster_now.nodes.resize(3);
  }

  Response ask(const std::string& method, const std::string& target, const std::string& body = {}) {
    Response answer;
    router.serve({method, target, "application/json", {}, body},
                 [&](const MakeResponse& make) { answer = make(); });
    return answer;
  }
  Response search() { return ask("POST", "/api/search", R"({"query":"x"})"); }

  FakeEngine engine;
  Router router{all_routes(engine, "main")};
};

TEST_F(WarmingUp, ANodeOfAClusterRefusesWhatGoesToItsShards) {
  const auto refused = search();
  EXPECT_EQ(refused.status, 503);
  EXPECT_NE(refused.body.find("the node is starting"), std::string::npos) << refused.body;
  EXPECT_TRUE(engine.searches.empty());
  EXPECT_EQ(ask("POST", "/api/v1/collections/c/documents", R"({"documents":[{"id":"a"}]})").status,
            503);
  EXPECT_EQ(ask("GET", "/api/v1/collections").status, 503);
}

TEST_F(WarmingUp, ItStillTellsHowItIs) {
  EXPECT_EQ(ask("GET", "/health").status, 200);
  EXPECT_EQ(ask("GET", "/api/v1/cluster").status, 200);
  EXPECT_EQ(ask("GET", "/metrics").status, 200);
}

TEST_F(WarmingUp, IsOverOnceAllShardsHaveServed) {
  engine.health_now.ready = true;
  EXPECT_EQ(search().status, 200);
  engine.health_now.ready = false;
  EXPECT_EQ(search().status, 200) << "a shard that fails later makes answers partial";
}

TEST_F(WarmingUp, IsOverForWhoeverWaitsUntilTheNodeIsReady) {
  engine.health_now.failing.clear();
  engine.health_now.missing = {"shard 1 of collection 'docs' is starting, on another node"};
  EXPECT_EQ(ask("GET", "/ready").status, 503);
  EXPECT_EQ(search().status, 503);
  engine.health_now.ready = true;
  EXPECT_EQ(ask("GET", "/ready").status, 200);
  engine.health_now.ready = false;
  EXPECT_EQ(search().status, 200) << "it has been told that it may ask";
}

TEST_F(WarmingUp, ANodeAloneAnswersAtOnce) {
  engine.cluster_now.nodes.resize(1);
  EXPECT_EQ(search().status, 200);
}

TEST_F(WarmingUp, ANodeWithAShardThatFailsAnswersWithoutIt) {
  engine.health_now.failing.push_back({"docs", {1}, ShardState::kParked, "damaged"});
  EXPECT_EQ(search().status, 200);
}

TEST_F(WarmingUp, AnswersAsEverWhatIsWrongWithTheRequest) {
  engine.cluster_now.nodes.resize(1);
  EXPECT_EQ(ask("POST", "/api/search", "{").status, 400);
}

}  // namespace
}  // namespace mosaic::http
