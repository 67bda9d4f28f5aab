// Samples of a node for the tests of `mosaic top`: series by hand, or the whole catalogue.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <random>
#include <string>

#include "cli/top/sample.hpp"

namespace mosaic::cli::top {

/// MOSAIC_TEST_SEED repeats a run that failed.
inline std::uint32_t test_seed() {
  const auto* given = std::getenv("MOSAIC_TEST_SEED");
  return given ? static_cast<std::uint32_t>(std::strtoul(given, nullptr, 10))
               : std::random_device{}();
}

inline TimePoint at_s(double seconds) {
  return TimePoint{} + std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

inline Sample sample_of(double seconds, std::string_view text, std::string_view health = "") {
  auto series = parse_prometheus_text(text);
  EXPECT_TRUE(series.ok()) << series.error().detail;
  Sample sample;
  sample.at = at_s(seconds);
  sample.unix_time_s = 1'700'000'000 + seconds;
  if (series) sample.series = std::move(*series);
  sample.health = parse_health(health);
  return sample;
}

/// Cumulative buckets, _sum and _count of `observations`, all alike.
inline std::string histogram_text(const std::string& name, const std::string& labels, int count,
                                  double seconds) {
  const auto separator = labels.empty() ? "" : ",";
  std::string text;
  for (const double bound : {0.001, 0.01, 0.1, 1.0}) {
    text += name + "_bucket{" + labels + separator + "le=\"" + std::to_string(bound) + "\"} " +
            std::to_string(seconds <= bound ? count : 0) + "\n";
  }
  text += name + "_bucket{" + labels + separator + "le=\"+Inf\"} " + std::to_string(count) + "\n";
  text += name + "_sum{" + labels + "} " + std::to_string(count * seconds) + "\n";
  text += name + "_count{" + labels + "} " + std::to_string(count) + "\n";
  return text;
}

/// A node that has done `n` of everything; `shards` of them in one collection.
inline std::string node_text(int n, int shards = 3, const std::string& collection = "packages") {
  const auto number = std::to_string(n);
  std::string text =
      "mosaic_build_info{version=\"0.1.0\",compiler=\"gcc\",kernels=\"avx2\"} 1\n"
      "mosaic_node_info{node=\"north\"} 1\nmosaic_ready 1\nmosaic_uptime_seconds 93784\n"
      "process_start_time_seconds 1000\nprocess_resident_memory_bytes 157286400\n"
      "process_open_fds 42\nprocess_max_fds 1024\nprocess_threads 12\n"
      "process_cpu_seconds_total " +
      number +
      "\n"
      "mosaic_disk_free_bytes 32212254720\nmosaic_disk_size_bytes 322122547200\n"
      "mosaic_http_connections 7\nmosaic_http_connections_max 10000\n"
      "mosaic_limit{limit=\"memory\"} 4294967296\nmosaic_limit_reached{limit=\"memory\"} 0\n"
      "mosaic_admission_in_flight{door=\"search\"} 60\nmosaic_admission_limit{door=\"search\"} 64\n"
      "mosaic_admission_refusals_total{door=\"search\"} 0\n"
      "mosaic_admission_in_flight{door=\"write\"} 1\nmosaic_admission_limit{door=\"write\"} 64\n"
      "mosaic_apply_queue_bytes 1048576\nmosaic_apply_queue_bytes_max 67108864\n"
      "mosaic_log_seq 81234\nmosaic_log_lag_entries 3\n"
      "mosaic_documents_upserted_total " +
      number +
      "\n"
      "mosaic_cache_requests_total{cache=\"filter\",result=\"hit\"} " +
      number +
      "\n"
      "mosaic_cache_requests_total{cache=\"filter\",result=\"miss\"} 1\n"
      "mosaic_part_up{part=\"log\"} 1\nmosaic_part_restarts_total{part=\"log\"} 0\n"
      "mosaic_shards{state=\"up\"} 3\nmosaic_shards{state=\"parked\"} 0\n";
  const std::string search = "route=\"/api/v1/collections/{name}/search\",method=\"POST\"";
  text += "mosaic_http_requests_total{" + search + ",status=\"200\"} " + number + "\n";
  text += "mosaic_http_requests_total{" + search + ",status=\"503\"} 1\n";
  text += "mosaic_http_requests_total{route=\"/metrics\",method=\"GET\",status=\"200\"} 5\n";
  text += histogram_text("mosaic_http_request_duration_seconds", search, n, 0.005);
  text += "mosaic_searches_total{mode=\"hybrid\",outcome=\"complete\"} " + number + "\n";
  text += histogram_text("mosaic_search_duration_seconds", "mode=\"hybrid\"", n, 0.004);
  text += histogram_text("mosaic_search_stage_duration_seconds", "stage=\"embed\"", n, 0.001);
  text += histogram_text("mosaic_search_stage_duration_seconds", "stage=\"candidates\"", n, 0.003);
  for (int i = 0; i < shards; ++i) {
    const auto labels = "{collection=\"" + collection + "\",shard=\"" + std::to_string(i) + "\"} ";
    text += "mosaic_shard_up" + labels + "1\n";
    text += "mosaic_shard_documents" + labels + std::to_string(1000 - i) + "\n";
    text += "mosaic_shard_search_duration_seconds_sum" + labels + std::to_string(n * 0.001) + "\n";
    text += "mosaic_shard_search_duration_seconds_count" + labels + std::to_string(n * i) + "\n";
  }
  return text;
}

constexpr auto kDegraded = R"({"status":"degraded","version":"0.1.0","node":"north","uptime_s":5,
  "shards":{"up":2,"down":1},"failing":[{"collection":"packages","shard":2,"state":"parked",
  "error":"the file is damaged: page 7"}]})";

}  // namespace mosaic::cli::top
