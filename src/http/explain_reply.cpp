#include "http/explain_reply.hpp"

namespace mosaic::http {
namespace {

void write_stage(JsonWriter& json, const Explain::Stage& stage) {
  json.begin_object();
  json.key("name").string(stage.name);
  json.key("took_ms").number(stage.took_ms);
  json.key("candidates").number(stage.candidates);
  json.key("shards_asked").number(stage.shards_asked);
  json.key("shards_pruned").begin_array();
  for (const auto shard : stage.shards_pruned) json.number(shard.value);
  json.end_array();
  json.end_object();
}

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

}  // namespace

void write_explain(JsonWriter& json, const Explain& explain) {
  json.begin_object();
  json.key("stages").begin_array();
  for (const auto& stage : explain.stages) write_stage(json, stage);
  json.end_array();
  json.key("hits").begin_array();
  for (const auto& hit : explain.hits) write_hit_parts(json, hit);
  json.end_array();
  json.end_object();
}

}  // namespace mosaic::http
