#include <atomic>

#include "command_fixture.hpp"
#include "top_fixture.hpp"

namespace mosaic::cli {
namespace {

class TopCommand : public CommandTest {
 protected:
  /// A node that does 100 requests between two readings.
  void serve_node() {
    serve([this](const test::FakeRequest& request) {
      if (request.target == "/health") return test::http_answer(200, top::kDegraded);
      return test::http_answer(200, top::node_text(readings_++ * 100));
    });
  }

  std::atomic<int> readings_{0};
};

TEST_F(TopCommand, OnceShowsOneScreenOfTwoReadings) {
  serve_node();
  const auto outcome = mosaic({"top", "--once", "--interval", "200ms", "--api-key", "k"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(readings_, 2);
  EXPECT_NE(outcome.out.find("POST …/search"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("packages/2"), std::string::npos);
  EXPECT_EQ(outcome.out.find('\x1b'), std::string::npos);
  for (const auto& request : requests()) {
    EXPECT_NE(request.head.find("Authorization: Bearer k"), std::string::npos);
  }
}

TEST_F(TopCommand, OnceIsCutToTheTerminal) {
  serve_node();
  Terminal terminal{true, true, 80, 24, true};
  const auto outcome = mosaic({"top", "--once", "--interval", "200ms"}, terminal);
  EXPECT_LT(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 24);
  EXPECT_NE(outcome.out.find("\x1b[1m"), std::string::npos);
  EXPECT_EQ(outcome.out.find("\x1b[?"), std::string::npos) << "the cursor stays";
}

TEST_F(TopCommand, JsonIsOneObjectOnOneLine) {
  serve_node();
  const auto outcome = mosaic({"top", "--once", "--json", "--interval", "0.2"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 1);
  const auto json = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(json["node"]["name"], "north");
  EXPECT_EQ(json["node"]["status"], "degraded");
  EXPECT_NEAR(json["requests"]["p50_s"].get<double>(), 0.0055, 1e-9);
  EXPECT_EQ(json["routes"][0]["route"], "/api/v1/collections/{name}/search");
  EXPECT_EQ(json["shards"].size(), 3U);
  EXPECT_EQ(json["shards"][0]["error"], "the file is damaged: page 7");
  EXPECT_TRUE(json["ingest"]["log_bytes"].is_null());
  EXPECT_GT(json["interval_s"].get<double>(), 0.15);
}

TEST_F(TopCommand, ANodeWithoutHealthIsSeenAllTheSame) {
  serve([](const test::FakeRequest& request) {
    if (request.target == "/health") return problem_answer(503, "unavailable", "stuck");
    return test::http_answer(200, top::node_text(1));
  });
  const auto outcome = mosaic({"top", "--once", "--interval", "200ms"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("north  unknown"), std::string::npos) << outcome.out;
}

TEST_F(TopCommand, OnceFailsWhenThereIsNothingToRead) {
  serve([](const test::FakeRequest&) { return test::http_answer(200, "<html>"); });
  auto outcome = mosaic({"top", "--once"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(outcome.err.find("mosaic: metrics, line 1: "), 0U) << outcome.err;
  const auto url = "http://127.0.0.1:" + std::to_string(test::free_port());
  outcome = run_mosaic({"top", "--once", "--url", url});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("cannot reach " + url), std::string::npos) << outcome.err;
}

TEST(TopArguments, TheIntervalHasBounds) {
  for (const auto* wrong : {"0.1", "199ms", "61s", "2m", "x", "-1", "1 s", ""}) {
    const auto outcome = run_mosaic({"top", "--interval", wrong});
    EXPECT_EQ(outcome.exit_code, 2) << wrong;
    EXPECT_NE(outcome.err.find("--interval"), std::string::npos) << outcome.err;
  }
}

}  // namespace
}  // namespace mosaic::cli
