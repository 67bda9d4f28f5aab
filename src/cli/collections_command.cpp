#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/json_writer.hpp"
#include "cli/commands.hpp"
#include "cli/json_fields.hpp"
#include "cli/progress.hpp"
#include "cli/table.hpp"
#include "cli/text_width.hpp"

namespace mosaic::cli {
namespace {

using Json = nlohmann::json;

int list(ApiClient& client, const CollectionsArguments& arguments, const Console& console) {
  const auto answer = client.call("GET", "/api/v1/collections");
  if (arguments.json) {
    console.out << answer.body << '\n';
    return 0;
  }
  Table table({{"name"},
               {"documents", true},
               {"edges", true},
               {"shards", true},
               {"dimension", true},
               {"metric"},
               {"embedder", false, true}});
  const auto answer_json = answer.json();
  for (const auto& collection : items(answer_json, "collections")) {
    table.add_row({field(collection, "name"), count_field(collection, "documents"),
                   count_field(collection, "edges"), field(collection, "shard_count"),
                   field(collection, "dimension"), field(collection, "metric"),
                   field(collection, "embedder")});
  }
  console.out << table.render(console.out_terminal);
  return 0;
}

/// "indexed: section, size" for each setting, whatever settings the server has.
void print_settings(const Json& collection, const Console& console) {
  for (const auto& [key, value] : collection.items()) {
    if (key == "shards") continue;
    console.out << fmt::format("{:<14} {}\n", key, one_line(field(collection, key.c_str())));
  }
}

int show(ApiClient& client, const CollectionsArguments& arguments, const Console& console) {
  const auto answer = client.call("GET", collection_path(arguments.name));
  if (arguments.json) {
    console.out << answer.body << '\n';
    return 0;
  }
  const auto collection = answer.json();
  print_settings(collection, console);
  Table table({{"shard", true},
               {"node", false, true},
               {"state"},
               {"documents", true},
               {"indexed", true},
               {"bytes", true}});
  for (const auto& shard : items(collection, "shards")) {
    table.add_row({field(shard, "id"), field(shard, "node"), field(shard, "state"),
                   count_field(shard, "documents"), count_field(shard, "indexed"),
                   count_field(shard, "bytes")});
    if (shard.contains("error")) table.add_note(field(shard, "error"));
  }
  console.out << '\n' << table.render(console.out_terminal);
  return 0;
}

int create(ApiClient& client, const CollectionsArguments& arguments, const Console& console) {
  const auto answer =
      client.call("PUT", collection_path(arguments.name), collection_body(arguments.options));
  if (arguments.json) {
    console.out << answer.body << '\n';
    return 0;
  }
  const auto* outcome =
      answer.status == 201 ? "created collection" : "there is already, with the same settings,";
  console.out << fmt::format("{} '{}'\n", outcome, one_line(arguments.name));
  return 0;
}

int drop(ApiClient& client, const CollectionsArguments& arguments, const Console& console) {
  const auto answer = client.call("DELETE", collection_path(arguments.name));
  if (arguments.json) {
    console.out << answer.body << '\n';
  } else {
    console.out << fmt::format("dropped collection '{}'\n", one_line(arguments.name));
  }
  return 0;
}

}  // namespace

std::string collection_body(const CollectionOptions& options) {
  JsonWriter body;
  body.begin_object();
  if (options.dimension) body.key("dimension").number(*options.dimension);
  if (options.metric) body.key("metric").string(*options.metric);
  if (options.shards) body.key("shards").number(*options.shards);
  if (options.embedder) body.key("embedder").string(*options.embedder);
  if (!options.indexed.empty()) {
    body.key("indexed").begin_array();
    for (const auto& path : options.indexed) body.string(path);
    body.end_array();
  }
  return body.end_object().take();
}

int run_collections(const CollectionsArguments& arguments, const Console& console) {
  using Action = CollectionsArguments::Action;
  ApiClient client(arguments.server);
  switch (arguments.action) {
    case Action::kShow:
      return show(client, arguments, console);
    case Action::kCreate:
      return create(client, arguments, console);
    case Action::kDrop:
      return drop(client, arguments, console);
    case Action::kList:
      break;
  }
  return list(client, arguments, console);
}

}  // namespace mosaic::cli
