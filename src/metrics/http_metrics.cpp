#include "metrics/http_metrics.hpp"

#include <algorithm>

namespace mosaic::metrics {
namespace {

// What clients may ask with where no route is met (RFC 9110, section 9; PATCH: RFC 5789).
constexpr std::array<std::string_view, 6> kMethods = {"GET",    "POST",    "PUT",
                                                      "DELETE", "OPTIONS", "PATCH"};
constexpr std::string_view kOtherMethod = "other";

}  // namespace

RouteMetrics::RouteMetrics(Counters& requests, Histograms& durations, std::string_view route,
                           std::string_view method)
    : requests_(requests),
      labels_{{"route", std::string(route)}, {"method", std::string(method)}},
      duration_(durations.Add(labels_, kSeconds)) {}

void RouteMetrics::answered(int status, Seconds took) {
  of(status).Increment();
  duration_.Observe(took.count());
}

Counter& RouteMetrics::of(int status) {
  auto& slot =
      by_status_[static_cast<std::size_t>(std::clamp(status, kStatusMin, kStatusMax) - kStatusMin)];
  if (auto* known = slot.load(std::memory_order_acquire)) return *known;
  auto labels = labels_;
  labels["status"] = std::to_string(status);
  // Whoever comes second is given the one that the first has made.
  auto& made = requests_.Add(labels);
  slot.store(&made, std::memory_order_release);
  return made;
}

HttpMetrics::HttpMetrics(Registry& registry)
    : requests_(counters(registry, "mosaic_http_requests_total",
                         "Requests answered, by route, method and status")),
      durations_(histograms(registry, "mosaic_http_request_duration_seconds",
                            "Time from the first byte of a request to the last of its answer")),
      in_flight_(gauge(registry, "mosaic_http_requests_in_flight",
                       "Requests that are arriving, worked on or being answered")),
      request_bytes_(counter(registry, "mosaic_http_request_bytes_total",
                             "Bytes of bodies of requests received")),
      response_bytes_(
          counter(registry, "mosaic_http_response_bytes_total", "Bytes of bodies of answers sent")),
      connections_(gauge(registry, "mosaic_http_connections", "Connections open, idle ones too")),
      connections_max_(
          gauge(registry, "mosaic_http_connections_max", "Connections that may be open")),
      refused_(counter(registry, "mosaic_http_connections_refused_total",
                       "Connections turned away because all were in use")),
      body_bytes_(gauge(registry, "mosaic_http_body_bytes", "Memory reserved for request bodies")),
      body_bytes_max_(gauge(registry, "mosaic_http_body_bytes_max",
                            "Memory that request bodies may have in all")) {
  constexpr int kNotFound = 404;
  for (const auto method : kMethods) add_route(kOtherRoute, method, {kNotFound});
  add_route(kOtherRoute, kOtherMethod, {kNotFound});
}

void HttpMetrics::add_route(std::string_view pattern, std::string_view method,
                            const std::vector<int>& statuses) {
  auto& route = routes_[{pattern, method}];
  if (!route) route = std::make_unique<RouteMetrics>(requests_, durations_, pattern, method);
  for (const auto status : statuses) route->expect(status);
}

RouteMetrics& HttpMetrics::find(std::string_view pattern, std::string_view method) {
  if (method == "HEAD") method = "GET";
  if (const auto known = routes_.find({pattern, method}); known != routes_.end())
    return *known->second;
  const auto other = routes_.find({kOtherRoute, method});
  return other != routes_.end() ? *other->second : *routes_.at({kOtherRoute, kOtherMethod});
}

void HttpMetrics::answered(std::string_view pattern, std::string_view method, int status,
                           Seconds took) {
  find(pattern, method).answered(status, took);
}

void HttpMetrics::set_limits(std::uint64_t connections_max, std::uint64_t body_bytes_max) {
  connections_max_.Set(static_cast<double>(connections_max));
  body_bytes_max_.Set(static_cast<double>(body_bytes_max));
}

}  // namespace mosaic::metrics
