#include <gtest/gtest.h>

#include "http/job_replies.hpp"
#include "http/json_requests.hpp"
#include "http/router.hpp"
#include "http/routes.hpp"
#include "unit/http/body_errors.hpp"
#include "unit/http/fake_engine.hpp"

namespace mosaic::http {
namespace {

class JobRoutes : public testing::Test {
 protected:
  Response ask(const std::string& method, const std::string& target, const std::string& body = {}) {
    Response answer;
    router.serve({method, target, "application/json", {}, body},
                 [&](const MakeResponse& make) { answer = make(); });
    return answer;
  }

  FakeEngine engine;
  Router router{all_routes(engine, "main")};
};

constexpr auto kRunning =
    R"({"id":"7","kind":"pagerank","state":"running","progress":0.5,"detail":"round 3",)"
    R"("result":null})";

TEST_F(JobRoutes, StartPageRankAndSayWhereTheJobIs) {
  const auto answer = ask("POST", "/api/v1/collections/c/pagerank",
                          R"({"damping":0.5,"iterations":9,"tolerance":1e-3,"weighted":true})");
  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(answer.body, kRunning);
  ASSERT_EQ(answer.headers.size(), 1U);
  EXPECT_EQ(answer.headers[0].name, "Location");
  EXPECT_EQ(answer.headers[0].value, "/api/v1/jobs/7");
  EXPECT_EQ(engine.ranked.collection, "c");
  EXPECT_EQ(engine.ranked.options.damping, 0.5);
  EXPECT_EQ(engine.ranked.options.iterations, 9U);
  EXPECT_EQ(engine.ranked.options.tolerance, 1e-3);
  EXPECT_TRUE(engine.ranked.options.weighted);
}

TEST_F(JobRoutes, StartPageRankWithDefaults) {
  for (const std::string body : {"", "{}"}) {
    engine.ranked.options.iterations = 1;
    EXPECT_EQ(ask("POST", "/api/v1/collections/c/pagerank", body).status, 202);
    EXPECT_EQ(engine.ranked.options.damping, PageRankOptions().damping);
    EXPECT_EQ(engine.ranked.options.iterations, PageRankOptions().iterations);
    EXPECT_EQ(engine.ranked.options.tolerance, PageRankOptions().tolerance);
    EXPECT_FALSE(engine.ranked.options.weighted);
  }
}

TEST_F(JobRoutes, StartReembeddingAndSayWhereTheJobIs) {
  const std::string path = "/api/v1/collections/c/reembed";
  const auto answer = ask("POST", path, R"({"embedder":"hash","dimension":64})");
  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(answer.headers.at(0).value, "/api/v1/jobs/7");
  EXPECT_EQ(engine.reembedded.collection, "c");
  EXPECT_EQ(engine.reembedded.embedder, "hash");
  EXPECT_EQ(engine.reembedded.dimension, 64U);
  EXPECT_EQ(ask("POST", path, R"({"embedder":"builtin"})").status, 202);
  EXPECT_EQ(engine.reembedded.dimension, 0U);
}

TEST(ReembedBody, NamesAnEmbedderAndNothingUnknown) {
  const auto error = [](const std::string& body) {
    return detail_of([&] { read_reembed("c", body); });
  };
  EXPECT_EQ(error("{}"), "embedder is missing");
  EXPECT_EQ(error(R"({"embedder":"hash","dimension":0})"),
            "dimension is 0, expected a whole number from 1 to 65536");
  EXPECT_EQ(error(R"({"embeder":"hash"})"), "field 'embeder' is not known");
}

TEST_F(JobRoutes, ListGetAndCancelJobs) {
  EXPECT_EQ(ask("GET", "/api/v1/jobs").body, std::string(R"({"jobs":[)") + kRunning + "]}");
  const auto found = ask("GET", "/api/v1/jobs/7");
  EXPECT_EQ(found.status, 200);
  EXPECT_EQ(found.body, kRunning);
  EXPECT_EQ(ask("DELETE", "/api/v1/jobs/7").body, kRunning);
  EXPECT_EQ(engine.cancelled, "7");
  engine.error = Error{ErrorCode::kNotFound, "there is no job '8'"};
  EXPECT_EQ(ask("GET", "/api/v1/jobs/8").status, 404);
  EXPECT_EQ(ask("DELETE", "/api/v1/jobs/8").status, 404);
}

TEST(JobReply, HoldsTheResultAsJsonOnceItIsDone) {
  EXPECT_EQ(job_json({"1", "pagerank", JobState::kDone, 1, "", R"({"rounds":12})"}),
            R"({"id":"1","kind":"pagerank","state":"done","progress":1,"detail":"",)"
            R"("result":{"rounds":12}})");
  EXPECT_EQ(jobs_json({}), R"({"jobs":[]})");
}

TEST(PageRankBody, RefusesWhatItDoesNotKnow) {
  const auto error = [](const std::string& body) {
    return detail_of([&] { read_pagerank("c", body); });
  };
  EXPECT_EQ(error(R"({"dumping":0.5})"), "field 'dumping' is not known");
  EXPECT_EQ(error(R"({"damping":"0.5"})"), "damping is \"0.5\", expected a number");
  EXPECT_EQ(error(R"({"iterations":0})"),
            "iterations is 0, expected a whole number from 1 to 10000");
  EXPECT_EQ(error(R"({"weighted":1})"), "weighted is 1, expected true or false");
  EXPECT_NE(error("[]"), "");
}

TEST_F(JobRoutes, InjectFaults) {
  const auto answer = ask("POST", "/api/v1/debug/faults",
                          R"({"part":"searcher","fault":"slow","collection":"c","shard":3,)"
                          R"("duration_ms":500,"count":10})");
  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(answer.body, R"({"injected":true})");
  EXPECT_EQ(engine.injected.part, "searcher");
  EXPECT_EQ(engine.injected.kind, FaultKind::kSlow);
  EXPECT_EQ(engine.injected.collection, "c");
  EXPECT_EQ(engine.injected.shard, ShardId{3});
  EXPECT_EQ(engine.injected.duration_ms, 500U);
  EXPECT_EQ(engine.injected.count, 10U);
}

TEST_F(JobRoutes, RefuseFaultsThatAreSwitchedOff) {
  engine.error = Error{ErrorCode::kPermissionDenied, "debug.fault_injection is off"};
  EXPECT_EQ(ask("POST", "/api/v1/debug/faults", R"({"part":"log","fault":"crash"})").status, 403);
}

TEST(FaultBody, FillsInDefaults) {
  const auto request = read_fault(R"({"part":"log","fault":"crash"})");
  EXPECT_EQ(request.kind, FaultKind::kCrash);
  EXPECT_EQ(request.collection, "");
  EXPECT_EQ(request.duration_ms, 0U);
  EXPECT_EQ(request.count, 1U);
}

TEST(FaultBody, RefusesWhatDoesNotFit) {
  const auto error = [](const std::string& body) { return detail_of([&] { read_fault(body); }); };
  EXPECT_EQ(error(R"({"fault":"crash"})"), "part is missing");
  EXPECT_EQ(error(R"({"part":"log"})"), "fault is missing");
  EXPECT_EQ(error(R"({"part":"log","fault":"burn"})"),
            "fault is \"burn\", expected one of crash, stall, slow, drop");
  EXPECT_EQ(error(R"({"part":"log","fault":"crash","when":1})"), "field 'when' is not known");
  EXPECT_EQ(error(R"({"part":"log","fault":"stall","duration_ms":600001})"),
            "duration_ms is 600001, expected a whole number from 0 to 600000");
  EXPECT_NE(error(R"({"part":"log","fault":"drop","count":0})"), "");
  EXPECT_NE(error(R"({"part":"shard","fault":"drop","shard":1024})"), "");
  EXPECT_NE(error(""), "");
}

}  // namespace
}  // namespace mosaic::http
