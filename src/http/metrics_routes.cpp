#include "http/answer.hpp"
#include "http/routes.hpp"

namespace mosaic::http {
namespace {

// The text format's own version (prometheus.io, "Exposition formats"), not ours.
constexpr std::string_view kPrometheusText = "text/plain; version=0.0.4; charset=utf-8";

/// Asks no part of the node, so that one whose parts are stuck is scraped like any other.
void answer_metrics(const metrics::NodeMetricsPtr& metrics, const Respond& respond) {
  respond([metrics] {
    return Response{.content_type = std::string(kPrometheusText), .body = metrics->text()};
  });
}

}  // namespace

std::vector<Route> metrics_routes(metrics::NodeMetricsPtr metrics) {
  return {
      {.method = "GET",
       .pattern = "/metrics",
       .group = "Health",
       .summary = "How the node is, for Prometheus",
       .answers = {{.text = "Prometheus text format.", .content_type = kPrometheusText}},
       .handler = [metrics = std::move(metrics)](
                      const Call&, const Respond& respond) { answer_metrics(metrics, respond); }},
  };
}

}  // namespace mosaic::http
