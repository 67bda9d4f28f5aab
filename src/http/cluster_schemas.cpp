#include "http/cluster_schemas.hpp"

namespace mosaic::http {
namespace {

constexpr std::string_view kCluster = R"({
  "type": "object",
  "description": "The nodes of a cluster and what each holds, as the node that answers has last heard.",
  "required": ["leader", "term", "seq", "nodes", "shards"],
  "properties": {
    "leader": {"type": ["string", "null"], "description": "Name of the node that orders writes; null while there is none, and writes answer 503."},
    "term": {"type": "integer", "description": "Counts the leaders that were elected or tried to be."},
    "seq": {"type": "integer", "description": "The newest write that is known of."},
    "nodes": {"type": "array", "items": {"$ref": "#/components/schemas/ClusterNode"}},
    "shards": {"type": "array", "items": {"$ref": "#/components/schemas/ClusterShard"}}
  }
})";

constexpr std::string_view kClusterNode = R"({
  "type": "object",
  "required": ["name", "address", "cluster_address", "role", "state", "seq", "lag"],
  "properties": {
    "name": {"type": "string"},
    "address": {"type": "string", "description": "Of its HTTP interface, as HOST:PORT, which `--join` takes."},
    "cluster_address": {"type": "string", "description": "Where other nodes find it, as HOST:PORT."},
    "role": {"type": "string", "enum": ["leader", "voter", "follower"], "description": "A follower is told what is written, without a vote."},
    "state": {"type": "string", "enum": ["up", "down", "joining", "leaving"], "description": "`joining`: it has not got everything yet."},
    "seq": {"type": "integer", "description": "The write up to which it has taken over."},
    "lag": {"type": "integer", "minimum": 0, "description": "Entries of the log that it is behind the newest one."}
  }
})";

constexpr std::string_view kClusterShard = R"({
  "type": "object",
  "required": ["id", "collection", "replicas"],
  "properties": {
    "id": {"type": "integer", "description": "Its number within the collection."},
    "collection": {"type": "string"},
    "replicas": {"type": "array", "items": {"$ref": "#/components/schemas/ShardReplica"}}
  }
})";

constexpr std::string_view kShardReplica = R"({
  "type": "object",
  "required": ["node", "state", "seq"],
  "properties": {
    "node": {"type": "string", "description": "Name of the node that holds it."},
    "state": {"type": "string", "enum": ["starting", "up", "down", "parked"]},
    "seq": {"type": "integer", "description": "The write up to which it has applied."}
  }
})";

}  // namespace

const std::vector<Schema>& cluster_schemas() {
  static const std::vector<Schema> all = {
      {"Cluster", kCluster},
      {"ClusterNode", kClusterNode},
      {"ClusterShard", kClusterShard},
      {"ShardReplica", kShardReplica},
  };
  return all;
}

}  // namespace mosaic::http
