// The names that dashboards, alerts and `mosaic top` rely on.
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "metrics/node_metrics.hpp"
#include "support/metric_samples.hpp"

namespace mosaic::metrics {
namespace {

using test::samples_of;

// Type and name, in the order of the guide.
constexpr const char* kCatalogue = R"(
counter mosaic_http_requests_total
histogram mosaic_http_request_duration_seconds
gauge mosaic_http_requests_in_flight
counter mosaic_http_request_bytes_total
counter mosaic_http_response_bytes_total
gauge mosaic_http_connections
gauge mosaic_http_connections_max
counter mosaic_http_connections_refused_total
gauge mosaic_http_body_bytes
gauge mosaic_http_body_bytes_max
gauge mosaic_admission_in_flight
gauge mosaic_admission_limit
gauge mosaic_admission_overloaded
counter mosaic_admission_refusals_total
counter mosaic_searches_total
histogram mosaic_search_duration_seconds
histogram mosaic_search_stage_duration_seconds
counter mosaic_search_retries_total
counter mosaic_slow_queries_total
histogram mosaic_searcher_duration_seconds
counter mosaic_writes_total
counter mosaic_documents_upserted_total
counter mosaic_documents_deleted_total
histogram mosaic_write_stage_duration_seconds
histogram mosaic_apply_duration_seconds
gauge mosaic_log_seq
gauge mosaic_log_entries
gauge mosaic_log_bytes
gauge mosaic_log_kept_bytes
gauge mosaic_log_lag_entries
gauge mosaic_cluster_nodes
gauge mosaic_cluster_voters
gauge mosaic_cluster_leader
gauge mosaic_cluster_leader_known
gauge mosaic_cluster_term
gauge mosaic_cluster_lag_entries
gauge mosaic_apply_queue_bytes
gauge mosaic_apply_queue_bytes_max
gauge mosaic_writers_waiting
gauge mosaic_shards
gauge mosaic_shard_up
summary mosaic_shard_search_duration_seconds
summary mosaic_shard_apply_duration_seconds
gauge mosaic_shard_documents
gauge mosaic_shard_bytes
gauge mosaic_shard_memory_bytes
gauge mosaic_shard_applied_seq
gauge mosaic_shard_index_vectors
gauge mosaic_shard_index_tail_vectors
counter mosaic_shard_index_builds_total
summary mosaic_shard_index_build_duration_seconds
counter mosaic_shard_index_damages_total
counter mosaic_shard_restarts_total
gauge mosaic_collections
gauge mosaic_documents
gauge mosaic_part_up
counter mosaic_part_restarts_total
gauge mosaic_jobs
counter mosaic_backups_total
counter mosaic_backup_failures_total
gauge mosaic_backup_last_success_timestamp_seconds
counter mosaic_cache_requests_total
gauge mosaic_cache_entries
gauge mosaic_cache_bytes
counter mosaic_embedding_requests_total
histogram mosaic_embedding_request_duration_seconds
gauge mosaic_limit
gauge mosaic_limit_reached
counter mosaic_limit_refusals_total
gauge mosaic_build_info
gauge mosaic_node_info
gauge mosaic_ready
gauge mosaic_uptime_seconds
gauge mosaic_disk_free_bytes
gauge mosaic_disk_size_bytes
counter mosaic_log_lines_total
gauge process_resident_memory_bytes
gauge process_virtual_memory_bytes
gauge process_open_fds
gauge process_max_fds
gauge process_threads
counter process_cpu_seconds_total
gauge process_start_time_seconds
)";

std::set<std::string> catalogue() {
  std::set<std::string> lines;
  std::istringstream text(kCatalogue);
  for (std::string line; std::getline(text, line);)
    if (!line.empty()) lines.insert(line);
  return lines;
}

/// "TYPE NAME" of every family.
std::set<std::string> families(const std::string& scrape) {
  std::set<std::string> found;
  std::istringstream text(scrape);
  for (std::string mark, word, name, type; std::getline(text, mark);) {
    std::istringstream line(mark);
    if (!(line >> mark >> word >> name >> type) || mark != "#" || word != "TYPE") continue;
    EXPECT_TRUE(found.insert(type + " " + name).second) << name << " twice";
  }
  return found;
}

class Catalogue : public testing::Test {
 protected:
  Catalogue() {
    metrics.info.identify("1.2", "n1", "avx2");
    metrics.shards.meter({1}, "docs", {0});
  }

