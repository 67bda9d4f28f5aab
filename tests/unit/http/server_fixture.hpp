// A server of two threads on a free port, before an engine that the test holds.
#pragma once

#include <memory>

#include <gtest/gtest.h>

#include "http/server.hpp"
#include "metrics/node_metrics.hpp"
#include "unit/http/client.hpp"
#include "unit/http/fake_engine.hpp"

namespace mosaic::http {

constexpr auto kSearch = "/api/v1/collections/c/search";
constexpr auto kQuery = R"({"query":"x"})";

class ServerFixture : public testing::Test {
 protected:
  ServerFixture() {
    settings.http.listen = "127.0.0.1:0";
    settings.http.threads = 2;
    settings.http.drain_notice_ms = 0;
  }

  std::uint16_t start() {
    server = std::make_unique<Server>(engine, settings, metrics);
    const auto port = server->start();
    EXPECT_TRUE(port.ok()) << port.error().detail;
    return *port;
  }

  FakeEngine engine;
  NodeSettings settings;
  metrics::NodeMetricsPtr metrics = std::make_shared<metrics::NodeMetrics>();
  std::unique_ptr<Server> server;
};

}  // namespace mosaic::http
