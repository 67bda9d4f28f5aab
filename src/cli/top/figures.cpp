#include "cli/top/figures.hpp"

#include <algorithm>

#include "cli/top/shards.hpp"

namespace mosaic::cli::top {
namespace {

Labels with(Labels labels, const std::string& key, const std::string& value) {
  labels.insert_or_assign(key, value);
  return labels;
}

/// A label of the first series of a name: how a node tells texts.
std::string told(const Interval& interval, std::string_view name, const std::string& key) {
  const auto groups = interval.groups(name, {key});
  return groups.empty() ? "" : groups.begin()->at(key);
}

Latency latency(const Interval& interval, const std::string& name, const Labels& labels = {}) {
  return {interval.quantile(0.5, name, labels), interval.quantile(0.95, name, labels),
          interval.quantile(0.99, name, labels)};
}

NodeFigures node_figures(const Interval& interval) {
  const auto& health = interval.now().health;
  const auto shards = [&](const char* state) {
    return interval.gauge("mosaic_shards", {{"state", state}});
  };
  const auto ready = interval.gauge("mosaic_ready");
  return {
      .name = health.node.empty() ? told(interval, "mosaic_node_info", "node") : health.node,
      .version =
          health.version.empty() ? told(interval, "mosaic_build_info", "version") : health.version,
      .status = ready == 0.0 ? "not ready" : health.status,
      .uptime_s = interval.gauge("mosaic_uptime_seconds"),
      .memory_bytes = interval.gauge("process_resident_memory_bytes"),
      .cpu = interval.rate("process_cpu_seconds_total"),
      .files = interval.gauge("process_open_fds"),
      .files_max = interval.gauge("process_max_fds"),
      .threads = interval.gauge("process_threads"),
      .disk_free_bytes = interval.gauge("mosaic_disk_free_bytes"),
      .disk_bytes = interval.gauge("mosaic_disk_size_bytes"),
      .connections = interval.gauge("mosaic_http_connections"),
      .connections_max = interval.gauge("mosaic_http_connections_max"),
      .refused_connections_per_s = interval.rate("mosaic_http_connections_refused_total"),
      .bodies_bytes = interval.gauge("mosaic_http_body_bytes"),
      .bodies_bytes_max = interval.gauge("mosaic_http_body_bytes_max"),
      .logged_errors = interval.increase("mosaic_log_lines_total", {{"level", "error"}}),
      .jobs_running = interval.gauge("mosaic_jobs", {{"state", "running"}}),
      .collections = interval.gauge("mosaic_collections"),
      .documents = interval.gauge("mosaic_documents"),
      .shards_up = shards("up"),
      .shards_starting = shards("starting"),
      .shards_down = shards("down"),
      .shards_parked = shards("parked"),
  };
}

/// Requests per second with a status of that class: '4' for 4xx.
Number rate_of_class(const Interval& interval, const Labels& labels, char first_digit) {
  constexpr auto kName = "mosaic_http_requests_total";
  auto sum = interval.rate(kName, labels) ? Number(0) : std::nullopt;
  for (const auto& group : interval.groups(kName, {"status"})) {
    if (!group.at("status").starts_with(first_digit)) continue;
    const auto rate = interval.rate(kName, with(labels, "status", group.at("status")));
    sum = sum.value_or(0) + rate.value_or(0);
  }
  return sum;
}

RouteFigures route_figures(const Interval& interval, const Labels& labels, Number total) {
  const auto text = [&](const char* key) {
    const auto found = labels.find(key);
    return found == labels.end() ? std::string() : found->second;
  };
  const auto per_s = interval.rate("mosaic_http_requests_total", labels);
  const bool has_share = per_s && total && *total > 0;
  return {text("method"),
          text("route"),
          interval.gauge("mosaic_http_requests_total", labels),
          per_s,
          rate_of_class(interval, labels, '4'),
          rate_of_class(interval, labels, '5'),
          latency(interval, "mosaic_http_request_duration_seconds", labels),
          has_share ? Number(*per_s / *total) : std::nullopt};
}

std::vector<RouteFigures> routes_figures(const Interval& interval, Number total) {
  std::vector<RouteFigures> routes;
  for (const auto& labels : interval.groups("mosaic_http_requests_total", {"route", "method"})) {
    routes.push_back(route_figures(interval, labels, total));
  }
  std::stable_sort(routes.begin(), routes.end(),
                   [](const auto& a, const auto& b) { return a.per_s > b.per_s; });
  return routes;
}

SearchFigures search_figures(const Interval& interval) {
  SearchFigures search;
  for (const auto& mode : interval.groups("mosaic_searches_total", {"mode"})) {
    const auto outcome = [&](const char* word) {
      return interval.rate("mosaic_searches_total", with(mode, "outcome", word));
    };
    search.modes.push_back({mode.at("mode"), interval.gauge("mosaic_searches_total", mode),
                            interval.rate("mosaic_searches_total", mode), outcome("partial"),
                            outcome("error"),
                            latency(interval, "mosaic_search_duration_seconds", mode)});
  }
  constexpr auto kStages = "mosaic_search_stage_duration_seconds";
  constexpr auto kStagesSum = "mosaic_search_stage_duration_seconds_sum";
  const auto total = interval.increase(kStagesSum);
  for (const auto& stage : interval.groups(kStagesSum, {"stage"})) {
    const auto time = interval.increase(kStagesSum, stage);
    const bool has_share = time && total && *total > 0;
    search.stages.push_back({stage.at("stage"), interval.mean(kStages, stage),
                             has_share ? Number(*time / *total) : std::nullopt});
  }
  search.retries_per_s = interval.rate("mosaic_search_retries_total");
  search.slow_per_s = interval.rate("mosaic_slow_queries_total");
  return search;
}

std::vector<DoorFigures> door_figures(const Interval& interval) {
  std::vector<DoorFigures> doors;
  for (const auto& door : interval.groups("mosaic_admission_in_flight", {"door"})) {
    doors.push_back({door.at("door"), interval.gauge("mosaic_admission_in_flight", door),
                     interval.gauge("mosaic_admission_limit", door),
                     interval.rate("mosaic_admission_refusals_total", door),
                     interval.gauge("mosaic_admission_overloaded", door).value_or(0) > 0});
  }
  return doors;
}

IngestFigures ingest_figures(const Interval& interval) {
  return {
      .upserted_per_s = interval.rate("mosaic_documents_upserted_total"),
      .deleted_per_s = interval.rate("mosaic_documents_deleted_total"),
      .batches_per_s = interval.rate("mosaic_writes_total"),
      .failed_per_s = interval.rate("mosaic_writes_total", {{"outcome", "error"}}),
      .commit = latency(interval, "mosaic_write_stage_duration_seconds", {{"stage", "commit"}}),
      .apply = latency(interval, "mosaic_apply_duration_seconds"),
      .log_seq = interval.gauge("mosaic_log_seq"),
      .log_entries = interval.gauge("mosaic_log_entries"),
      .log_bytes = interval.gauge("mosaic_log_bytes"),
      .lag_entries = interval.gauge("mosaic_log_lag_entries"),
      .queue_bytes = interval.gauge("mosaic_apply_queue_bytes"),
      .queue_bytes_max = interval.gauge("mosaic_apply_queue_bytes_max"),
      .waiting_commit = interval.gauge("mosaic_writers_waiting", {{"for", "commit"}}),
      .waiting_apply = interval.gauge("mosaic_writers_waiting", {{"for", "apply"}}),
  };
}

std::vector<CacheFigures> cache_figures(const Interval& interval) {
  constexpr auto kName = "mosaic_cache_requests_total";
  std::vector<CacheFigures> caches;
  for (const auto& cache : interval.groups(kName, {"cache"})) {
    const auto hits = interval.increase(kName, with(cache, "result", "hit"));
    const auto misses = interval.increase(kName, with(cache, "result", "miss"));
    const auto asked = hits.value_or(0) + misses.value_or(0);
    caches.push_back({cache.at("cache"), interval.rate(kName, cache),
                      asked > 0 ? Number(hits.value_or(0) / asked) : std::nullopt,
                      interval.rate(kName, with(cache, "result", "error")),
                      interval.gauge("mosaic_cache_entries", cache),
                      interval.gauge("mosaic_cache_bytes", cache)});
  }
  std::stable_sort(caches.begin(), caches.end(),
                   [](const auto& a, const auto& b) { return a.per_s > b.per_s; });
  return caches;
}

std::vector<PartFigures> part_figures(const Interval& interval) {
  auto names = interval.groups("mosaic_part_up", {"part"});
  names.merge(interval.groups("mosaic_part_restarts_total", {"part"}));
  std::vector<PartFigures> parts;
  for (const auto& part : names) {
    parts.push_back({part.at("part"), interval.gauge("mosaic_part_up", part),
                     interval.gauge("mosaic_part_restarts_total", part),
                     interval.increase("mosaic_part_restarts_total", part)});
  }
  return parts;
}

std::vector<LimitFigures> limit_figures(const Interval& interval) {
  std::vector<LimitFigures> limits;
  for (const auto& limit : interval.groups("mosaic_limit_reached", {"limit"})) {
    limits.push_back({limit.at("limit"), interval.gauge("mosaic_limit", limit),
                      interval.rate("mosaic_limit_refusals_total", limit),
                      interval.gauge("mosaic_limit_reached", limit).value_or(0) > 0});
  }
  return limits;
}

}  // namespace

Figures figures_of(const Sample& before, const Sample& now) {
  const Interval interval(before, now);
  Figures figures;
  figures.seconds = interval.seconds();
  figures.unix_time_s = now.unix_time_s;
  figures.node = node_figures(interval);
  figures.requests = route_figures(interval, {}, std::nullopt);
  figures.routes = routes_figures(interval, figures.requests.per_s);
  figures.search = search_figures(interval);
  figures.doors = door_figures(interval);
  figures.ingest = ingest_figures(interval);
  figures.shards = shard_figures(interval);
  figures.caches = cache_figures(interval);
  figures.parts = part_figures(interval);
  figures.limits = limit_figures(interval);
  return figures;
}

}  // namespace mosaic::cli::top
