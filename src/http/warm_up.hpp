// A node of a cluster answers nothing out of its shards before all of them have served once since
// its start: the others can, and a proxy asks the next one after a 503. What a node alone has, or
// one with a shard that fails, it answers at once and says what is missing. One for all routes of a
// server; thread-safe.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "http/route.hpp"
#include "mosaic/engine.hpp"

namespace mosaic::http {

class WarmUp : public std::enable_shared_from_this<WarmUp> {
 public:
  /// The engine outlives it and everything that it has started.
  explicit WarmUp(Engine& engine) : engine_(engine) {}

  /// The node has said that it is ready: whoever heard so sends requests.
  void end() { over_ = true; }
  /// Has `handler` answer, or unavailable while the node is starting.
  void serve(Call call, Respond respond, const Handler& handler);

 private:
  void consider(const Result<Health>& health, Call call, Respond respond, const Handler& handler);

  Engine& engine_;
  std::atomic<bool> over_ = false;
};

/// Lets every route to the shards be served by `warm_up`.
void serve_when_warm(std::vector<Route>& routes, const std::shared_ptr<WarmUp>& warm_up);

}  // namespace mosaic::http
