// What one node knows of its cluster, put together for people. Pure.
#pragma once

#include <vector>

#include "base/node_record.hpp"
#include "mosaic/cluster.hpp"

namespace mosaic::cluster {

/// What is known of a node.
struct NodeView {
  NodeRecord record;
  bool reached = false;     ///< it is this one, or answers
  bool takes_part = false;  ///< in the log
  bool votes = false;
  bool leaves = false;  ///< it gives what it holds to others
  bool level = false;   ///< as it said last
  Seq seq = 0;          ///< as it said last

  struct Shard {
    std::string collection;
    ShardId id;
    ShardState state = ShardState::kStarting;
    Seq seq = 0;
  };
  std::vector<Shard> shards;  ///< as it said last
};

/// A shard, and the nodes that it lives on as the log says.
struct ShardView {
  std::string collection;
  ShardId id;
  std::vector<std::uint64_t> nodes;
};

struct LogView {
  std::uint64_t leader = 0;  ///< 0: none is known
  std::uint64_t term = 0;
  Seq last = 0;
};

/// Nodes by name, shards by collection and number. Of a node that is not reached every shard is
/// down. Where the log says nothing, a shard is where it is said to run.
ClusterStatus describe(const std::vector<NodeView>& nodes, const std::vector<ShardView>& shards,
                       const LogView& log);

}  // namespace mosaic::cluster
