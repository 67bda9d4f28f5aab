// What a request leaves in the log, and that one id goes through all of it.
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include "base/log.hpp"
#include "http/server.hpp"
#include "unit/http/client.hpp"
#include "unit/http/fake_engine.hpp"

namespace mosaic::http {
namespace {

constexpr auto kTrace = "4bf92f3577b34da6a3ce929d0e0e4736";
constexpr auto kPostSearch = "POST /api/v1/collections/c/search HTTP/1.1\r\n";

class RequestLog : public testing::Test {
 protected:
  void SetUp() override {
    auto pattern = (std::filesystem::temp_directory_path() / "mosaic-log-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder = pattern;
    settings.log.file = (folder / "node.log").string();
    settings.log.format = "json";
    settings.log.level = "debug";
    settings.http.listen = "127.0.0.1:0";
    settings.http.threads = 2;
    ASSERT_TRUE(log::configure(settings.log));
    server = std::make_unique<Server>(engine, settings);
    const auto started = server->start();
    ASSERT_TRUE(started) << started.error().detail;
    port = *started;
  }
  void TearDown() override {
    server.reset();
    ASSERT_TRUE(log::configure({}));
    std::filesystem::remove_all(folder);
  }

  /// Everything logged, once all requests are over.
  std::vector<std::string> logged() {
    server->stop(std::chrono::seconds(10));
    std::ifstream file(settings.log.file);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
  }

  Received ask(const std::string& head, const std::string& body = {}) {
    Client client(port);
    client.send(fmt::format("{}Host: x\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{}", head,
                            body.size(), body));
    return client.answer();
  }

  static std::string field(const std::string& json, const char* key) {
    simdjson::dom::parser parser;
    return std::string(std::string_view(parser.parse(json)[key]));
  }

  static std::string request_id(const Received& answer) {
    const auto at = answer.head.find("X-Request-Id: ");
    return at == std::string::npos ? "" : answer.head.substr(at + 14, 32);
  }

  std::filesystem::path folder;
  FakeEngine engine;
  NodeSettings settings;
  std::unique_ptr<Server> server;
  std::uint16_t port = 0;
};

TEST_F(RequestLog, TheTraceOfTheCallerGoesIntoAnswerEngineAndLog) {
  const auto answer =
      ask(fmt::format("{}traceparent: 00-{}-00f067aa0ba902b7-01\r\n", kPostSearch, kTrace),
          R"({"query":"x"})");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(request_id(answer), kTrace);
  EXPECT_TRUE(answer.says(fmt::format("traceparent: 00-{}-", kTrace)));
  EXPECT_FALSE(answer.says("00f067aa0ba902b7"));
  EXPECT_TRUE(answer.says("-01\r\n"));
  EXPECT_EQ(engine.searches.at(0).trace_id, kTrace);
  const auto lines = logged();
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(field(lines[0], "trace_id"), kTrace);
  EXPECT_EQ(field(lines[0], "route"), "/api/v1/collections/{name}/search");
  EXPECT_EQ(field(lines[0], "method"), "POST");
  EXPECT_NE(lines[0].find("\"status\":200,"), std::string::npos);
  EXPECT_NE(lines[0].find(fmt::format("\"bytes\":{},", answer.body.size())), std::string::npos);
}

TEST_F(RequestLog, ARandomTraceIsMadeOncePerRequest) {
  const auto first = ask("GET /nothing HTTP/1.1\r\n");
  const auto second = ask("GET /nothing HTTP/1.1\r\n");
  EXPECT_EQ(first.status, 404);
  EXPECT_EQ(field(first.body, "trace_id"), request_id(first));
  EXPECT_TRUE(first.says(fmt::format("traceparent: 00-{}-", request_id(first))));
  EXPECT_TRUE(first.says("-00\r\n"));
  EXPECT_NE(request_id(first), request_id(second));
  const auto lines = logged();
  ASSERT_EQ(lines.size(), 2U);
  // Each line is written after its answer, by the thread of its connection.
  const std::set<std::string> ids = {field(lines[0], "trace_id"), field(lines[1], "trace_id")};
  EXPECT_EQ(ids, (std::set<std::string>{request_id(first), request_id(second)}));
  EXPECT_EQ(field(lines[0], "route"), "other");
}

TEST_F(RequestLog, RequestsOfOneConnectionHaveTracesOfTheirOwn) {
  Client client(port);
  const auto first = client.ask("GET", "/health");
  const auto second = client.ask("GET", "/health");
  EXPECT_EQ(request_id(first).size(), 32U);
  EXPECT_NE(request_id(first), request_id(second));
}

TEST_F(RequestLog, SeveralTraceparentsAreNone) {
  const auto line = fmt::format("traceparent: 00-{}-00f067aa0ba902b7-01\r\n", kTrace);
  EXPECT_NE(request_id(ask("GET /health HTTP/1.1\r\n" + line + line)), kTrace);
}

TEST_F(RequestLog, WhatIsNoHttpHasATraceToo) {
  Client client(port);
  client.send("nonsense\r\n\r\n");
  const auto answer = client.answer();
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(field(answer.body, "trace_id"), request_id(answer));
}

TEST_F(RequestLog, AFailureOfTheServerIsAWarningWithItsReason) {
  engine.error = Error{ErrorCode::kUnavailable, "endpoint answered 500; it said: a text"};
  const auto answer = ask(kPostSearch, R"({"query":"MARKER"})");
  EXPECT_EQ(answer.status, 503);
  EXPECT_NE(answer.body.find("it said: a text"), std::string::npos);
  const auto lines = logged();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(field(lines[1], "level"), "warn");
  EXPECT_EQ(field(lines[1], "detail"), "endpoint answered 500");
  EXPECT_EQ(field(lines[1], "trace_id"), request_id(answer));
  for (const auto& line : lines) EXPECT_EQ(line.find("MARKER"), std::string::npos);
}

TEST_F(RequestLog, AtInfoARequestThatIsRefusedLeavesNoLine) {
  log::set_level(log::Level::kInfo);
  EXPECT_EQ(ask(kPostSearch, R"({"k":"MARKER"})").status, 400);
  EXPECT_TRUE(logged().empty());
}

TEST_F(RequestLog, TheLevelChangesWhileTheServerRuns) {
  EXPECT_EQ(ask("GET /api/v1/log HTTP/1.1\r\n").body, R"({"level":"debug"})");
  EXPECT_EQ(ask("PUT /api/v1/log HTTP/1.1\r\n", R"({"level":"error"})").body,
            R"({"level":"error"})");
  EXPECT_EQ(log::level(), log::Level::kError);
  const auto refused = ask("PUT /api/v1/log HTTP/1.1\r\n", R"({"level":"loud"})");
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(field(refused.body, "detail"),
            R"(level is "loud", expected one of trace, debug, info, warn, error, critical, off)");
  for (const std::string body : {"{}", "", R"({"level":1})", R"({"level":"info","x":1})"})
    EXPECT_EQ(ask("PUT /api/v1/log HTTP/1.1\r\n", body).status, 400) << body;
  EXPECT_EQ(log::level(), log::Level::kError);
}

}  // namespace
}  // namespace mosaic::http
