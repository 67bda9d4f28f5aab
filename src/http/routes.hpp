// The route table: every path that the server knows, one function for each group. The engine
// outlives the routes and everything that they have started.
#pragma once

#include <string>
#include <vector>

#include "http/route.hpp"
#include "metrics/node_metrics.hpp"
#include "mosaic/engine.hpp"

namespace mosaic::http {

std::vector<Route> health_routes(Engine& engine);
std::vector<Route> metrics_routes(metrics::NodeMetricsPtr metrics);
std::vector<Route> collection_routes(Engine& engine);
std::vector<Route> document_routes(Engine& engine);
std::vector<Route> export_routes(Engine& engine);
std::vector<Route> search_routes(Engine& engine, const std::string& default_collection);
std::vector<Route> centroid_routes(Engine& engine);
std::vector<Route> job_routes(Engine& engine);
std::vector<Route> backup_routes(Engine& engine);
std::vector<Route> fault_routes(Engine& engine);
std::vector<Route> log_routes();

/// All of the above and the pages that describe them, itself included: `/`, `/docs` and
/// `/openapi.json`.
std::vector<Route> all_routes(
    Engine& engine, const std::string& default_collection,
    metrics::NodeMetricsPtr metrics = std::make_shared<metrics::NodeMetrics>());

}  // namespace mosaic::http
