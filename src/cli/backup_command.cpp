#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/json_writer.hpp"
#include "cli/commands.hpp"
#include "cli/json_fields.hpp"
#include "cli/long_call.hpp"
#include "cli/table.hpp"
#include "cli/text_width.hpp"
#include "net/url.hpp"

namespace mosaic::cli {
namespace {

int create(const BackupArguments& arguments, const Console& console) {
  JsonWriter body;
  body.begin_object();
  body.key("collection").string(arguments.collection);
  body.key("target").string(arguments.target);
  if (!arguments.snapshot.empty()) body.key("snapshot").string(arguments.snapshot);
  const auto answer =
      send_long_call(arguments.server,
                     {"/api/v1/backups", body.end_object().take(), "backup", arguments.collection,
                      "backing up " + one_line(arguments.collection)},
                     console);
  if (arguments.json) {
    console.out << answer.body << '\n';
    return 0;
  }
  const auto backup = answer.json();
  console.out << fmt::format(
      "backup '{}' of collection '{}': {} documents, {} bytes, {} of them new\n",
      one_line(field(backup, "id")), one_line(arguments.collection),
      count_field(backup, "documents"), count_field(backup, "bytes"),
      count_field(backup, "new_bytes"));
  return 0;
}

int list(const BackupArguments& arguments, const Console& console) {
  auto path = "/api/v1/backups?target=" + net::escape(arguments.target);
  if (!arguments.collection.empty()) path += "&collection=" + net::escape(arguments.collection);
  const auto answer = ApiClient(arguments.server).call("GET", path);
  if (arguments.json) {
    console.out << answer.body << '\n';
    return 0;
  }
  Table table({{"collection", false, true},
               {"backup"},
               {"created"},
               {"documents", true},
               {"bytes", true},
               {"new bytes", true}});
  const auto backups = answer.json();
  for (const auto& backup : items(backups, "backups")) {
    table.add_row({field(backup, "collection"), field(backup, "id"), field(backup, "created_at"),
                   count_field(backup, "documents"), count_field(backup, "bytes"),
                   count_field(backup, "new_bytes")});
    if (backup.contains("damage")) table.add_note("damaged: " + field(backup, "damage"));
  }
  console.out << table.render(console.out_terminal);
  return 0;
}

}  // namespace

int run_backup(const BackupArguments& arguments, const Console& console) {
  return arguments.action == BackupArguments::Action::kCreate ? create(arguments, console)
                                                              : list(arguments, console);
}

int run_restore(const RestoreArguments& arguments, const Console& console) {
  JsonWriter body;
  body.begin_object();
  body.key("source").string(arguments.source);
  body.key("collection").string(arguments.collection);
  if (!arguments.as.empty()) body.key("as").string(arguments.as);
  if (!arguments.backup.empty()) body.key("backup").string(arguments.backup);
  if (arguments.replace) body.key("replace").boolean(true);
  const auto answer = send_long_call(arguments.server,
                                     {"/api/v1/restore", body.end_object().take(), "restore", "",
                                      "restoring " + one_line(arguments.collection)},
                                     console);
  if (arguments.json) {
    console.out << answer.body << '\n';
    return 0;
  }
  const auto restored = answer.json();
  console.out << fmt::format("restored collection '{}': {} documents of backup '{}'\n",
                             one_line(field(restored, "collection")),
                             count_field(restored, "documents"),
                             one_line(field(restored, "backup")));
  return 0;
}

}  // namespace mosaic::cli
