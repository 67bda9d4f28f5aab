#include "metrics/http_metrics.hpp"

#include <gtest/gtest.h>

#include "metrics/node_metrics.hpp"
#include "support/metric_samples.hpp"

namespace mosaic::metrics {
namespace {

using std::chrono::milliseconds;

class HttpCounts : public testing::Test {
 protected:
  HttpCounts() { metrics.http.add_route("/api/search", "POST", {200, 503}); }

  test::MetricSamples samples() { return test::samples_of(metrics.text()); }
  std::string requests(const std::string& route, const std::string& method, int status) {
    return "mosaic_http_requests_total{method=\"" + method + "\",route=\"" + route +
           "\",status=\"" + std::to_string(status) + "\"}";
  }

  NodeMetrics metrics;
};

TEST_F(HttpCounts, ARouteStartsAtZeroAndCountsByStatus) {
  EXPECT_EQ(samples().at(requests("/api/search", "POST", 503)), 0);
  metrics.http.answered("/api/search", "POST", 200, milliseconds(30));
  metrics.http.answered("/api/search", "POST", 200, milliseconds(30));
  metrics.http.answered("/api/search", "POST", 404, milliseconds(1));
  const auto found = samples();
  EXPECT_EQ(found.at(requests("/api/search", "POST", 200)), 2);
  EXPECT_EQ(found.at(requests("/api/search", "POST", 404)), 1);
  const std::string labels = R"({method="POST",route="/api/search"})";
  EXPECT_EQ(found.at("mosaic_http_request_duration_seconds_count" + labels), 3);
  EXPECT_DOUBLE_EQ(found.at("mosaic_http_request_duration_seconds_sum" + labels), 0.061);
  EXPECT_EQ(found.at(R"(mosaic_http_request_duration_seconds_bucket{method="POST",)"
                     R"(route="/api/search",le="0.025"})"),
            1);
}

TEST_F(HttpCounts, HeadIsTheWorkOfAGet) {
  metrics.http.add_route("/health", "GET", {200});
  metrics.http.answered("/health", "HEAD", 200, {});
  EXPECT_EQ(samples().at(requests("/health", "GET", 200)), 1);
}

TEST_F(HttpCounts, ClientsAddNoSeries) {
  metrics.http.answered(kOtherRoute, "GET", 404, {});
  metrics.http.answered(kOtherRoute, "X", 404, {});
  const auto before = samples().size();
  for (int i = 0; i < 1'000; ++i) {
    const auto name = std::to_string(i);
    metrics.http.answered("/made/up/" + name, "GET", 404, {});
    metrics.http.answered(kOtherRoute, "METHOD" + name, 404, {});
  }
  const auto found = samples();
  EXPECT_EQ(found.size(), before);
  EXPECT_EQ(found.at(requests("other", "GET", 404)), 1'001);
  EXPECT_EQ(found.at(requests("other", "other", 404)), 1'001);
}

TEST_F(HttpCounts, RequestsAreInFlightUntilTheyEnd) {
  {
    const RequestInFlight request(metrics.http);
    EXPECT_EQ(samples().at("mosaic_http_requests_in_flight"), 1);
  }
  EXPECT_EQ(samples().at("mosaic_http_requests_in_flight"), 0);
}

}  // namespace
}  // namespace mosaic::metrics
