#include <algorithm>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "http/router.hpp"
#include "http/routes.hpp"
#include "unit/http/fake_engine.hpp"

namespace mosaic::http {
namespace {

class MetricsRoute : public testing::Test {
 protected:
  Response scrape() {
    Response answer;
    router.serve({"GET", "/metrics", {}, {}, {}},
                 [&](const MakeResponse& make) { answer = make(); });
    return answer;
  }

  /// The lines of a scrape that are no comments; their order within a family is not promised.
  std::set<std::string> samples() {
    std::set<std::string> found;
    std::istringstream text(scrape().body);
    for (std::string line; std::getline(text, line);)
      if (!line.starts_with('#')) found.insert(line);
    return found;
  }

  FakeEngine engine;
  Router router{all_routes(engine, "main")};
};

TEST_F(MetricsRoute, TellsHowAHealthyNodeIs) {
  engine.health_now.uptime_s = 1.5;
  EXPECT_EQ(samples(),
            (std::set<std::string>{
                R"(mosaic_info{node="n1",version="0.1.0"} 1)", "mosaic_uptime_seconds 1.5",
                R"(mosaic_shards{state="up"} 1)", R"(mosaic_shards{state="starting"} 0)",
                R"(mosaic_shards{state="down"} 0)", R"(mosaic_shards{state="parked"} 0)",
                R"(mosaic_jobs{state="running"} 1)", R"(mosaic_jobs{state="done"} 0)",
                R"(mosaic_jobs{state="failed"} 0)", R"(mosaic_jobs{state="cancelled"} 0)"}));
}

TEST_F(MetricsRoute, AnswersInPrometheusTextFormat) {
  const auto answer = scrape();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_NE(answer.body.find("# TYPE mosaic_shards gauge\n"), std::string::npos);
}

TEST_F(MetricsRoute, NamesShardsThatFailAndCountsEachInOneState) {
  engine.health_now.shards_up = 5;
  engine.health_now.shards_down = 3;
  engine.health_now.failing = {{"c", {0}, ShardState::kParked, "damaged"},
                               {"c", {7}, ShardState::kParked, "damaged"},
                               {"d", {1}, ShardState::kStarting, ""}};
  const auto found = samples();
  for (const std::string line :
       {R"(mosaic_shards{state="up"} 5)", R"(mosaic_shards{state="parked"} 2)",
        R"(mosaic_shards{state="starting"} 1)", R"(mosaic_shards{state="down"} 0)",
        R"(mosaic_shard_up{collection="c",shard="0"} 0)",
        R"(mosaic_shard_up{collection="c",shard="7"} 0)",
        R"(mosaic_shard_up{collection="d",shard="1"} 0)"}) {
    EXPECT_TRUE(found.contains(line)) << line;
  }
}

TEST_F(MetricsRoute, EscapesLabelValues) {
  engine.health_now.node = "a\"b\\c\nmosaic_up 1";
  EXPECT_TRUE(samples().contains(R"(mosaic_info{node="a\"b\\c\nmosaic_up 1",version="0.1.0"} 1)"));
}

TEST_F(MetricsRoute, FailsAsAProblemWithoutHealth) {
  engine.health_error = Error{ErrorCode::kUnavailable, "the supervisor is down"};
  const auto answer = scrape();
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.content_type, "application/problem+json");
}

TEST_F(MetricsRoute, LeavesJobsOutWhileTheyAreDown) {
  engine.error = Error{ErrorCode::kUnavailable, "jobs are down"};
  const auto found = samples();
  EXPECT_TRUE(found.contains(R"(mosaic_shards{state="up"} 1)"));
  EXPECT_TRUE(std::none_of(found.begin(), found.end(),
                           [](const auto& line) { return line.starts_with("mosaic_jobs"); }));
}

}  // namespace
}  // namespace mosaic::http
