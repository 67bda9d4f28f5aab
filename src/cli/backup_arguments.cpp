#include "cli/backup_arguments.hpp"

#include "mosaic/backup.hpp"

namespace mosaic::cli {
namespace {

constexpr auto kSnapshotFooter =
    R"(A snapshot keeps a state of a collection until it is deleted: its files stand in the node's data folder,
and searches may ask for it by its name.

Examples:
  mosaic snapshot create packages before-import
  mosaic snapshot list packages
  mosaic snapshot prune packages --keep 5)";

constexpr auto kBackupFooter =
    R"(The target is file:///FOLDER, a folder of the node's machine, or s3://BUCKET/PREFIX. Only what it does not
have yet goes up.

Examples:
  mosaic backup create packages --target file:///var/backups/mosaic
  mosaic backup list --target s3://backups/mosaic)";

constexpr auto kRestoreFooter =
    R"(The collection is there once everything of it has been fetched and verified; a damaged backup makes none.

Examples:
  mosaic restore file:///var/backups/mosaic packages --as packages-old
  mosaic restore s3://backups/mosaic packages --replace)";

CLI::Option* add_text(CLI::App& command, const std::string& flags, std::string& value,
                      const std::string& help, const std::string& type) {
  return command.add_option(flags, value, help)->type_name(type);
}

/// One of the actions of a command on a collection.
template <class Arguments>
CLI::App& add_action(CLI::App& parent, const std::string& word, const std::string& help,
                     Arguments& arguments, typename Arguments::Action action,
                     const AddServer& add_server) {
  auto& command = *parent.add_subcommand(word, help);
  command.add_flag("--json", arguments.json, "Print the server's answer");
  add_server(command);
  command.callback([&arguments, action] { arguments.action = action; });
  return command;
}

/// A variable of a shell that is not set is no way to say nothing.
CLI::Validator not_empty() {
  return {[](const std::string& text) { return text.empty() ? "must not be empty" : ""; }, ""};
}

}  // namespace

void add_snapshot_command(CLI::App& app, SnapshotArguments& arguments,
                          const AddServer& add_server) {
  using Action = SnapshotArguments::Action;
  auto& command = *app.add_subcommand("snapshot", "Make, list and delete snapshots");
  command.footer(kSnapshotFooter);
  command.require_subcommand(1);
  const auto add = [&](const std::string& word, const std::string& help, Action action) {
    auto& added = add_action(command, word, help, arguments, action, add_server);
    add_text(added, "COLLECTION", arguments.collection, "Of which collection", "")->required();
    return &added;
  };
  auto* create = add("create", "Make one", Action::kCreate);
  add_text(*create, "NAME", arguments.name, "What it is called [made from the time]", "");
  add("list", "All of a collection, the newest first", Action::kList);
  auto* remove = add("delete", "Delete one and its files", Action::kDelete);
  add_text(*remove, "NAME", arguments.name, "Which", "")->required();
  auto* prune = add("prune", "Delete all but the newest", Action::kPrune);
  prune->add_option("--keep", arguments.keep, "How many stay")
      ->type_name("N")
      ->required()
      ->check(CLI::Range(std::uint32_t{0}, kSnapshotsKeepMax));
}

void add_backup_command(CLI::App& app, BackupArguments& arguments, const AddServer& add_server) {
  using Action = BackupArguments::Action;
  auto& command = *app.add_subcommand("backup", "Back a collection up, and list backups");
  command.footer(kBackupFooter);
  command.require_subcommand(1);
  auto& create =
      add_action(command, "create", "Back one up", arguments, Action::kCreate, add_server);
  add_text(create, "COLLECTION", arguments.collection, "Which", "")->required();
  add_text(create, "--target", arguments.target, "Where to", "URL")->required();
  add_text(create, "--snapshot", arguments.snapshot,
           "The state of this snapshot [the newest state]", "NAME");
  auto& list = add_action(command, "list", "All at a target", arguments, Action::kList, add_server);
  add_text(list, "--target", arguments.target, "Where they are", "URL")->required();
  add_text(list, "--collection", arguments.collection, "Those of this one alone", "NAME");
}

void add_restore_command(CLI::App& app, RestoreArguments& arguments, const AddServer& add_server) {
  auto& command = *app.add_subcommand("restore", "Make a collection of a backup");
  command.footer(kRestoreFooter);
  add_text(command, "SOURCE", arguments.source, "Where the backup is", "")->required();
  add_text(command, "COLLECTION", arguments.collection, "As it was called", "")->required();
  add_text(command, "--as", arguments.as, "What it shall be called [the same]", "NAME")
      ->check(not_empty());
  add_text(command, "--backup", arguments.backup, "Which backup [the newest]", "ID")
      ->check(not_empty());
  command.add_flag("--replace", arguments.replace,
                   "Take the place of a collection of that name, and of its snapshots, once all is "
                   "there");
  command.add_flag("--json", arguments.json, "Print the server's answer");
  add_server(command);
}

}  // namespace mosaic::cli
