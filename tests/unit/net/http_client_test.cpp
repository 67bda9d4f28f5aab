#include "net/http_client.hpp"

#include <gtest/gtest.h>

#include <future>

#include "support/fake_http_server.hpp"

namespace mosaic::net {
namespace {

using test::chunked_answer;
using test::FakeHttpServer;
using test::FakeRequest;
using test::http_answer;

TEST(HttpClient, GivesStatusHeadersAndBody) {
  FakeHttpServer server([](const FakeRequest& request) {
    return http_answer(404, request.method + " " + request.target, "Retry-After:  3 \r\n");
  });
  HttpClient client;
  const auto reply = client.send({.url = server.url() + "/a%2Fb?x=1"});
  ASSERT_TRUE(reply.ok()) << reply.error().detail;
  EXPECT_EQ(reply->status, 404);
  EXPECT_EQ(reply->body, "GET /a%2Fb?x=1");
  EXPECT_EQ(reply->header("retry-after"), "3");
  EXPECT_EQ(reply->header("etag"), std::nullopt);
}

TEST(HttpClient, SendsMethodBodyAndHeaders) {
  FakeHttpServer server([](const FakeRequest& request) {
    return http_answer(200, request.head + "|" + request.body);
  });
  HttpClient client;
  for (const std::string method : {"POST", "PUT", "PATCH", "DELETE"}) {
    const auto reply = client.send({.method = method,
                                    .url = server.url() + "/x",
                                    .headers = {{"Content-Type", "application/json"}},
                                    .body = "{\"a\":1}"});
    ASSERT_TRUE(reply.ok());
    EXPECT_EQ(reply->body.find(method + " /x HTTP/1.1"), 0U);
    EXPECT_NE(reply->body.find("Content-Type: application/json\r\n"), std::string::npos);
    EXPECT_NE(reply->body.find("|{\"a\":1}"), std::string::npos);
  }
}

TEST(HttpClient, SendsLargeBodiesWithoutAskingFirst) {
  FakeHttpServer server([](const FakeRequest& request) {
    const bool asked = request.head.find("Expect") != std::string::npos;
    return http_answer(200, std::to_string(request.body.size()) + (asked ? " asked" : ""));
  });
  HttpClient client;
  const auto reply = client.send(
      {.method = "POST", .url = server.url(), .body = std::string(std::size_t{5} << 20, 'x')});
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->body, "5242880");
}

TEST(HttpClient, KeepsOneConnectionForManyRequests) {
  FakeHttpServer server([](const FakeRequest&) { return http_answer(200, "ok"); });
  HttpClient client;
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(client.send({.url = server.url()}).ok());
  EXPECT_EQ(server.connections(), 1);
}

TEST(HttpClient, ForgetsTheRequestBefore) {
  FakeHttpServer server([](const FakeRequest& request) {
    return http_answer(200, request.method + request.body +
                                (request.head.find("X-A") == std::string::npos ? "" : "X-A"));
  });
  HttpClient client;
  ASSERT_TRUE(
      client.send({.method = "POST", .url = server.url(), .headers = {{"X-A", "1"}}, .body = "b"})
          .ok());
  EXPECT_EQ(client.send({.url = server.url()})->body, "GET");
}

TEST(HttpClient, SaysWhoCannotBeReachedAndWhy) {
  const auto url = "http://127.0.0.1:" + std::to_string(test::free_port());
  const auto reply = HttpClient().send({.url = url + "/path"});
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(reply.error().detail, "cannot reach " + url + ": connection refused");
}

TEST(HttpClient, EndsARequestAtItsTimeout) {
  std::promise<void> finished;
  auto wait = finished.get_future().share();
  FakeHttpServer server([wait](const FakeRequest&) {
    wait.wait();
    return std::string();
  });
  const auto reply = HttpClient().send({.url = server.url(), .timeout_ms = 50});
  finished.set_value();
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, ErrorCode::kDeadlineExceeded);
  EXPECT_NE(reply.error().detail.find("no answer from " + server.url()), std::string::npos);
}

TEST(HttpClient, ReportsAConnectionThatIsClosedWithoutAnAnswer) {
  FakeHttpServer server([](const FakeRequest&) { return std::string(); });
  const auto reply = HttpClient().send({.url = server.url()});
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, ErrorCode::kUnavailable);
}

TEST(HttpClient, StreamsTheBodyOfASuccess) {
  FakeHttpServer server([](const FakeRequest&) { return chunked_answer({"one\n", "two\n"}); });
  std::string seen;
  const auto reply = HttpClient().send({.url = server.url(), .on_body = [&](std::string_view s) {
                                          seen += s;
                                          return true;
                                        }});
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(seen, "one\ntwo\n");
  EXPECT_EQ(reply->body, "");
}

TEST(HttpClient, KeepsTheBodyOfARefusalInTheReply) {
  FakeHttpServer server([](const FakeRequest&) { return http_answer(503, "why"); });
  const auto reply = HttpClient().send({.url = server.url(), .on_body = [](std::string_view) {
                                          ADD_FAILURE();
                                          return true;
                                        }});
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->body, "why");
}

TEST(HttpClient, AStreamThatBreaksOffIsAnError) {
  FakeHttpServer server([](const FakeRequest&) { return chunked_answer({"one\n"}, false); });
  const auto reply =
      HttpClient().send({.url = server.url(), .on_body = [](std::string_view) { return true; }});
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(reply.error().detail.find("broke off"), std::string::npos);
}

TEST(HttpClient, TheReceiverMayEndAStream) {
  FakeHttpServer server([](const FakeRequest&) { return chunked_answer({"one", "two"}); });
  const auto reply =
      HttpClient().send({.url = server.url(), .on_body = [](std::string_view) { return false; }});
  EXPECT_TRUE(reply.ok());
}

TEST(HttpClient, AnExceptionOfTheReceiverComesThrough) {
  FakeHttpServer server([](const FakeRequest&) { return chunked_answer({"one"}); });
  HttpClient client;
  EXPECT_THROW((void)client.send(
                   {.url = server.url(),
                    .on_body = [](std::string_view) -> bool { throw std::runtime_error("disk"); }}),
               std::runtime_error);
}

TEST(HttpClient, RefusesAddressesThatAreNotHttp) {
  for (const std::string url :
       {"file:///etc/passwd", "nonsense", "", "http://", "http://a:99999"}) {
    const auto reply = HttpClient().send({.url = url});
    ASSERT_FALSE(reply.ok()) << url;
    EXPECT_EQ(reply.error().code, ErrorCode::kInvalidArgument) << url;
  }
}

TEST(HttpClient, ShowsNoQueryOfAnAddressThatItRefuses) {
  for (const std::string url : {"http://a:99999/b?key=SECRET", "ftp://a/b?key=SECRET"}) {
    const auto reply = HttpClient().send({.url = url});
    ASSERT_FALSE(reply.ok()) << url;
    EXPECT_EQ(reply.error().detail.find("SECRET"), std::string::npos) << reply.error().detail;
    EXPECT_NE(reply.error().detail.find("/b'"), std::string::npos) << reply.error().detail;
  }
}

TEST(HttpClient, RefusesLineBreaksInHeaders) {
  const auto reply = HttpClient().send(
      {.url = "http://127.0.0.1:1", .headers = {{"Authorization", "Bearer a\r\nX-Admin: 1"}}});
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace mosaic::net
