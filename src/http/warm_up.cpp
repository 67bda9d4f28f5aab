#include "http/warm_up.hpp"

#include <algorithm>

#include "base/failure.hpp"
#include "http/answer.hpp"

namespace mosaic::http {
namespace {

/// A shard that fails may do so for ever; one that starts will have started.
bool fails(const Health& health) {
  return std::any_of(health.failing.begin(), health.failing.end(),
                     [](const auto& shard) { return shard.state != ShardState::kStarting; });
}

bool goes_to_shards(const Route& route) {
  return route.pattern.starts_with("/api/v1/collections") || route.pattern == "/api/search";
}

/// As the router does it for what is thrown at once.
void handle(const Handler& handler, Call call, const Respond& respond) {
  const auto trace_id = call.request.trace.trace_id;
  try {
    handler(std::move(call), respond);
  } catch (const Failure& failure) {
    answer_now(respond, problem(failure.error(), trace_id));
  } catch (const std::exception& error) {
    answer_now(respond, problem({ErrorCode::kInternal, error.what()}, trace_id));
  }
}

}  // namespace

void WarmUp::serve(Call call, Respond respond, const Handler& handler) {
  if (over_) return handler(std::move(call), std::move(respond));
  engine_.health([self = shared_from_this(), call = std::move(call), respond = std::move(respond),
                  handler](const Result<Health>& health) mutable {
    self->consider(health, std::move(call), std::move(respond), handler);
  });
}

void WarmUp::consider(const Result<Health>& health, Call call, Respond respond,
                      const Handler& handler) {
  if (health && health->ready) over_ = true;
  if (over_ || (health && fails(*health))) return handle(handler, std::move(call), respond);
  engine_.cluster([call = std::move(call), respond = std::move(respond),
                   handler](const Result<ClusterStatus>& cluster) mutable {
    if (!cluster || cluster->nodes.size() <= 1) return handle(handler, std::move(call), respond);
    const Error starting{ErrorCode::kUnavailable, "the node is starting: not all shards serve yet"};
    answer_now(respond, problem(starting, call.request.trace.trace_id));
  });
}

void serve_when_warm(std::vector<Route>& routes, const std::shared_ptr<WarmUp>& warm_up) {
  for (auto& route : routes) {
    if (!goes_to_shards(route)) continue;
    route.handler = [warm_up, handler = std::move(route.handler)](Call call, Respond respond) {
      warm_up->serve(std::move(call), std::move(respond), handler);
    };
  }
}

}  // namespace mosaic::http
