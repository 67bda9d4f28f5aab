#include <gtest/gtest.h>

#include "http/cluster_replies.hpp"
#include "http/router.hpp"
#include "http/routes.hpp"
#include "unit/http/body_errors.hpp"
#include "unit/http/fake_engine.hpp"

namespace mosaic::http {
namespace {

class ClusterRoutes : public testing::Test {
 protected:
  ClusterRoutes() {
    engine.cluster_now.leader = "north";
    engine.cluster_now.term = 3;
    engine.cluster_now.seq = 812;
    engine.cluster_now.nodes = {
        {"north", "10.0.0.1:4040", "10.0.0.1:4045", NodeRole::kLeader, NodeState::kUp, 812, 0},
        {"south", "10.0.0.2:4040", "10.0.0.2:4045", NodeRole::kFollower, NodeState::kJoining, 800,
         12}};
    engine.cluster_now.shards = {
        {"docs", {1}, {{"north", ShardState::kUp, 812}, {"south", ShardState::kStarting, 790}}}};
  }

  Response ask(const std::string& method, const std::string& target, const std::string& body = {}) {
    Response answer;
    router.serve({method, target, "application/json", {}, body},
                 [&](const MakeResponse& make) { answer = make(); });
    return answer;
  }

  FakeEngine engine;
  Router router{all_routes(engine, "main")};
};

constexpr auto kCluster =
    R"({"leader":"north","term":3,"seq":812,"nodes":[)"
    R"({"name":"north","address":"10.0.0.1:4040","cluster_address":"10.0.0.1:4045",)"
    R"("role":"leader","state":"up","seq":812,"lag":0},)"
    R"({"name":"south","address":"10.0.0.2:4040","cluster_address":"10.0.0.2:4045",)"
    R"("role":"follower","state":"joining","seq":800,"lag":12}],"shards":[)"
    R"({"id":1,"collection":"docs","replicas":[{"node":"north","state":"up","seq":812},)"
    R"({"node":"south","state":"starting","seq":790}]}]})";

TEST_F(ClusterRoutes, TellTheNodesAndWhatEachHolds) {
  const auto answer = ask("GET", "/api/v1/cluster");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, kCluster);
}

TEST_F(ClusterRoutes, RemoveTheNodeThatThePathNames) {
  const auto answer = ask("DELETE", "/api/v1/cluster/nodes/a%2Fb.c");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, kCluster);
  EXPECT_EQ(engine.removed_node, "a/b.c");
  EXPECT_EQ(engine.promoted_node, "");
}

TEST_F(ClusterRoutes, PromoteTheNodeThatThePathNames) {
  const auto answer = ask("POST", "/api/v1/cluster/nodes/south/promote");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, kCluster);
  EXPECT_EQ(engine.promoted_node, "south");
  EXPECT_EQ(engine.removed_node, "");
}

TEST_F(ClusterRoutes, SayWhatTheEngineRefuses) {
  engine.error = Error{ErrorCode::kNotFound, "there is no node 'west'"};
  for (const auto& answer : {ask("DELETE", "/api/v1/cluster/nodes/west"),
                             ask("POST", "/api/v1/cluster/nodes/west/promote")}) {
    EXPECT_EQ(answer.status, 404);
    EXPECT_TRUE(contains(answer.body, "there is no node 'west'"));
  }
}

TEST_F(ClusterRoutes, TellWhoeverAsksWithoutALeaderToComeBack) {
  engine.error = Error{ErrorCode::kUnavailable, "there is no leader"};
  const auto answer = ask("DELETE", "/api/v1/cluster/nodes/south");
  EXPECT_EQ(answer.status, 503);
  ASSERT_EQ(answer.headers.size(), 1U);
  EXPECT_EQ(answer.headers[0].name, "Retry-After");
  EXPECT_EQ(answer.headers[0].value, "1");
}

TEST_F(ClusterRoutes, ServeNoOtherMethods) {
  EXPECT_EQ(ask("POST", "/api/v1/cluster").headers.at(0).value, "GET, HEAD");
  EXPECT_EQ(ask("GET", "/api/v1/cluster/nodes/south").headers.at(0).value, "DELETE");
  EXPECT_EQ(ask("GET", "/api/v1/cluster/nodes").status, 404);
  EXPECT_EQ(ask("DELETE", "/api/v1/cluster/nodes/").status, 404);
  EXPECT_EQ(ask("GET", "/api/v1/cluster?wide=1").status, 400);
}

TEST(ClusterReply, HasANullLeaderWhileThereIsNone) {
  EXPECT_EQ(cluster_json({}), R"({"leader":null,"term":0,"seq":0,"nodes":[],"shards":[]})");
}

TEST(ClusterReply, HasAWordForEachRoleAndState) {
  ClusterStatus status;
  for (const auto role : {NodeRole::kLeader, NodeRole::kVoter, NodeRole::kFollower}) {
    status.nodes = {{"n", "a:1", "a:2", role, NodeState::kDown, 0, 0}};
    EXPECT_TRUE(contains(cluster_json(status),
                         R"("role":")" + std::string(to_string(role)) + R"(","state":"down")"));
  }
  for (const auto state :
       {NodeState::kUp, NodeState::kDown, NodeState::kJoining, NodeState::kLeaving}) {
    status.nodes = {{"n", "a:1", "a:2", NodeRole::kVoter, state, 0, 0}};
    EXPECT_TRUE(
        contains(cluster_json(status), R"("state":")" + std::string(to_string(state)) + '"'));
  }
}

TEST(ClusterReply, EscapesWhatOtherNodesSay) {
  ClusterStatus status;
  status.leader = "a\"\n";
  EXPECT_TRUE(contains(cluster_json(status), R"({"leader":"a\"\n",)"));
}

}  // namespace
}  // namespace mosaic::http
