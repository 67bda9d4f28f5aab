// The node: opens the data folder, spawns the actors in order, stops them in reverse. CAF stays
// behind this header.
#pragma once

#include <functional>
#include <memory>

#include "base/node_settings.hpp"
#include "metrics/node_metrics.hpp"
#include "mosaic/engine.hpp"

namespace mosaic::actors {

class Node {
 public:
  /// Returns when the actors run; shards may still be replaying the log (see Engine::health).
  /// `on_fatal` is called, on some thread, when the root of all parts dies, which nobody can start
  /// again: the node should then be stopped. Error: the folder is in use or cannot be written, or
  /// its log or catalog is damaged.
  static Result<std::unique_ptr<Node>> start(
      const NodeSettings& settings, std::string version, std::function<void(const Error&)> on_fatal,
      metrics::NodeMetricsPtr metrics = std::make_shared<metrics::NodeMetrics>());
  /// Orderly: what is committed is applied and saved first. Past node.stop_timeout_s the process is
  /// ended with code 1: a part is stuck.
  ~Node();

  Engine& engine();

 private:
  struct Parts;
  explicit Node(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace mosaic::actors
