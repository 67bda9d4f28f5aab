#include "http/explain_reply.hpp"

#include "base/explain_json.hpp"

namespace mosaic::http {
namespace {

void write_part(JsonWriter& json, std::string_view key, const std::optional<double>& part) {
  json.key(key);
  part ? json.number(*part) : json.null();
}

void write_hit_parts(JsonWriter& json, const Explain::HitParts& hit) {
  json.begin_object();
  json.key("id").string(hit.id);
  json.key("score").number(hit.score);
  json.key("parts").begin_object();
  write_part(json, "vector", hit.parts.vector);
  write_part(json, "text", hit.parts.text);
  write_part(json, "pagerank", hit.parts.pagerank);
  write_part(json, "diversity", hit.parts.diversity);
  json.end_object();
  json.end_object();
}

void write_routing(JsonWriter& json, const Explain::Routing& routing) {
  json.begin_object();
  json.key("asked").number(routing.asked);
  json.key("pruned").begin_array();
  for (const auto shard : routing.pruned) json.number(shard.value);
  json.end_array();
  json.key("expected_recall");
  routing.expected_recall ? json.number(*routing.expected_recall) : json.null();
  json.key("reason").string(routing.reason);
  json.end_object();
}

}  // namespace

void write_explain(JsonWriter& json, const Explain& explain) {
  json.begin_object();
  json.key("stages");
  write_stages(json, explain.stages);
  if (explain.routing) write_routing(json.key("routing"), *explain.routing);
  json.key("index");
  write_plans(json, explain.plans);
  json.key("hits").begin_array();
  for (const auto& hit : explain.hits) write_hit_parts(json, hit);
  json.end_array();
  json.end_object();
}

void write_audit(JsonWriter& json, const Audit& audit) {
  const bool made = audit.error.empty();
  json.begin_object();
  json.key("recall");
  made ? json.number(audit.recall) : json.null();
  json.key("expected").number(audit.expected);
  json.key("found").number(audit.found);
  json.key("missed").begin_array();
  for (const auto& id : audit.missed) json.string(id);
  json.end_array();
  if (!made) json.key("error").string(audit.error);
  json.end_object();
}

}  // namespace mosaic::http
