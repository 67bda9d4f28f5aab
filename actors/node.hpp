// The node: opens the data folder, spawns the actors in order, stops them in reverse. CAF stays
// behind this header.
#pragma once

#include <functional>
#include <memory>

#include "base/node_settings.hpp"
#include "metrics/node_metrics.hpp"
#include "mosaic/engine.hpp"

namespace mosaic::actors {

/// What a node tells whoever started it, on some thread.
struct NodeEvents {
  /// The root of all parts has died, which nobody can start again, or the node has been removed
  /// from its cluster: it should be stopped.
  std::function<void(const Error&)> on_fatal = [](const Error&) {};
  /// The cluster has gone on without this node for so long that the log no longer brings it back:
  /// it should be stopped and started again, and then fetches what it lacks.
  std::function<void()> on_overtaken = [] {};
  /// Asked on the thread that starts it, while that waits for others: its end is wanted before it
  /// runs.
  std::function<bool()> stop_wanted = [] { return false; };
};

class Node {
 public:
  /// Returns when the actors run; shards may still be replaying the log (see Engine::health). Joins
  /// a cluster first, if the settings say so and the folder holds nothing. Error: the folder is in
  /// use or cannot be written, its log or catalog is damaged, the cluster is not reached, or
  /// stop_wanted said so.
  static Result<std::unique_ptr<Node>> start(
      const NodeSettings& settings, std::string version, NodeEvents events,
      metrics::NodeMetricsPtr metrics = std::make_shared<metrics::NodeMetrics>());
  /// Orderly: what is committed is applied and saved first. Past node.stop_timeout_s the process is
  /// ended with code 1: a part is stuck.
  ~Node();

  Engine& engine();
  /// Others find the HTTP server of this node at HOST:PORT.
  void announce(const std::string& http_address);

 private:
  struct Parts;
  explicit Node(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace mosaic::actors
