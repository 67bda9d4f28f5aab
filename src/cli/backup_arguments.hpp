// What `mosaic snapshot`, `mosaic backup` and `mosaic restore` are asked to do, and their options.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

#include "cli/api_client.hpp"

namespace mosaic::cli {

struct SnapshotArguments {
  enum class Action { kCreate, kList, kDelete, kPrune };

  Server server;
  Action action = Action::kList;
  std::string collection;
  std::string name;  ///< empty for a new one: the node makes one from the time
  std::uint32_t keep = 0;
  bool json = false;
};

struct BackupArguments {
  enum class Action { kCreate, kList };

  Server server;
  Action action = Action::kList;
  std::string collection;  ///< empty in a list: of all
  std::string target;
  std::string snapshot;  ///< empty: the newest state
  bool json = false;
};

struct RestoreArguments {
  Server server;
  std::string source;
  std::string collection;
  std::string as;      ///< empty: the same name
  std::string backup;  ///< empty: the newest
  bool replace = false;
  bool json = false;
};

/// Each adds a command; what is parsed goes into `arguments`, which stays where it is, and the
/// address of the node into `server`, by `add_server`.
using AddServer = std::function<void(CLI::App&)>;
void add_snapshot_command(CLI::App& app, SnapshotArguments& arguments, const AddServer& add_server);
void add_backup_command(CLI::App& app, BackupArguments& arguments, const AddServer& add_server);
void add_restore_command(CLI::App& app, RestoreArguments& arguments, const AddServer& add_server);

}  // namespace mosaic::cli
