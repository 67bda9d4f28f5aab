#include "net/load_loop.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "base/failure.hpp"
#include "support/fake_http_server.hpp"

namespace mosaic::net {
namespace {

using test::FakeHttpServer;
using test::FakeRequest;
using test::http_answer;

/// Sends a number of requests as fast as connections are free.
class Port : public LoadPort {
 public:
  explicit Port(int requests) : left_(requests) {}

  TimePoint next_due() const override { return left_ > 0 ? TimePoint{} : TimePoint::max(); }
  bool next(std::uint32_t connection, TimePoint, TimePoint, LoadRequest& request) override {
    --left_;
    EXPECT_FALSE(busy[connection]) << "two requests at once on one connection";
    busy[connection] = true;
    const bool writes = left_ % 2 == 0;
    request.method = writes ? "POST" : "GET";
    request.path = "/" + std::to_string(left_);
    request.body = writes ? std::string(1 + static_cast<std::size_t>(left_) * 100, 'x') : "";
    return true;
  }
  void answered(std::uint32_t connection, const LoadReply& reply, TimePoint) override {
    busy[connection] = false;
    ++statuses[reply.status];
    if (reply.error) error = reply.error->detail;
    bytes_received += reply.bytes_received;
    if (on_answer) on_answer(reply);
  }
  bool goes_on(TimePoint) override { return !stop; }

  std::map<std::uint32_t, bool> busy;
  std::map<int, int> statuses;
  std::string error;
  std::uint64_t bytes_received = 0;
  std::function<void(const LoadReply&)> on_answer;
  bool stop = false;

 private:
  int left_;
};

TEST(LoadLoop, SendsEveryRequestAndGivesEveryAnswer) {
  FakeHttpServer server([](const FakeRequest& request) {
    return http_answer(200, request.method + " " + std::to_string(request.body.size()));
  });
  Port port(200);
  std::map<std::string, int> bodies;
  port.on_answer = [&](const LoadReply& reply) { ++bodies[std::string(reply.body)]; };
  LoadLoop loop({.url = server.url(), .connections = 5});
  EXPECT_EQ(loop.run(port), 0U);
  EXPECT_EQ(port.statuses, (std::map<int, int>{{200, 200}}));
  EXPECT_EQ(bodies["GET 0"], 100);
  EXPECT_EQ(bodies["POST 19801"], 1);
  EXPECT_EQ(bodies.size(), 101U);
  EXPECT_GT(port.bytes_received, 200U * 30);
}

TEST(LoadLoop, MoreConnectionsThanALaneHolds) {
  FakeHttpServer server([](const FakeRequest&) { return http_answer(503, "{}"); });
  Port port(400);
  LoadLoop loop({.url = server.url(), .connections = 150});
  EXPECT_EQ(loop.run(port), 0U);
  EXPECT_EQ(port.statuses, (std::map<int, int>{{503, 400}}));
  EXPECT_EQ(port.busy.size(), 150U);
}

TEST(LoadLoop, AConnectionThatBreaksIsAnAnswerWithoutStatus) {
  FakeHttpServer server([](const FakeRequest&) {
    return std::string("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 9\r\n\r\n1");
  });
  Port port(3);
  LoadLoop loop({.url = server.url(), .connections = 3, .timeout_ms = 300});
  EXPECT_EQ(loop.run(port), 0U);
  EXPECT_EQ(port.statuses, (std::map<int, int>{{0, 3}}));
  EXPECT_NE(port.error, "");
}

TEST(LoadLoop, NobodyListening) {
  Port port(2);
  LoadLoop loop({.url = "http://127.0.0.1:1", .connections = 2});
  EXPECT_EQ(loop.run(port), 0U);
  EXPECT_EQ(port.statuses, (std::map<int, int>{{0, 2}}));
  EXPECT_EQ(port.error, "cannot reach http://127.0.0.1:1: connection refused");
}

TEST(LoadLoop, AnEarlyEndGivesUpWhatIsUnderWay) {
  FakeHttpServer server([](const FakeRequest&) { return http_answer(200, "{}"); });
  Port port(1'000);
  port.on_answer = [&port](const LoadReply&) { port.stop = true; };
  LoadLoop loop({.url = server.url(), .connections = 4});
  EXPECT_LE(loop.run(port), 4U);
  EXPECT_LT(port.statuses[200], 1'000);
}

TEST(LoadLoop, RefusesAnAddressThatIsNone) {
  EXPECT_THROW(LoadLoop({.url = "ftp://x"}), Failure);
  EXPECT_THROW(LoadLoop({.url = "http://h", .headers = {{"A", "b\r\nC: d"}}}), Failure);
}

TEST(LoadLoop, AsksForNoMoreFilesThanThereMayBe) {
  EXPECT_TRUE(allow_connections(1));
  const auto refused = allow_connections(std::size_t{1} << 40);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().detail.find("open files"), std::string::npos);
}

}  // namespace
}  // namespace mosaic::net
