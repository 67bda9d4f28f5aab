#include "base/settings_json.hpp"

namespace mosaic {

void write_settings(JsonWriter& json, const CollectionSettings& settings,
                    std::string_view shards_key) {
  json.key("dimension").number(settings.dimension);
  json.key("metric").string(to_string(settings.metric));
  json.key(shards_key).number(settings.shards);
  json.key("routing").string(settings.routing);
  json.key("replicas").number(settings.replicas);
  json.key("embedder").string(settings.embedder);
  json.key("quantization").string(to_string(settings.quantization));
  json.key("index").begin_object();
  json.key("type").string(to_string(settings.index.type));
  json.key("m").number(settings.index.m);
  json.key("ef_construction").number(settings.index.ef_construction);
  json.end_object();
  json.key("indexed").begin_array();
  for (const auto& path : settings.indexed) json.string(path);
  json.end_array();
  json.key("retention_s").number(settings.retention_s);
}

}  // namespace mosaic
