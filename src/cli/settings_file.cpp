#include "cli/settings_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/text_width.hpp"

namespace mosaic::cli {
namespace {

/// Keys stay in their order, so that people find the file as the documentation has it.
using Json = nlohmann::ordered_json;

constexpr std::size_t kFileBytesMax = 64 << 20;

/// What GET tells of a collection that is not a setting.
constexpr std::string_view kNoSettings[] = {"name", "documents", "edges", "seq", "shards"};

bool is_setting(const std::string& key) {
  return std::find(std::begin(kNoSettings), std::end(kNoSettings), key) == std::end(kNoSettings);
}

Json parsed(const std::string& text, const std::string& what) {
  auto json = Json::parse(text, nullptr, false);
  if (json.is_object()) return json;
  throw Failure(invalid(fmt::format("{} is not a JSON object", what)));
}

std::string centroids_json(const Json& centroids) {
  Json body = Json::object();
  body["centroids"] = centroids;
  return body.dump();
}

std::string settings_body(const Json& collection) {
  Json body = Json::object();
  for (const auto& [key, value] : collection.items()) {
    // GET has the shards themselves under the name that a request has their number under.
    if (is_setting(key)) body[key == "shard_count" ? "shards" : key] = value;
  }
  return body.dump();
}

std::string centroids_body(ApiClient& client, const std::string& collection) {
  const auto answer = client.call("GET", collection_path(collection, "/centroids"));
  const auto told = parsed(answer.body, "the answer");
  const auto found = told.find("centroids");
  if (found == told.end() || found->empty()) return {};
  return centroids_json(*found);
}

}  // namespace

std::string settings_file_of(const std::string& file) {
  return file + ".settings.json";
}

CollectionSetup setup_of(ApiClient& client, const std::string& collection) {
  const auto answer = client.call("GET", collection_path(collection));
  const auto told = parsed(answer.body, "the answer");
  CollectionSetup setup{settings_body(told), {}};
  if (told.value("routing", "") == "centroid") setup.centroids = centroids_body(client, collection);
  return setup;
}

std::string settings_text(const std::string& collection, const CollectionSetup& setup) {
  Json file = Json::object();
  file["collection"] = collection;
  file["settings"] = Json::parse(setup.settings);
  if (!setup.centroids.empty()) file["centroids"] = Json::parse(setup.centroids).at("centroids");
  // Vectors stay on a line each.
  std::string text = "{";
  for (const auto& [key, value] : file.items()) {
    text += fmt::format("{}\n {}: ", text.size() == 1 ? "" : ",", Json(key).dump());
    if (!value.is_array()) {
      text += value.dump();
      continue;
    }
    text += "[";
    for (std::size_t i = 0; i < value.size(); ++i)
      text += fmt::format("{}\n  {}", i == 0 ? "" : ",", value[i].dump());
    text += "]";
  }
  return text + "\n}\n";
}

CollectionSetup parse_settings(const std::string& text, const std::string& file) {
  const auto json = parsed(text, "'" + file + "'");
  CollectionSetup setup;
  for (const auto& [key, value] : json.items()) {
    if (key == "settings" && value.is_object()) {
      setup.settings = value.dump();
    } else if (key == "centroids" && value.is_array()) {
      setup.centroids = centroids_json(value);
    } else if (key != "collection") {
      throw Failure(invalid(
          fmt::format("'{}' has a field '{}' that this program cannot use", file, one_line(key))));
    }
  }
  if (setup.settings.empty())
    throw Failure(invalid(fmt::format("'{}' has no settings of a collection", file)));
  return setup;
}

std::optional<CollectionSetup> read_settings_beside(const std::string& file) {
  const auto path = settings_file_of(file);
  std::error_code missing;
  if (file == "-" || !std::filesystem::exists(path, missing)) return std::nullopt;
  std::ifstream in(path, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(in), {});
  if (!in || text.size() > kFileBytesMax)
    throw Failure(ErrorCode::kUnavailable, fmt::format("cannot read '{}'", path));
  return parse_settings(text, path);
}

CollectionSetup with_options(CollectionSetup setup, const CollectionOptions& options) {
  auto settings = Json::parse(setup.settings);
  const auto before = settings;
  const auto given = Json::parse(collection_body(options));
  for (const auto& [key, value] : given.items()) settings[key] = value;
  for (const auto* key : {"shards", "dimension", "routing"}) {
    if (before.value(key, Json()) != settings.value(key, Json())) setup.centroids.clear();
  }
  setup.settings = settings.dump();
  return setup;
}

}  // namespace mosaic::cli
