#include "support/metric_samples.hpp"
#include "unit/http/server_fixture.hpp"

namespace mosaic::http {
namespace {

using std::chrono::seconds;

constexpr auto kSearchRoute = "/api/v1/collections/{name}/search";

struct RequestMetrics : ServerFixture {
  /// After the end of the server: every answer has been counted.
  test::MetricSamples counted() {
    server->stop(seconds(10));
    return test::samples_of(metrics->text());
  }

  /// On a connection that ends then: nobody waits for what a client may still send.
  static int status_of_answer_to(std::uint16_t port, std::string_view bytes) {
    Client client(port);
    client.send(bytes);
    return client.answer().status;
  }

  static std::string requests(const std::string& route, const std::string& method, int status) {
    return "mosaic_http_requests_total{method=\"" + method + "\",route=\"" + route +
           "\",status=\"" + std::to_string(status) + "\"}";
  }
};

TEST_F(RequestMetrics, AreServedInPrometheusTextFormat) {
  Client client(start());
  const auto answer = client.ask("GET", "/metrics");
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.says("Content-Type: text/plain; version=0.0.4; charset=utf-8"));
  EXPECT_NE(answer.body.find("# TYPE mosaic_shards gauge\n"), std::string::npos);
}

TEST_F(RequestMetrics, AreServedWhileEveryPartIsStuck) {
  engine.error = Error{ErrorCode::kUnavailable, "everything is down"};
  engine.health_error = engine.error;
  Client client(start());
  EXPECT_EQ(client.ask("GET", "/metrics").status, 200);
}

TEST_F(RequestMetrics, CountByRouteMethodAndStatus) {
  Client client(start());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.ask("POST", kSearch, kQuery).status, 200);
  EXPECT_EQ(client.ask("POST", kSearch, "{").status, 400);
  EXPECT_EQ(client.ask("GET", "/no/such/path").status, 404);
  EXPECT_EQ(client.ask("DELETE", "/health").status, 405);
  const auto found = counted();
  EXPECT_EQ(found.at(requests(kSearchRoute, "POST", 200)), 3);
  EXPECT_EQ(found.at(requests(kSearchRoute, "POST", 400)), 1);
  EXPECT_EQ(found.at(requests("other", "GET", 404)), 1);
  EXPECT_EQ(found.at(requests("other", "DELETE", 405)), 1);
  EXPECT_EQ(found.at(std::string("mosaic_http_request_duration_seconds_count{method=\"POST\",") +
                     "route=\"" + kSearchRoute + "\"}"),
            4);
  EXPECT_EQ(found.at("mosaic_http_request_bytes_total"), 3 * std::string(kQuery).size() + 1);
  EXPECT_GT(found.at("mosaic_http_response_bytes_total"), 0);
}

TEST_F(RequestMetrics, EveryRouteStartsAtZero) {
  start();
  const auto found = counted();
  EXPECT_EQ(found.at(requests(kSearchRoute, "POST", 503)), 0);
  EXPECT_EQ(found.at(requests("/metrics", "GET", 200)), 0);
}

TEST_F(RequestMetrics, CountWhatTheSessionAnswersByItself) {
  settings.http.body_bytes_max = 10;
  settings.http.request_timeout_s = 1;
  const auto port = start();
  EXPECT_EQ(status_of_answer_to(port, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n"),
            413);
  EXPECT_EQ(status_of_answer_to(port, "POST /"), 408);
  EXPECT_EQ(status_of_answer_to(port, "\r\nnonsense\r\n\r\n"), 400);
  const auto found = counted();
  EXPECT_EQ(found.at(requests("other", "POST", 413)), 1);
  EXPECT_EQ(found.at(requests("other", "other", 408)), 1);
  EXPECT_EQ(found.at(requests("other", "other", 400)), 1);
}

TEST_F(RequestMetrics, ShowWhatIsUnderWay) {
  settings.http.connections_max = 1;
  engine.hold = true;
  const auto port = start();
  Client busy(port);
  busy.request("POST", kSearch, kQuery);
  engine.wait_for_held(1);
  EXPECT_EQ(status_of_answer_to(port, ""), 503);
  const auto during = test::samples_of(metrics->text());
  EXPECT_GE(during.at("mosaic_http_requests_in_flight"), 1);
  EXPECT_EQ(during.at("mosaic_http_connections_refused_total"), 1);
  EXPECT_EQ(during.at("mosaic_http_connections_max"), 1);
  EXPECT_EQ(during.at("mosaic_http_body_bytes"), std::string(kQuery).size());
  engine.held.front()(SearchReply{});
  EXPECT_EQ(busy.answer().status, 200);
  const auto after = counted();
  EXPECT_EQ(after.at("mosaic_http_requests_in_flight"), 0);
  EXPECT_EQ(after.at("mosaic_http_connections"), 0);
  EXPECT_EQ(after.at("mosaic_http_body_bytes"), 0);
  EXPECT_EQ(after.at(requests("other", "other", 503)), 1);
}

}  // namespace
}  // namespace mosaic::http
