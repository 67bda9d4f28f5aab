// The HTTP server of a node: listens, keeps the connections within their limits and hands every
// request to the route table. Owns its threads; start() and stop() are called by the node, never
// from a handler. The engine must outlive the server and may call back even after it is gone.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "base/node_settings.hpp"
#include "metrics/node_metrics.hpp"
#include "mosaic/engine.hpp"

namespace mosaic::http {

class Server {
 public:
  Server(Engine& engine, const NodeSettings& settings,
         metrics::NodeMetricsPtr metrics = std::make_shared<metrics::NodeMetrics>());
  ~Server();  ///< stops without waiting for requests under way
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Listens on `http.listen` ("HOST:PORT", port 0 picks a free one) and gives the port. Called at
  /// most once. unavailable when the address cannot be had, invalid_argument when it is none.
  Result<std::uint16_t> start();

  /// /ready says no from here on, and answers are the last ones of their connections; new requests
  /// are served for http.drain_notice_ms more (not with a `drain` of 0). Then accepts nothing more,
  /// closes idle connections, gives requests under way `drain` to finish and joins the threads.
  /// Calls after the first do nothing.
  void stop(std::chrono::milliseconds drain);

 private:
  class Listener;

  std::unique_ptr<Listener> listener_;
};

}  // namespace mosaic::http
