#include "base/explain_json.hpp"

namespace mosaic {
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

void write_plan(JsonWriter& json, const Explain::ShardPlan& shard) {
  const auto& plan = shard.plan;
  json.begin_object();
  json.key("shard").number(shard.shard.value);
  json.key("way").string(plan.way);
  json.key("reason").string(plan.reason);
  json.key("nodes").number(plan.nodes);
  json.key("tail").number(plan.tail);
  json.key("matches").number(plan.matches);
  json.key("compared").number(plan.compared);
  json.key("reranked").number(plan.reranked);
  json.key("walk_cost").number(plan.walk_cost);
  json.key("scan_cost").number(plan.scan_cost);
  json.key("codes").string(plan.codes);
  json.end_object();
}

}  // namespace

void write_stages(JsonWriter& json, const std::vector<Explain::Stage>& stages) {
  json.begin_array();
  for (const auto& stage : stages) write_stage(json, stage);
  json.end_array();
}

void write_plans(JsonWriter& json, const std::vector<Explain::ShardPlan>& plans) {
  json.begin_array();
  for (const auto& plan : plans) write_plan(json, plan);
  json.end_array();
}

}  // namespace mosaic
