#include <gtest/gtest.h>

#include <limits>

#include "http/centroid_replies.hpp"
#include "http/json_requests.hpp"
#include "http/router.hpp"
#include "http/routes.hpp"
#include "unit/http/body_errors.hpp"
#include "unit/http/fake_engine.hpp"

namespace mosaic::http {
namespace {

constexpr auto kPath = "/api/v1/collections/c/centroids";
constexpr auto kPresent =
    R"({"centroids":[[1,2.5],[-3,0]],"seq":8,"settled":false,"recall":[0.75,1]})";

class CentroidRoutes : public testing::Test {
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

TEST_F(CentroidRoutes, TellTheCentroids) {
  const auto answer = ask("GET", kPath);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, kPresent);
  EXPECT_EQ(engine.centred.collection, "c");
  engine.error = invalid("collection 'c' is routed by hash");
  EXPECT_EQ(ask("GET", kPath).status, 400);
}

TEST_F(CentroidRoutes, SetCentroidsByHand) {
  const auto answer = ask("PUT", kPath, R"({"centroids":[[1,-0.5],[3e2,4]]})");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, kPresent);
  EXPECT_EQ(engine.centred.collection, "c");
  EXPECT_EQ(engine.centred.vectors, (std::vector<Vector>{{1, -0.5}, {300, 4}}));
  engine.error = Error{ErrorCode::kDimensionMismatch, "centroids[0].vector has 2 dimensions"};
  EXPECT_EQ(ask("PUT", kPath, R"({"centroids":[[1,2]]})").status, 400);
}

TEST_F(CentroidRoutes, StartTrainingAndSayWhereTheJobIs) {
  const auto answer = ask("POST", std::string(kPath) + "/train",
                          R"({"sample":50,"iterations":3,"seed":18446744073709551615})");
  EXPECT_EQ(answer.status, 202);
  ASSERT_EQ(answer.headers.size(), 1U);
  EXPECT_EQ(answer.headers[0].name, "Location");
  EXPECT_EQ(answer.headers[0].value, "/api/v1/jobs/7");
  EXPECT_EQ(engine.trained.collection, "c");
  EXPECT_EQ(engine.trained.options.sample, 50U);
  EXPECT_EQ(engine.trained.options.iterations, 3U);
  EXPECT_EQ(engine.trained.options.seed, std::numeric_limits<std::uint64_t>::max());
}

TEST_F(CentroidRoutes, StartTrainingWithDefaults) {
  for (const std::string body : {"", "{}"}) {
    engine.trained.options = {1, 1, 1};
    EXPECT_EQ(ask("POST", std::string(kPath) + "/train", body).status, 202);
    EXPECT_EQ(engine.trained.options.sample, TrainOptions().sample);
    EXPECT_EQ(engine.trained.options.iterations, TrainOptions().iterations);
    EXPECT_EQ(engine.trained.options.seed, TrainOptions().seed);
  }
}

TEST(CentroidReply, SaysThatThereAreNone) {
  EXPECT_EQ(centroids_json({}), R"({"centroids":[],"seq":0,"settled":true,"recall":[]})");
}

TEST(CentroidBody, RefusesWhatDoesNotFit) {
  const auto error = [](const std::string& body) {
    return detail_of([&] { read_centroids("c", body); });
  };
  EXPECT_EQ(error("{}"), "centroids is missing");
  EXPECT_EQ(error(R"({"centroids":[[1]],"seq":1})"), "field 'seq' is not known");
  EXPECT_EQ(error(R"({"centroids":[1]})"), "centroids[0] is 1, expected an array");
  EXPECT_EQ(error(R"({"centroids":[[1],[]]})"), "centroids[1] is empty");
  EXPECT_EQ(error(R"({"centroids":[[1],[2,"NaN"]]})"),
            "centroids[1][1] is \"NaN\", expected a number");
  EXPECT_EQ(error(R"({"centroids":[[1e39]]})"),
            "centroids[0][0] is 1e39, not a finite 32-bit number");
  EXPECT_EQ(error(R"({"centroids":null})"), "centroids is null, expected an array");
  EXPECT_NE(error(""), "");
  std::string many = "[1]";
  for (std::uint32_t i = 0; i < kShardsMax; ++i) many += ",[1]";
  EXPECT_EQ(error(R"({"centroids":[)" + many + "]}"), "centroids has more than 1024 vectors");
}

TEST(TrainBody, RefusesWhatDoesNotFit) {
  const auto error = [](const std::string& body) {
    return detail_of([&] { read_train("c", body); });
  };
  EXPECT_EQ(error(R"({"sample":0})"), "sample is 0, expected a whole number from 1 to 100000");
  EXPECT_EQ(error(R"({"sample":100001})"),
            "sample is 100001, expected a whole number from 1 to 100000");
  EXPECT_EQ(error(R"({"iterations":0})"),
            "iterations is 0, expected a whole number from 1 to 1000");
  EXPECT_NE(error(R"({"seed":-1})"), "");
  EXPECT_NE(error(R"({"seed":1.5})"), "");
  EXPECT_EQ(error(R"({"clusters":3})"), "field 'clusters' is not known");
  EXPECT_NE(error("[]"), "");
}

}  // namespace
}  // namespace mosaic::http
