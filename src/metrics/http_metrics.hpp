// What the HTTP server did: requests by route, method and status, connections, bodies held. The
// label values come from the route table and a fixed list of methods: no client can add series.
#pragma once

#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "metrics/registry.hpp"
#include "metrics/stopwatch.hpp"

namespace mosaic::metrics {

/// The route of requests that met none.
constexpr std::string_view kOtherRoute = "other";

/// The requests of one route and method.
class RouteMetrics {
 public:
  RouteMetrics(Counters& requests, Histograms& durations, std::string_view route,
               std::string_view method);

  /// One request was answered. Only the first one with a status takes a lock.
  void answered(int status, Seconds took);
  /// Starts the series of a status at 0, so that its first answer shows as an increase.
  void expect(int status) { of(status); }

 private:
  static constexpr int kStatusMin = 100;
  static constexpr int kStatusMax = 599;

  Counter& of(int status);

  Counters& requests_;
  const prometheus::Labels labels_;
  Histogram& duration_;
  std::array<std::atomic<Counter*>, kStatusMax - kStatusMin + 1> by_status_{};
};

class HttpMetrics {
 public:
  explicit HttpMetrics(Registry& registry);

  /// A route of the table, with literals for names, and the statuses that it is known to answer.
  /// All routes are added before the first request is answered.
  void add_route(std::string_view pattern, std::string_view method,
                 const std::vector<int>& statuses);

  /// A request was answered. `pattern`: of its route, or kOtherRoute. HEAD counts as GET: it is the
  /// same work.
  void answered(std::string_view pattern, std::string_view method, int status, Seconds took);

  void began() { in_flight_.Increment(); }
  void ended() { in_flight_.Decrement(); }
  void received(std::size_t bytes) { request_bytes_.Increment(static_cast<double>(bytes)); }
  void sent(std::size_t bytes) { response_bytes_.Increment(static_cast<double>(bytes)); }

  void connections(std::size_t open) { connections_.Set(static_cast<double>(open)); }
  void connection_refused() { refused_.Increment(); }
  void body_bytes_changed(std::int64_t by) { body_bytes_.Increment(static_cast<double>(by)); }
  void set_limits(std::uint64_t connections_max, std::uint64_t body_bytes_max);

 private:
  using RouteKey = std::pair<std::string_view, std::string_view>;

  RouteMetrics& find(std::string_view pattern, std::string_view method);

  Counters& requests_;
  Histograms& durations_;
  Gauge& in_flight_;
  Counter& request_bytes_;
  Counter& response_bytes_;
  Gauge& connections_;
  Gauge& connections_max_;
  Counter& refused_;
  Gauge& body_bytes_;
  Gauge& body_bytes_max_;
  std::map<RouteKey, std::unique_ptr<RouteMetrics>> routes_;
};

/// Held while a request is under way.
class RequestInFlight {
 public:
  explicit RequestInFlight(HttpMetrics& metrics) : metrics_(metrics) { metrics_.began(); }
  RequestInFlight(const RequestInFlight&) = delete;
  RequestInFlight& operator=(const RequestInFlight&) = delete;
  ~RequestInFlight() { metrics_.ended(); }

 private:
  HttpMetrics& metrics_;
};

}  // namespace mosaic::metrics
