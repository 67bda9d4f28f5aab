#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/json_fields.hpp"
#include "cli/table.hpp"
#include "cli/text_width.hpp"
#include "net/url.hpp"

namespace mosaic::cli {
namespace {

using Json = nlohmann::json;

constexpr auto kPath = "/api/v1/cluster";

bool is_null(const Json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return found == object.end() || found->is_null();
}

/// "leader north, term 3, seq 812"
std::string summary(const Json& cluster) {
  const auto leader = is_null(cluster, "leader")
                          ? std::string("no leader: writes answer 503 until there is one")
                          : "leader " + field(cluster, "leader");
  return one_line(fmt::format("{}, term {}, seq {}", leader, field(cluster, "term"),
                              count_field(cluster, "seq"))) +
         '\n';
}

std::string nodes_table(const Json& cluster, const Terminal& terminal) {
  Table table({{"node", false, true},
               {"address", false, true},
               {"role"},
               {"state"},
               {"seq", true},
               {"lag", true}});
  for (const auto& node : items(cluster, "nodes")) {
    table.add_row({field(node, "name"), field(node, "address"), field(node, "role"),
                   field(node, "state"), count_field(node, "seq"), count_field(node, "lag")});
  }
  return table.render(terminal);
}

/// "north up 812, south starting 790"
std::string replicas_of(const Json& shard) {
  std::string out;
  for (const auto& replica : items(shard, "replicas")) {
    if (!out.empty()) out += ", ";
    out += fmt::format("{} {} {}", field(replica, "node"), field(replica, "state"),
                       count_field(replica, "seq"));
  }
  return out.empty() ? "-" : out;
}

std::string shards_table(const Json& cluster, const Terminal& terminal) {
  Table table({{"collection"}, {"shard", true}, {"replicas: node, state, seq", false, true}});
  for (const auto& shard : items(cluster, "shards"))
    table.add_row({field(shard, "collection"), field(shard, "id"), replicas_of(shard)});
  return table.render(terminal);
}

/// What the node answered, as it is or for people; `done` says first what was changed.
int print(const ApiAnswer& answer, const std::string& done, const ClusterArguments& arguments,
          const Console& console) {
  if (arguments.json) {
    console.out << answer.body << '\n';
    return 0;
  }
  const auto cluster = answer.json();
  console.out << done << summary(cluster) << '\n' << nodes_table(cluster, console.out_terminal);
  if (done.empty() && !items(cluster, "shards").empty())
    console.out << '\n' << shards_table(cluster, console.out_terminal);
  return 0;
}

std::string node_path(const ClusterArguments& arguments, const char* rest = "") {
  return fmt::format("{}/nodes/{}{}", kPath, net::escape(arguments.node), rest);
}

/// What has become of a node that was to go.
std::string told_of_removal(const Json& cluster, const std::string& node, const std::string& name) {
  for (const auto& each : items(cluster, "nodes")) {
    if (each.is_object() && each.value("name", "") == node) {
      return fmt::format(
          "node '{}' gives what it holds to the others, and is out of the cluster "
          "when they have it: its state is 'leaving' until then\n",
          name);
    }
  }
  return fmt::format(
      "node '{}' is out of the cluster and counts no more; what it stored is still "
      "in its data folder\n",
      name);
}

int remove(const ApiAnswer& answer, const ClusterArguments& arguments, const Console& console) {
  return print(answer, told_of_removal(answer.json(), arguments.node, one_line(arguments.node)),
               arguments, console);
}

}  // namespace

int run_cluster(const ClusterArguments& arguments, const Console& console) {
  using Action = ClusterArguments::Action;
  ApiClient client(arguments.server);
  const auto name = one_line(arguments.node);
  switch (arguments.action) {
    case Action::kRemove:
      return remove(client.call("DELETE", node_path(arguments)), arguments, console);
    case Action::kPromote:
      return print(client.call("POST", node_path(arguments, "/promote")),
                   fmt::format("node '{}' votes from now on\n", name), arguments, console);
    case Action::kStatus:
      break;
  }
  return print(client.call("GET", kPath), "", arguments, console);
}

}  // namespace mosaic::cli
