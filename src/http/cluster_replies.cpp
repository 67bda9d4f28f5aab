#include "http/cluster_replies.hpp"

#include "base/json_writer.hpp"

namespace mosaic::http {
namespace {

void write_node(JsonWriter& json, const ClusterNode& node) {
  json.begin_object();
  json.key("name").string(node.name);
  json.key("address").string(node.address);
  json.key("cluster_address").string(node.cluster_address);
  json.key("role").string(to_string(node.role));
  json.key("state").string(to_string(node.state));
  json.key("seq").number(node.seq);
  json.key("lag").number(node.lag);
  json.end_object();
}

void write_replica(JsonWriter& json, const ShardReplica& replica) {
  json.begin_object();
  json.key("node").string(replica.node);
  json.key("state").string(to_string(replica.state));
  json.key("seq").number(replica.seq);
  json.end_object();
}

void write_shard(JsonWriter& json, const ClusterShard& shard) {
  json.begin_object();
  json.key("id").number(shard.id.value);
  json.key("collection").string(shard.collection);
  json.key("replicas").begin_array();
  for (const auto& replica : shard.replicas) write_replica(json, replica);
  json.end_array();
  json.end_object();
}

}  // namespace

std::string cluster_json(const ClusterStatus& status) {
  JsonWriter json;
  json.begin_object();
  json.key("leader");
  status.leader ? json.string(*status.leader) : json.null();
  json.key("term").number(status.term);
  json.key("seq").number(status.seq);
  json.key("nodes").begin_array();
  for (const auto& node : status.nodes) write_node(json, node);
  json.end_array();
  json.key("shards").begin_array();
  for (const auto& shard : status.shards) write_shard(json, shard);
  json.end_array();
  json.end_object();
  return json.take();
}

}  // namespace mosaic::http
