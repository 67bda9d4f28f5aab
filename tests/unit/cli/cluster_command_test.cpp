#include "command_fixture.hpp"

namespace mosaic::cli {
namespace {

using test::FakeRequest;
using test::http_answer;
using ClusterCommandTest = CommandTest;

constexpr auto kCluster =
    R"({"leader":"north","term":3,"seq":12345,"nodes":[)"
    R"({"name":"north","address":"10.0.0.1:4040","cluster_address":"10.0.0.1:4045",)"
    R"("role":"leader","state":"up","seq":12345,"lag":0},)"
    R"({"name":"south","address":"10.0.0.2:4040","cluster_address":"10.0.0.2:4045",)"
    R"("role":"follower","state":"joining","seq":2345,"lag":10000}],"shards":[)"
    R"({"id":0,"collection":"docs","replicas":[{"node":"north","state":"up","seq":12345},)"
    R"({"node":"south","state":"starting","seq":2000}]}]})";

constexpr auto kNodes =
    "node   address        role      state       seq     lag\n"
    "north  10.0.0.1:4040  leader    up       12,345       0\n"
    "south  10.0.0.2:4040  follower  joining   2,345  10,000\n";

TEST_F(ClusterCommandTest, StatusShowsLeaderNodesAndShards) {
  serve([](const FakeRequest&) { return http_answer(200, kCluster); });
  const auto outcome = mosaic({"cluster", "status"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out, std::string("leader north, term 3, seq 12,345\n\n") + kNodes +
                             "\n"
                             "collection  shard  replicas: node, state, seq\n"
                             "docs            0  north up 12,345, south starting 2,000\n");
  EXPECT_EQ(requests()[0].method, "GET");
  EXPECT_EQ(requests()[0].target, "/api/v1/cluster");
}

TEST_F(ClusterCommandTest, JsonIsWhatTheNodeAnswered) {
  serve([](const FakeRequest&) { return http_answer(200, kCluster); });
  for (const auto& words :
       std::vector<std::vector<std::string>>{{"cluster", "status", "--json"},
                                             {"cluster", "remove", "south", "--json"},
                                             {"cluster", "promote", "south", "--json"}})
    EXPECT_EQ(mosaic(words).out, std::string(kCluster) + "\n");
}

TEST_F(ClusterCommandTest, StatusSaysWhenThereIsNoLeaderAndNoShard) {
  serve([](const FakeRequest&) {
    return http_answer(200, R"({"leader":null,"term":4,"seq":9,"nodes":[],"shards":[]})");
  });
  EXPECT_EQ(mosaic({"cluster", "status"}).out,
            "no leader: writes answer 503 until there is one, term 4, seq 9\n\n"
            "node  address  role  state  seq  lag\n");
}

TEST_F(ClusterCommandTest, RemoveSaysWhatItDidAndWhoIsLeft) {
  serve([](const FakeRequest&) { return http_answer(200, kCluster); });
  const auto outcome = mosaic({"cluster", "remove", "a/b c"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out,
            std::string("node 'a/b c' is out of the cluster and counts no more; what it stored is "
                        "still in its data folder\nleader north, term 3, seq 12,345\n\n") +
                kNodes);
  EXPECT_EQ(requests()[0].method, "DELETE");
  EXPECT_EQ(requests()[0].target, "/api/v1/cluster/nodes/a%2Fb%20c");
}

TEST_F(ClusterCommandTest, RemoveSaysThatANodeGivesAwayWhatItHoldsFirst) {
  serve([](const FakeRequest&) {
    return http_answer(200,
                       R"({"leader":"n1","term":1,"seq":9,"nodes":[{"name":"n2","address":"h:1",)"
                       R"("role":"voter","state":"leaving","seq":9,"lag":0}],"shards":[]})");
  });
  const auto outcome = mosaic({"cluster", "remove", "n2"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out.find("node 'n2' gives what it holds to the others"), 0U) << outcome.out;
}

TEST_F(ClusterCommandTest, PromoteSaysWhoVotes) {
  serve([](const FakeRequest&) { return http_answer(200, kCluster); });
  const auto outcome = mosaic({"cluster", "promote", "south"});
  EXPECT_EQ(outcome.out.find("node 'south' votes from now on\nleader north"), 0U) << outcome.out;
  EXPECT_EQ(requests()[0].method, "POST");
  EXPECT_EQ(requests()[0].target, "/api/v1/cluster/nodes/south/promote");
}

TEST_F(ClusterCommandTest, WhatTheNodeRefusesIsOneLineAndOne) {
  serve([](const FakeRequest& request) {
    if (request.target.find("west") != std::string::npos)
      return problem_answer(404, "not_found", "there is no node 'west'");
    return problem_answer(503, "unavailable", "there is no leader", "Retry-After: 1\r\n");
  });
  const auto missing = mosaic({"cluster", "remove", "west"});
  EXPECT_EQ(missing.exit_code, 1);
  EXPECT_EQ(missing.err, "mosaic: there is no node 'west' (not_found)\n");
  EXPECT_EQ(missing.out, "");
  const auto leaderless = mosaic({"cluster", "promote", "south"});
  EXPECT_EQ(leaderless.exit_code, 1);
  EXPECT_EQ(leaderless.err, "mosaic: there is no leader (unavailable)\n");
}

TEST_F(ClusterCommandTest, NothingThatATerminalObeysReachesIt) {
  serve([](const FakeRequest&) {
    return http_answer(
        200, R"({"leader":"l\u001b[2Jl","term":"\u001b[1m","seq":"\u0007","nodes":[)"
             R"({"name":"n\u001b[31mn","address":"a\u0007\n","role":"r\u001b","state":"\u009bs",)"
             R"("seq":1,"lag":0}],"shards":[{"id":0,"collection":"c\u001b[0m","replicas":[)"
             R"({"node":"n\u001b]0;t\u0007","state":"u\rp","seq":1}]}]})");
  });
  for (const auto& words :
       std::vector<std::vector<std::string>>{{"cluster", "status"},
                                             {"cluster", "remove", "x\x1b[2J\ny"},
                                             {"cluster", "promote", "x\x1b[2J\ny"}}) {
    const auto out = mosaic(words).out;
    for (const char c : {'\x1b', '\x07', '\r'}) EXPECT_EQ(out.find(c), std::string::npos) << out;
    EXPECT_EQ(out.find("\xc2\x9b"), std::string::npos) << out;
  }
}

TEST_F(ClusterCommandTest, AnswersOfOtherVersionsAreShownAsFarAsTheyGo) {
  serve([](const FakeRequest&) {
    return http_answer(200, R"({"nodes":[{"name":"n"}],"shards":[{"id":0}],"more":1})");
  });
  const auto outcome = mosaic({"cluster", "status"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_NE(outcome.out.find("n     -        -     -        -    -\n"), std::string::npos)
      << outcome.out;
}

TEST(ClusterCommand, WrongUsageEndsWithTwo) {
  for (const auto& words : std::vector<std::vector<std::string>>{{"cluster"},
                                                                 {"cluster", "paint"},
                                                                 {"cluster", "remove"},
                                                                 {"cluster", "remove", ""},
                                                                 {"cluster", "promote"},
                                                                 {"cluster", "status", "extra"}})
    EXPECT_EQ(run_mosaic(words).exit_code, 2);
}

}  // namespace
}  // namespace mosaic::cli
