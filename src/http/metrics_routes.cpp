#include <fmt/format.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "http/answer.hpp"
#include "http/routes.hpp"

namespace mosaic::http {
namespace {

using Gauges = prometheus::Family<prometheus::Gauge>;
using Jobs = std::vector<Job>;

// The text format's own version (prometheus.io, "Exposition formats"), not ours.
constexpr std::string_view kPrometheusText = "text/plain; version=0.0.4; charset=utf-8";

Gauges& add_family(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

/// A state that nothing is in stands with 0: an alert on a series that is absent stays silent.
template <class State>
prometheus::Gauge& gauge_of(Gauges& family, State state) {
  return family.Add({{"state", std::string(to_string(state))}});
}

void add_node(prometheus::Registry& registry, const Health& health) {
  add_family(registry, "mosaic_info", "Which version runs under which name; always 1")
      .Add({{"version", health.version}, {"node", health.node}})
      .Set(1);
  add_family(registry, "mosaic_uptime_seconds", "Seconds since the node started")
      .Add({})
      .Set(health.uptime_s);
}

void add_shards(prometheus::Registry& registry, const Health& health) {
  auto& counts = add_family(registry, "mosaic_shards", "Local shards by state");
  for (const auto state : {ShardState::kStarting, ShardState::kDown, ShardState::kParked})
    gauge_of(counts, state);
  gauge_of(counts, ShardState::kUp).Set(health.shards_up);
  auto& failing = add_family(registry, "mosaic_shard_up", "0 for each local shard that is not up");
  for (const auto& shard : health.failing) {
    gauge_of(counts, shard.state).Increment();
    failing.Add({{"collection", shard.collection}, {"shard", fmt::to_string(shard.shard.value)}})
        .Set(0);
  }
}

void add_jobs(prometheus::Registry& registry, const Jobs& jobs) {
  auto& counts = add_family(registry, "mosaic_jobs", "Jobs that run or have ended lately by state");
  for (const auto state :
       {JobState::kRunning, JobState::kDone, JobState::kFailed, JobState::kCancelled})
    gauge_of(counts, state);
  for (const auto& job : jobs) gauge_of(counts, job.state).Increment();
}

Response metrics_response(const Health& health, const Result<Jobs>& jobs) {
  prometheus::Registry registry;
  add_node(registry, health);
  add_shards(registry, health);
  // A scrape that fails reads as a node that is down, which one without jobs is not.
  if (jobs) add_jobs(registry, *jobs);
  return {.content_type = std::string(kPrometheusText),
          .body = prometheus::TextSerializer().Serialize(registry.Collect())};
}

void answer_metrics(Engine& engine, const Call& call, Respond respond) {
  engine.list_jobs([&engine, call, respond = std::move(respond)](Result<Jobs> jobs) {
    engine.health(answer_with(call, respond, [jobs = std::move(jobs)](const Health& health) {
      return metrics_response(health, jobs);
    }));
  });
}

}  // namespace

std::vector<Route> metrics_routes(Engine& engine) {
  return {
      {.method = "GET",
       .pattern = "/metrics",
       .group = "Health",
       .summary = "How the node is, for Prometheus",
       .answers = {{.text = "Prometheus text format; without `mosaic_jobs` while jobs are down.",
                    .content_type = kPrometheusText}},
       .problems = {ErrorCode::kUnavailable},
       .handler = [&engine](const Call& call,
                            Respond respond) { answer_metrics(engine, call, std::move(respond)); }},
  };
}

}  // namespace mosaic::http
