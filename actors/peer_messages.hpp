// Messages between the nodes of a cluster, and what others share with them, as plain structs that
// list their fields.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "actors/foreign_wire.hpp"

namespace mosaic::actors {

using mosaic::inspect;

/// One shard of one collection, wherever it runs.
struct shard_key {
  CollectionId collection;
  ShardId shard;
  friend auto operator<=>(const shard_key&, const shard_key&) = default;
};
template <class Archive>
void archive(Archive& a, shard_key& key) {
  a(key.collection, key.shard);
}

struct append_request {
  CollectionId collection;
  EntryKind kind = EntryKind::kWrite;
  SharedBytes bytes;
  std::vector<ShardId> touches;  ///< shards whose documents it changes
  Deadline deadline;
  std::optional<Seq> space = {};  ///< that its vectors are of (VectorOrigin); none: it has none
  RequestId request = {};         ///< that it is written for
};
template <class Archive>
void archive(Archive& a, append_request& x) {
  a(x.collection, x.kind, x.touches, x.deadline, x.space, x.request);
  archive_shared(a, x.bytes);
}

/// What a node says of itself to whoever asks.
struct cluster_hello {
  NodeRecord node;
  std::int64_t log_base = 0;      ///< replication::LogStanding::base
  std::vector<NodeRecord> nodes;  ///< that take part, as far as it knows
};
template <class Archive>
void archive(Archive& a, cluster_hello& x) {
  a(x.node, x.log_base, x.nodes);
}

/// The nodes that take part from now on, and those that do no more.
struct nodes_changed {
  std::vector<NodeRecord> nodes;
  std::vector<std::uint64_t> forgotten = {};
  std::vector<std::uint64_t> leaving = {};
};
template <class Archive>
void archive(Archive& a, nodes_changed& x) {
  a(x.nodes, x.forgotten, x.leaving);
}

struct shard_report {
  shard_key key;
  std::string collection;
  ShardState state = ShardState::kStarting;
  Seq seq = 0;         ///< up to which it has applied
  bool level = false;  ///< it lacks nothing that the log led it through
  Seq placed = 0;      ///< ReplicaSet::seq, as the node knows it

  /// Whether it is there for others as it was in another report.
  bool fares_like(const shard_report& other) const {
    return key == other.key && level == other.level && placed == other.placed;
  }
};
template <class Archive>
void archive(Archive& a, shard_report& x) {
  a(x.key, x.collection, x.state, x.seq, x.level, x.placed);
}

/// How a node fares, told to all others now and then.
struct node_report {
  NodeRecord node;     ///< where it is found now
  Seq seq = 0;         ///< up to which it has taken over the log
  bool level = false;  ///< it has everything that it shall hold
  std::vector<shard_report> shards;
};
template <class Archive>
void archive(Archive& a, node_report& x) {
  a(x.node, x.seq, x.level, x.shards);
}

/// An append that another node was asked for.
struct forwarded_append {
  append_request request;
  replication::NodeId origin = 0;
  replication::Ticket ticket = 0;  ///< of the origin
};
template <class Archive>
void archive(Archive& a, forwarded_append& x) {
  a(x.request, x.origin, x.ticket);
}

/// The leader has done what it was asked for; an append it has taken over, and whoever asked hears
/// of that by his own log.
struct leader_reply {
  bool outdated = false;  ///< append_reply::outdated
};
template <class Archive>
void archive(Archive& a, leader_reply& x) {
  a(x.outdated);
}

/// The file of a shard; of the catalog, where the collection is 0.
struct copy_request {
  shard_key key;
  Seq since = 0;  ///< it has to have all that was written up to here
  /// The state that was kept under this name at `since`, of a shard; empty: as it is.
  std::string snapshot = {};
};
template <class Archive>
void archive(Archive& a, copy_request& x) {
  a(x.key, x.since, x.snapshot);
}

/// A copy that stands ready to be read.
struct copy_ready {
  std::uint64_t bytes = 0;
  std::string sha256;
  Seq seq = 0;                  ///< up to which it has applied the log
  std::uint64_t documents = 0;  ///< of a state that was kept
};
template <class Archive>
void archive(Archive& a, copy_ready& x) {
  a(x.bytes, x.sha256, x.seq, x.documents);
}

/// How the fetching of a file has ended.
struct fetched_copy {
  copy_ready ready = {};
  std::optional<Error> error = {};
};
template <class Archive>
void archive(Archive& a, fetched_copy& x) {
  a(x.ready, x.error);
}

}  // namespace mosaic::actors
