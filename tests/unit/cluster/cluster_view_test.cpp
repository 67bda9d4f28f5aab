#include "cluster/cluster_view.hpp"

#include <gtest/gtest.h>

namespace mosaic::cluster {
namespace {

NodeView node(std::uint64_t id, std::string name) {
  NodeView view;
  view.record = {id, std::move(name), "host:1", "host:2", "host:3"};
  view.reached = view.takes_part = view.votes = view.level = true;
  view.seq = 10;
  view.shards = {{"docs", {0}, ShardState::kUp, 9}};
  return view;
}

TEST(ClusterView, NamesTheLeaderAndOrdersNodesByName) {
  const auto status = describe({node(7, "b"), node(3, "a")}, {}, {7, 4, 10});
  EXPECT_EQ(status.leader, "b");
  EXPECT_EQ(status.term, 4U);
  ASSERT_EQ(status.nodes.size(), 2U);
  EXPECT_EQ(status.nodes[0].name, "a");
  EXPECT_EQ(status.nodes[0].role, NodeRole::kVoter);
  EXPECT_EQ(status.nodes[1].role, NodeRole::kLeader);
}

TEST(ClusterView, WithoutALeaderNamesNone) {
  EXPECT_EQ(describe({node(7, "b")}, {}, {0, 4, 10}).leader, std::nullopt);
  EXPECT_EQ(describe({node(7, "b")}, {}, {0, 4, 10}).nodes[0].role, NodeRole::kVoter);
}

TEST(ClusterView, CountsTheLagFromTheNewestEntryThatAnybodyHas) {
  auto ahead = node(1, "a");
  ahead.seq = 30;
  const auto status = describe({ahead, node(2, "b")}, {}, {0, 1, 12});
  EXPECT_EQ(status.seq, 30U);
  EXPECT_EQ(status.nodes[0].lag, 0U);
  EXPECT_EQ(status.nodes[1].lag, 20U);
}

TEST(ClusterView, ANodeJoinsUntilItHasEverything) {
  auto joining = node(1, "a");
  joining.level = false;
  joining.votes = false;
  const auto status = describe({joining}, {}, {0, 1, 10});
  EXPECT_EQ(status.nodes[0].state, NodeState::kJoining);
  EXPECT_EQ(status.nodes[0].role, NodeRole::kFollower);
}

TEST(ClusterView, WhatANodeHoldsIsDownWithIt) {
  auto gone = node(2, "b");
  gone.reached = false;
  const auto status = describe({gone, node(1, "a")}, {}, {1, 1, 10});
  EXPECT_EQ(status.nodes[1].state, NodeState::kDown);
  ASSERT_EQ(status.shards.size(), 1U);
  const auto& replicas = status.shards[0].replicas;
  ASSERT_EQ(replicas.size(), 2U);
  EXPECT_EQ(replicas[0].state, ShardState::kUp);
  EXPECT_EQ(replicas[1].state, ShardState::kDown);
  EXPECT_EQ(replicas[1].seq, 9U);
}

TEST(ClusterView, AShardIsWhereTheLogSaysWhateverNodesHaveTold) {
  auto told_nothing = node(2, "b");
  told_nothing.shards.clear();
  const auto status =
      describe({node(1, "a"), told_nothing, node(3, "c")}, {{"docs", {0}, {1, 2}}}, {1, 1, 10});
  ASSERT_EQ(status.shards.size(), 1U);
  const auto& replicas = status.shards[0].replicas;
  ASSERT_EQ(replicas.size(), 2U);
  EXPECT_EQ(replicas[0].node, "a");
  EXPECT_EQ(replicas[0].state, ShardState::kUp);
  EXPECT_EQ(replicas[1].node, "b");
  EXPECT_EQ(replicas[1].state, ShardState::kStarting);
}

TEST(ClusterView, ANodeThatGivesAwayWhatItHoldsIsLeaving) {
  auto leaving = node(2, "b");
  leaving.leaves = true;
  EXPECT_EQ(describe({leaving}, {}, {0, 1, 10}).nodes[0].state, NodeState::kLeaving);
}

}  // namespace
}  // namespace mosaic::cluster
