#include <fmt/format.h>
#include <fmt/ranges.h>

#include "http/answer.hpp"
#include "http/health_reply.hpp"
#include "http/routes.hpp"

namespace mosaic::http {
namespace {

constexpr std::string_view kGroup = "Health";

void answer_health(Engine& engine, const Call& call, Respond respond) {
  engine.health(answer_with(call, std::move(respond), [](const Health& health) {
    return json_response(health_json(health));
  }));
}

void answer_ready(Engine& engine, bool ending, const std::shared_ptr<WarmUp>& warm_up,
                  const Call& call, Respond respond) {
  if (ending) {
    return answer_now(respond, problem({ErrorCode::kUnavailable, "not ready: the node is ending"},
                                       call.request.trace.trace_id));
  }
  engine.health(answer_with(
      call, std::move(respond),
      [warm_up, trace_id = call.request.trace.trace_id](const Health& health) {
        if (!health.ready) {
          return problem({ErrorCode::kUnavailable,
                          fmt::format("not ready: {}", fmt::join(health.missing, "; "))},
                         trace_id);
        }
        warm_up->end();
        return json_response(R"({"ready":true})");
      }));
}

}  // namespace

std::vector<Route> health_routes(Engine& engine, metrics::NodeMetricsPtr metrics,
                                 std::shared_ptr<WarmUp> warm_up) {
  return {
      {.method = "GET",
       .pattern = "/health",
       .group = kGroup,
       .summary = "How the node is",
       .answers = {{.schema = "Health", .text = "It runs; `degraded` when a shard is not up."}},
       .handler = [&engine](const Call& call,
                            Respond respond) { answer_health(engine, call, std::move(respond)); }},
      {.method = "GET",
       .pattern = "/ready",
       .group = kGroup,
       .summary = "Whether every local shard serves",
       .answers = {{.schema = "Ready",
                    .text = "Every local shard serves. Those of a collection that is just being "
                            "made, or on their way from another node, are not waited for; word of "
                            "those on other nodes is, for up to 5 s after the start."}},
       .problems = {ErrorCode::kUnavailable},
       .handler =
           [&engine, metrics, warm_up](const Call& call, Respond respond) {
             answer_ready(engine, metrics->info.ending(), warm_up, call, std::move(respond));
           }},
  };
}

}  // namespace mosaic::http
