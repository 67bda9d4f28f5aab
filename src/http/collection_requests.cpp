#include <limits>

#include "http/json_reader.hpp"
#include "http/json_requests.hpp"

namespace mosaic::http {
namespace {

constexpr std::uint32_t kNumberMax = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint64_t kSecondsMax = std::numeric_limits<std::int64_t>::max();

std::uint32_t read_u32(JsonValue value, std::uint32_t low, std::uint32_t high) {
  return static_cast<std::uint32_t>(value.whole_number(low, high));
}

template <class Word>
Word accept(Result<Word> word) {
  if (!word) throw Failure(word.error());
  return *word;
}

std::vector<std::string> read_words(JsonValue value) {
  std::vector<std::string> words;
  value.each_item([&](JsonValue item) { words.push_back(item.string()); });
  return words;
}

IndexSettings read_index(JsonValue value) {
  IndexSettings index;
  value.object().each_field([&](std::string_view key, JsonValue field) {
    if (key == "type") {
      index.type = accept(parse_index_type(field.string()));
    } else if (key == "m") {
      index.m = read_u32(field, 0, kNumberMax);
    } else if (key == "ef_construction") {
      index.ef_construction = read_u32(field, 0, kNumberMax);
    } else {
      refuse_unknown(field);
    }
  });
  return index;
}

void read_setting(CollectionSettings& settings, std::string_view key, JsonValue value) {
  if (key == "dimension") {
    settings.dimension = read_u32(value, 1, kDimensionMax);
  } else if (key == "metric") {
    settings.metric = accept(parse_metric(value.string()));
  } else if (key == "shards") {
    settings.shards = read_u32(value, 1, kShardsMax);
  } else if (key == "routing") {
    settings.routing = value.string();
  } else if (key == "replicas") {
    settings.replicas = read_u32(value, 1, kReplicasMax);
  } else if (key == "embedder") {
    settings.embedder = value.string();
  } else if (key == "quantization") {
    settings.quantization = accept(parse_quantization(value.string()));
  } else if (key == "index") {
    settings.index = read_index(value);
  } else if (key == "indexed") {
    settings.indexed = read_words(value);
  } else if (key == "retention_s") {
    settings.retention_s = value.whole_number(0, kSecondsMax);
  } else {
    refuse_unknown(value);
  }
}

void read_change(CollectionPatch& patch, std::string_view key, JsonValue value) {
  if (key == "indexed") {
    patch.indexed = read_words(value);
  } else if (key == "retention_s") {
    patch.retention_s = value.whole_number(0, kSecondsMax);
  } else if (key == "index") {
    patch.index = read_index(value);
  } else if (key == "quantization") {
    patch.quantization = accept(parse_quantization(value.string()));
  } else if (key == "replicas") {
    patch.replicas = read_u32(value, 1, kReplicasMax);
  } else if (key == "dimension" || key == "metric" || key == "shards" || key == "routing" ||
             key == "embedder") {
    throw Failure(
        invalid("field '" + std::string(key) + "' cannot change while a collection lives"));
  } else {
    refuse_unknown(value);
  }
}

}  // namespace

CollectionSettings read_collection(std::string name, std::string body) {
  CollectionSettings settings;
  settings.name = std::move(name);
  if (body.empty()) return settings;
  bool has_dimension = false;
  JsonText(std::move(body)).read([&](JsonObject object) {
    object.each_field([&](std::string_view key, JsonValue value) {
      has_dimension = has_dimension || key == "dimension";
      read_setting(settings, key, value);
    });
  });
  if (!has_dimension) settings.dimension = default_dimension(settings.embedder);
  return settings;
}

CollectionPatch read_collection_patch(std::string body) {
  CollectionPatch patch;
  JsonText(std::move(body)).read([&](JsonObject object) {
    object.each_field(
        [&](std::string_view key, JsonValue value) { read_change(patch, key, value); });
  });
  return patch;
}

}  // namespace mosaic::http
