#include "http/health_reply.hpp"

#include "base/json_writer.hpp"

namespace mosaic::http {
namespace {

void write_failing(JsonWriter& json, const FailingShard& shard) {
  json.begin_object();
  json.key("collection").string(shard.collection);
  json.key("shard").number(shard.shard.value);
  json.key("state").string(to_string(shard.state));
  json.key("error").string(shard.error);
  json.end_object();
}

}  // namespace

std::string health_json(const Health& health) {
  const bool ok = health.ready && health.shards_down == 0 && health.failing.empty();
  JsonWriter json;
  json.begin_object();
  json.key("status").string(ok ? "ok" : "degraded");
  json.key("version").string(health.version);
  json.key("node").string(health.node);
  json.key("uptime_s").number(health.uptime_s);
  json.key("shards").begin_object();
  json.key("up").number(health.shards_up);
  json.key("down").number(health.shards_down);
  json.end_object();
  json.key("failing").begin_array();
  for (const auto& shard : health.failing) write_failing(json, shard);
  json.end_array();
  json.end_object();
  return json.take();
}

}  // namespace mosaic::http
