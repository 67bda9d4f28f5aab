// What `mosaic cluster` is asked to do, and its options.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "cli/api_client.hpp"

namespace mosaic::cli {

struct ClusterArguments {
  enum class Action { kStatus, kRemove, kPromote };

  Server server;
  Action action = Action::kStatus;
  std::string node;  ///< name of the one to remove or promote
  bool json = false;
};

/// Adds the command; what is parsed goes into `arguments`, which stays where it is, and the address
/// of the node into `server`, by `add_server`.
CLI::App& add_cluster_command(CLI::App& app, ClusterArguments& arguments,
                              const std::function<void(CLI::App&)>& add_server);

}  // namespace mosaic::cli
