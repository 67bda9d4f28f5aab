#include "actors/embedder.hpp"

#include "actor_fixture.hpp"
#include "support/fake_http_server.hpp"
#include "support/fake_store.hpp"

namespace mosaic::actors {
namespace {

using std::chrono::milliseconds;

/// An endpoint whose every vector is the same; one text at a time is asked for.
struct EmbedderTest : ActorFixture {
  std::atomic<int> asked{0};
  test::FakeHttpServer endpoint{[this](const auto&) {
    ++asked;
    return test::http_answer(200, R"({"data":[{"index":0,"embedding":[1,2]}]})");
  }};
  test::FakeServer shared;
  metrics::NodeMetricsPtr metrics = std::make_shared<metrics::NodeMetrics>();
  std::vector<embedder_actor> started;

  embedder_actor start(bool sharing = true) {
    embedder_config made;
    made.metrics = metrics;
    if (sharing) made.open_store = [this] { return std::make_unique<test::FakeStore>(shared); };
    started.push_back(system.spawn(embedder, std::move(made)));
    return started.back();
  }

  void TearDown() override {
    for (const auto& each : started) caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
    run();
  }

  /// Embedders go by the wall clock: a request to an endpoint takes real time.
  Result<embed_reply> embed(const embedder_actor& actor, const std::string& text) {
    const auto deadline = Deadline::in(std::chrono::steady_clock::now(), std::chrono::seconds(60));
    return ask<embed_reply>(actor, embed_atom_v,
                            embed_request{"openai:" + endpoint.url(), 2, {text}, deadline});
  }

  bool shows(const std::string& result, int count) const {
    return metrics->text().find("mosaic_cache_requests_total{cache=\"shared_embedding\",result=\"" +
                                result + "\"} " + std::to_string(count) + "\n") !=
           std::string::npos;
  }
};

TEST_F(EmbedderTest, SharesVectorsWithOthers) {
  const std::vector<Vector> expected{{1, 2}};
  EXPECT_EQ(embed(start(), "a")->vectors, expected);
  EXPECT_EQ(embed(start(), "a")->vectors, expected);
  EXPECT_EQ(asked, 1);
  EXPECT_TRUE(shows("hit", 1)) << metrics->text();
  EXPECT_TRUE(shows("miss", 1)) << metrics->text();
}

TEST_F(EmbedderTest, GoesOnWithoutAStoreThatFails) {
  shared.failure = Error{ErrorCode::kUnavailable, "connection refused"};
  const auto actor = start();
  EXPECT_TRUE(embed(actor, "a"));
  EXPECT_TRUE(embed(actor, "a"));
  EXPECT_EQ(asked, 2);
  EXPECT_EQ(shared.budgets.size(), 1U);
  EXPECT_TRUE(shows("error", 2)) << metrics->text();
}

TEST_F(EmbedderTest, NeedsNoStore) {
  EXPECT_TRUE(embed(start(false), "a"));
  EXPECT_TRUE(shows("miss", 0)) << metrics->text();
}

}  // namespace
}  // namespace mosaic::actors
