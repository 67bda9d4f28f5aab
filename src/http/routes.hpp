// The route table: every path that the server knows, one function for each group. The engine
// outlives the routes and everything that they have started.
#pragma once

#include <string>
#include <vector>

#include "http/route.hpp"
#include "http/warm_up.hpp"
#include "metrics/node_metrics.hpp"
#include "mosaic/engine.hpp"

namespace mosaic::http {

std::vector<Route> health_routes(Engine& engine, metrics::NodeMetricsPtr metrics,
                                 std::shared_ptr<WarmUp> warm_up);
std::vector<Route> metrics_routes(metrics::NodeMetricsPtr metrics);
std::vector<Route> collection_routes(Engine& engine);
std::vector<Route> document_routes(Engine& engine);
std::vector<Route> export_routes(Engine& engine);
std::vector<Route> search_routes(Engine& engine, const std::string& default_collection);
std::vector<Route> centroid_routes(Engine& engine);
std::vector<Route> job_routes(Engine& engine);
std::vector<Route> backup_routes(Engine& engine);
std::vector<Route> cluster_routes(Engine& engine);
std::vector<Route> fault_routes(Engine& engine);
std::vector<Route> log_routes();

/// All of the above and the pages that describe them, itself included: `/`, `/docs` and
/// `/openapi.json`. Requests with an Idempotency-Key are done once within `idempotency_window_s`.
/// A node of a cluster that is starting refuses those to its shards.
std::vector<Route> all_routes(
    Engine& engine, const std::string& default_collection,
    metrics::NodeMetricsPtr metrics = std::make_shared<metrics::NodeMetrics>(),
    std::uint32_t idempotency_window_s = 86'400);

}  // namespace mosaic::http