  NodeMetrics metrics;
};

TEST_F(Catalogue, IsExportedFromTheStartAndNothingElse) {
  EXPECT_EQ(families(metrics.text()), catalogue());
}

TEST_F(Catalogue, EverySeriesWhoseLabelsAreKnownStartsAtZero) {
  const auto samples = samples_of(metrics.text());
  for (const auto* series :
       {R"(mosaic_searches_total{mode="hybrid",outcome="partial"})",
        R"(mosaic_searches_total{mode="vector",outcome="complete"})",
        R"(mosaic_searches_total{mode="text",outcome="error"})",
        R"(mosaic_search_duration_seconds_count{mode="text"})",
        R"(mosaic_search_stage_duration_seconds_count{stage="diversify"})",
        R"(mosaic_search_stage_duration_seconds_count{stage="audit"})",
        R"(mosaic_search_stage_duration_seconds_sum{stage="document"})",
        R"(mosaic_searcher_duration_seconds_count{question="graph"})",
        R"(mosaic_writes_total{outcome="durable"})",
        R"(mosaic_write_stage_duration_seconds_count{stage="prepare"})",
        R"(mosaic_writers_waiting{for="apply"})",
        R"(mosaic_shards{state="parked"})",
        R"(mosaic_cluster_nodes{state="down"})",
        "mosaic_cluster_leader_known",
        R"(mosaic_part_restarts_total{part="shard"})",
        R"(mosaic_part_restarts_total{part="embedder"})",
        R"(mosaic_jobs{state="cancelled"})",
        R"(mosaic_cache_requests_total{cache="filter",result="hit"})",
        R"(mosaic_embedding_requests_total{outcome="error"})",
        R"(mosaic_limit_reached{limit="documents"})",
        R"(mosaic_log_lines_total{level="critical"})",
        R"(mosaic_admission_refusals_total{door="write"})",
        R"(mosaic_http_requests_total{method="GET",route="other",status="404"})",
        R"(mosaic_shard_search_duration_seconds_count{collection="_other",shard="_other"})"}) {
    ASSERT_TRUE(samples.contains(series)) << series;
    EXPECT_EQ(samples.at(series), 0) << series;
  }
}

TEST_F(Catalogue, SaysWhoTheNodeIs) {
  const auto samples = samples_of(metrics.text());
  EXPECT_EQ(samples.at(R"(mosaic_node_info{node="n1"})"), 1);
  EXPECT_EQ(test::series_of(samples, "mosaic_build_info"), 1U);
  EXPECT_NE(metrics.text().find(R"(kernels="avx2",version="1.2"} 1)"), std::string::npos);
}

TEST_F(Catalogue, EscapesWhatANodeIsCalled) {
  metrics.info.identify("1.2", "a\"b\\c\nmosaic_up 1", "scalar");
  EXPECT_NE(metrics.text().find(R"(mosaic_node_info{node="a\"b\\c\nmosaic_up 1"} 1)"),
            std::string::npos);
}

TEST_F(Catalogue, EveryFamilySaysWhatItIs) {
  std::istringstream text(metrics.text());
  std::set<std::string> helped;
  for (std::string line; std::getline(text, line);) {
    if (!line.starts_with("# HELP ")) continue;
    const auto name_end = line.find(' ', 7);
    ASSERT_NE(name_end, std::string::npos) << line;
    helped.insert(line.substr(7, name_end - 7));
  }
  for (const auto& family : catalogue())
    EXPECT_TRUE(helped.contains(family.substr(family.find(' ') + 1))) << family;
}

}  // namespace
}  // namespace mosaic::metrics
