#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/json_writer.hpp"
#include "cli/commands.hpp"
#include "cli/json_fields.hpp"
#include "cli/long_call.hpp"
#include "cli/progress.hpp"
#include "cli/table.hpp"
#include "cli/text_width.hpp"
#include "net/url.hpp"

namespace mosaic::cli {
namespace {

using Json = nlohmann::json;

std::string path_of(const SnapshotArguments& arguments, const std::string& rest = "") {
  return collection_path(arguments.collection, "/snapshots" + rest);
}

std::uint64_t bytes_of(const Json& snapshot) {
  std::uint64_t bytes = 0;
  for (const auto& file : items(snapshot, "files")) bytes += file.value("bytes", std::uint64_t{0});
  return bytes;
}

void print_table(const Json& answer, const Console& console) {
  Table table({{"name", false, true},
               {"seq", true},
               {"created"},
               {"documents", true},
               {"files", true},
               {"bytes", true}});
  for (const auto& snapshot : items(answer, "snapshots")) {
    table.add_row({field(snapshot, "name"), count_field(snapshot, "seq"),
                   field(snapshot, "created_at"), count_field(snapshot, "documents"),
                   std::to_string(items(snapshot, "files").size()),
                   with_thousands(bytes_of(snapshot))});
  }
  console.out << table.render(console.out_terminal);
}

int create(const SnapshotArguments& arguments, const Console& console) {
  JsonWriter body;
  body.begin_object();
  if (!arguments.name.empty()) body.key("name").string(arguments.name);
  const auto answer =
      send_long_call(arguments.server,
                     {path_of(arguments), body.end_object().take(), "snapshot",
                      arguments.collection, "copying " + one_line(arguments.collection)},
                     console);
  if (arguments.json) {
    console.out << answer.body << '\n';
    return 0;
  }
  const auto snapshot = answer.json();
  console.out << fmt::format("snapshot '{}' of collection '{}': {} documents at seq {}\n",
                             one_line(field(snapshot, "name")), one_line(arguments.collection),
                             count_field(snapshot, "documents"), field(snapshot, "seq"));
  return 0;
}

int list(const SnapshotArguments& arguments, const Console& console) {
  const auto answer = ApiClient(arguments.server).call("GET", path_of(arguments));
  if (arguments.json) {
    console.out << answer.body << '\n';
  } else {
    print_table(answer.json(), console);
  }
  return 0;
}

int remove(const SnapshotArguments& arguments, const Console& console) {
  const auto answer = ApiClient(arguments.server)
                          .call("DELETE", path_of(arguments, "/" + net::escape(arguments.name)));
  if (arguments.json) {
    console.out << answer.body << '\n';
  } else {
    console.out << fmt::format("deleted snapshot '{}'\n", one_line(arguments.name));
  }
  return 0;
}

int prune(const SnapshotArguments& arguments, const Console& console) {
  const auto answer = ApiClient(arguments.server)
                          .call("POST", path_of(arguments, "/prune"),
                                fmt::format(R"({{"keep":{}}})", arguments.keep));
  if (arguments.json) {
    console.out << answer.body << '\n';
    return 0;
  }
  const auto pruned = answer.json();
  for (const auto& name : items(pruned, "deleted")) {
    console.out << fmt::format("deleted snapshot '{}'\n", one_line(name.get<std::string>()));
  }
  print_table(pruned, console);
  return 0;
}

}  // namespace

int run_snapshot(const SnapshotArguments& arguments, const Console& console) {
  using Action = SnapshotArguments::Action;
  switch (arguments.action) {
    case Action::kCreate:
      return create(arguments, console);
    case Action::kDelete:
      return remove(arguments, console);
    case Action::kPrune:
      return prune(arguments, console);
    case Action::kList:
      break;
  }
  return list(arguments, console);
}

}  // namespace mosaic::cli
