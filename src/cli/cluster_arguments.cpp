#include "cli/cluster_arguments.hpp"

namespace mosaic::cli {
namespace {

constexpr auto kClusterFooter =
    R"(Any node of the cluster may be asked. A node joins by `mosaic serve --join HOST:PORT`.

Examples:
  mosaic cluster status
  mosaic cluster remove node-3 --url http://10.0.0.1:4040
  mosaic cluster promote node-4)";

CLI::App& add_action(CLI::App& parent, const std::string& word, const std::string& help,
                     ClusterArguments& arguments, ClusterArguments::Action action,
                     const std::function<void(CLI::App&)>& add_server) {
  auto& command = *parent.add_subcommand(word, help);
  command.add_flag("--json", arguments.json, "Print the server's answer");
  add_server(command);
  command.callback([&arguments, action] { arguments.action = action; });
  return command;
}

void add_node(CLI::App& command, ClusterArguments& arguments) {
  const auto not_empty = [](const std::string& text) {
    return text.empty() ? "must not be empty" : std::string();
  };
  command.add_option("NAME", arguments.node, "Which node")
      ->type_name("")
      ->required()
      ->check(CLI::Validator(not_empty, ""));
}

}  // namespace

CLI::App& add_cluster_command(CLI::App& app, ClusterArguments& arguments,
                              const std::function<void(CLI::App&)>& add_server) {
  using Action = ClusterArguments::Action;
  auto& command = *app.add_subcommand("cluster", "Show and change the nodes of a cluster");
  command.footer(kClusterFooter);
  command.require_subcommand(1);
  add_action(command, "status", "Nodes, leader and shards", arguments, Action::kStatus, add_server);
  add_node(add_action(command, "remove", "Take a node out for good, once others have what it holds",
                      arguments, Action::kRemove, add_server),
           arguments);
  add_node(add_action(command, "promote", "Let a follower vote", arguments, Action::kPromote,
                      add_server),
           arguments);
  return command;
}

}  // namespace mosaic::cli
