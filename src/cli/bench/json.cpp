#include <fmt/format.h>

#include "base/json_writer.hpp"
#include "base/version.hpp"
#include "cli/bench/curve.hpp"
#include "cli/bench/report.hpp"

namespace mosaic::cli {
namespace {

using Time = LatencyHistogram::Time;

double ms(Time time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

void write_times(JsonWriter& json, std::string_view key, const LatencyHistogram& times) {
  json.key(key).begin_object();
  json.key("count").number(times.count());
  json.key("mean").number(times.mean_ns() / 1e6);
  json.key("min").number(ms(times.min()));
  for (const auto& [name, share] : std::initializer_list<std::pair<std::string_view, double>>{
           {"p50", 0.5}, {"p90", 0.9}, {"p95", 0.95}, {"p99", 0.99}, {"p99_9", 0.999}}) {
    json.key(name).number(ms(times.percentile(share)));
  }
  json.key("max").number(ms(times.max())).end_object();
}

void write_figures(JsonWriter& json, const BenchFigures& figures, double seconds) {
  json.key("requests").number(figures.requests);
  json.key("requests_per_s").number(static_cast<double>(figures.requests) / seconds);
  json.key("ok").number(figures.ok);
  json.key("errors").number(figures.requests - figures.ok);
  json.key("partial").number(figures.partial);
  json.key("bytes_sent").number(figures.bytes_sent);
  json.key("bytes_received").number(figures.bytes_received);
  json.key("statuses").begin_object();
  for (const auto& [status, count] : figures.statuses) {
    json.key(status == 0 ? "none" : std::to_string(status)).number(count);
  }
  json.end_object().key("codes").begin_object();
  for (const auto& [code, count] : figures.codes) json.key(code).number(count);
  json.end_object();
  write_times(json, "latency_ms", figures.latency);
  write_times(json, "failed_latency_ms", figures.failed_latency);
}

void write_load(JsonWriter& json, const BenchResults& results) {
  const auto& arguments = results.arguments;
  const auto seconds_of = [](std::chrono::milliseconds time) {
    return std::chrono::duration<double>(time).count();
  };
  const bool open = arguments.rate_per_s != 0;
  json.key("mosaic_version").string(kVersion);
  json.key("url").string(arguments.server.url);
  json.key("collection").string(arguments.collection);
  json.key("loop").string(open ? "open" : "closed");
  json.key("rate_per_s");
  open ? json.number(arguments.rate_per_s) : json.null();
  json.key("connections").number(arguments.connections);
  json.key("duration_s").number(seconds_of(arguments.duration));
  json.key("warmup_s").number(seconds_of(arguments.warmup));
  json.key("modes").begin_array();
  for (const auto mode : arguments.mix.searches) json.string(to_string(mode));
  json.end_array();
  json.key("writes_percent").number(arguments.mix.writes_percent);
  json.key("reads_percent").number(arguments.mix.reads_percent);
  json.key("batch_documents").number(arguments.batch_documents);
  json.key("k").number(arguments.k);
  json.key("ef");
  arguments.ef != 0 ? json.number(arguments.ef) : json.null();
  json.key("exact").boolean(arguments.exact);
  json.key("seed").number(results.seed);
}

void write_operations(JsonWriter& json, const BenchResults& results) {
  json.key("operations").begin_object();
  for (std::size_t i = 0; i < kOperations; ++i) {
    const auto operation = static_cast<Operation>(i);
    const auto& figures = results.tally.of(operation);
    if (figures.requests == 0) continue;
    json.key(to_string(operation)).begin_object();
    write_figures(json, figures, results.seconds());
    json.end_object();
  }
  json.end_object();
}

void write_over_time(JsonWriter& json, const BenchTally& tally) {
  const std::chrono::duration<double> length = tally.interval();
  json.key("interval_s").number(length.count());
  json.key("over_time").begin_array();
  for (std::size_t i = 0; i < tally.intervals().size(); ++i) {
    const auto& interval = tally.intervals()[i];
    json.begin_object();
    json.key("at_s").number(std::chrono::duration<double>(tally.interval() * i).count());
    json.key("requests").number(interval.requests);
    json.key("errors").number(interval.errors);
    json.key("p50_ms").number(ms(interval.p50));
    json.key("p99_ms").number(ms(interval.p99)).end_object();
  }
  json.end_array();
}

void write_curve(JsonWriter& json, const LatencyHistogram& latency) {
  json.key("latency_curve").begin_array();
  for (const auto& point : latency_curve(latency)) {
    json.begin_object().key("percentile").number(point.share * 100);
    json.key("ms").number(ms(point.time)).end_object();
  }
  json.end_array();
}

void write_recall(JsonWriter& json, const BenchResults& results) {
  json.key("recall");
  if (!results.recall) {
    json.null();
    return;
  }
  json.begin_object();
  json.key("k").number(results.arguments.k);
  json.key("queries").number(results.recall->queries);
  json.key("skipped").number(results.recall->skipped);
  json.key("mean").number(results.recall->mean);
  json.key("min").number(results.recall->min).end_object();
}

}  // namespace

std::string bench_json(const BenchResults& results) {
  JsonWriter json;
  json.begin_object();
  write_load(json, results);
  json.key("interrupted").boolean(results.interrupted);
  json.key("seconds").number(results.seconds());
  write_figures(json, results.tally.all(), results.seconds());
  json.key("given_up").number(results.given_up);
  json.key("unsent").number(results.unsent);
  write_times(json, "waiting_ms", results.tally.waiting());
  write_times(json, "client_lag_ms", results.tally.lag());
  write_operations(json, results);
  write_over_time(json, results.tally);
  write_curve(json, results.tally.all().latency);
  json.key("documents_written").number(results.documents_written);
  json.key("documents_deleted").number(results.documents_deleted);
  write_recall(json, results);
  return json.end_object().take();
}

}  // namespace mosaic::cli
