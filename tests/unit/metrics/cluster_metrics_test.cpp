#include "metrics/cluster_metrics.hpp"

#include <gtest/gtest.h>

#include "metrics/node_metrics.hpp"
#include "support/metric_samples.hpp"

namespace mosaic::metrics {
namespace {

ClusterNode node(const std::string& name, NodeRole role, NodeState state, std::uint64_t lag = 0) {
  ClusterNode node;
  node.name = name;
  node.role = role;
  node.state = state;
  node.lag = lag;
  return node;
}

/// north leads, south is down, west follows and is behind.
ClusterStatus three_nodes() {
  ClusterStatus cluster;
  cluster.leader = "north";
  cluster.term = 7;
  cluster.nodes = {node("north", NodeRole::kLeader, NodeState::kUp),
                   node("south", NodeRole::kVoter, NodeState::kDown, 40),
                   node("west", NodeRole::kFollower, NodeState::kJoining, 12)};
  return cluster;
}

class ClusterSeries : public testing::Test {
 protected:
  double value(const std::string& series) { return test::samples_of(metrics.text()).at(series); }
  double nodes(const std::string& state) {
    return value("mosaic_cluster_nodes{state=\"" + state + "\"}");
  }

  NodeMetrics metrics;
};

TEST_F(ClusterSeries, CountNodesByState) {
  metrics.cluster.tell(three_nodes(), "north");
  EXPECT_EQ(nodes("up"), 1);
  EXPECT_EQ(nodes("down"), 1);
  EXPECT_EQ(nodes("joining"), 1);
  EXPECT_EQ(nodes("leaving"), 0);
}

TEST_F(ClusterSeries, CountTheLeaderAndNodesThatAreDownAmongThoseThatVote) {
  metrics.cluster.tell(three_nodes(), "north");
  EXPECT_EQ(value("mosaic_cluster_voters"), 2);
}

TEST_F(ClusterSeries, SayWhetherThisNodeLeads) {
  metrics.cluster.tell(three_nodes(), "north");
  EXPECT_EQ(value("mosaic_cluster_leader"), 1);
  metrics.cluster.tell(three_nodes(), "west");
  EXPECT_EQ(value("mosaic_cluster_leader"), 0);
  EXPECT_EQ(value("mosaic_cluster_leader_known"), 1);
  EXPECT_EQ(value("mosaic_cluster_term"), 7);
}

TEST_F(ClusterSeries, SayThatThereIsNoLeader) {
  auto cluster = three_nodes();
  cluster.leader.reset();
  metrics.cluster.tell(cluster, "north");
  EXPECT_EQ(value("mosaic_cluster_leader"), 0);
  EXPECT_EQ(value("mosaic_cluster_leader_known"), 0);
}

TEST_F(ClusterSeries, SayHowFarThisNodeIsBehind) {
  metrics.cluster.tell(three_nodes(), "west");
  EXPECT_EQ(value("mosaic_cluster_lag_entries"), 12);
  metrics.cluster.tell(three_nodes(), "north");
  EXPECT_EQ(value("mosaic_cluster_lag_entries"), 0);
}

TEST_F(ClusterSeries, ForgetNodesThatHaveLeft) {
  metrics.cluster.tell(three_nodes(), "north");
  auto cluster = three_nodes();
  cluster.nodes.resize(1);
  metrics.cluster.tell(cluster, "north");
  EXPECT_EQ(nodes("down"), 0);
  EXPECT_EQ(value("mosaic_cluster_voters"), 1);
}

TEST(ReadySeries, SaysNoOnceTheNodeHasBeenToldToEnd) {
  NodeMetrics metrics;
  const auto now = std::chrono::steady_clock::now();
  metrics.log.tell({.level = true}, now);
  EXPECT_EQ(test::samples_of(metrics.text(now)).at("mosaic_ready"), 1);
  metrics.info.end();
  EXPECT_EQ(test::samples_of(metrics.text(now)).at("mosaic_ready"), 0);
}

}  // namespace
}  // namespace mosaic::metrics
