// The nodes of a cluster and what each holds, as `GET /api/v1/cluster` tells it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mosaic/collection.hpp"

namespace mosaic {

/// A voter keeps the log with the others and may lead; a follower is told what they have written.
enum class NodeRole : std::uint8_t { kLeader, kVoter, kFollower };

/// Joining: it has not got everything yet that it will hold.
enum class NodeState : std::uint8_t { kUp, kDown, kJoining, kLeaving };

struct ClusterNode {
  std::string name;
  std::string address;          ///< of its HTTP interface, HOST:PORT, as `--join` takes it
  std::string cluster_address;  ///< where other nodes find it, HOST:PORT
  NodeRole role = NodeRole::kFollower;
  NodeState state = NodeState::kUp;
  Seq seq = 0;            ///< up to which it has taken over the log, as last heard
  std::uint64_t lag = 0;  ///< behind the newest entry that is known of, in entries
};

struct ShardReplica {
  std::string node;
  ShardState state = ShardState::kStarting;
  Seq seq = 0;  ///< up to which it has applied, as last heard
};

struct ClusterShard {
  std::string collection;
  ShardId id;
  std::vector<ShardReplica> replicas;
};

struct ClusterStatus {
  std::optional<std::string> leader;  ///< name; none while there is no leader
  std::uint64_t term = 0;
  Seq seq = 0;  ///< the newest entry that is known of
  std::vector<ClusterNode> nodes;
  std::vector<ClusterShard> shards;
};

std::string_view to_string(NodeRole role);
std::string_view to_string(NodeState state);

}  // namespace mosaic
