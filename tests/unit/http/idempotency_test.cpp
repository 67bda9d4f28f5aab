#include "http/idempotency.hpp"

#include <gtest/gtest.h>

#include "base/failure.hpp"
#include "http/router.hpp"
#include "http/routes.hpp"
#include "unit/http/fake_engine.hpp"

namespace mosaic::http {
namespace {

constexpr const char* kDocumentsPath = "/api/v1/collections/c/documents";
constexpr const char* kBody = R"({"documents":[{"id":"a"}]})";

struct IdempotencyTest : testing::Test {
  /// The answers of one request, as they come.
  using Answers = std::shared_ptr<std::vector<Response>>;

  Answers begin(const std::string& method, const std::string& target, const std::string& body,
                std::optional<std::string> key) {
    auto answers = std::make_shared<std::vector<Response>>();
    Request request{method, target, "application/json", {}, body};
    request.idempotency_key = std::move(key);
    router.serve(std::move(request),
                 [answers](const MakeResponse& make) { answers->push_back(make()); });
    return answers;
  }
  Response ask(const std::string& method, const std::string& target, const std::string& body,
               std::optional<std::string> key) {
    const auto answers = begin(method, target, body, std::move(key));
    EXPECT_EQ(answers->size(), 1U);
    return answers->empty() ? Response{.status = 0} : answers->front();
  }
  Response write(const std::string& key, const std::string& body = kBody) {
    return ask("POST", kDocumentsPath, body, key);
  }
  std::size_t done() const { return engine.named.size(); }

  FakeEngine engine;
  Router router{all_routes(engine, "main")};
};

TEST_F(IdempotencyTest, ARepeatGetsTheAnswerOfTheFirstAndIsNotDone) {
  const auto first = write("k");
  EXPECT_EQ(first.status, 200);
  const auto again = write("k");
  EXPECT_EQ(done(), 1U);
  EXPECT_EQ(again.status, first.status);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(again.content_type, first.content_type);
}

TEST_F(IdempotencyTest, WithoutAKeyEveryRequestIsDone) {
  ask("POST", kDocumentsPath, kBody, {});
  ask("POST", kDocumentsPath, kBody, {});
  EXPECT_EQ(done(), 2U);
  EXPECT_FALSE(engine.named[0]);
  EXPECT_TRUE(engine.remembered.empty());
}

TEST_F(IdempotencyTest, EveryWriteTellsTheEngineItsName) {
  ask("PUT", "/api/v1/collections/c", "", "k");
  ask("PATCH", "/api/v1/collections/c", R"({"retention_s":0})", "k");
  ask("DELETE", "/api/v1/collections/c", "", "k");
  ask("POST", kDocumentsPath, kBody, "k");
  ask("POST", std::string(kDocumentsPath) + "/delete", R"({"ids":["a"]})", "k");
  ask("DELETE", std::string(kDocumentsPath) + "/a", "", "k");
  ask("PUT", "/api/v1/collections/c/centroids", R"({"centroids":[[1,2]]})", "k");
  ASSERT_EQ(done(), 7U);
  for (std::size_t i = 0; i < done(); ++i) {
    EXPECT_TRUE(engine.named[i]) << i;
    EXPECT_EQ(engine.named[i].window_s, 86'400U);
    for (std::size_t j = 0; j < i; ++j) EXPECT_NE(engine.named[i], engine.named[j]) << i << j;
  }
}

TEST_F(IdempotencyTest, JobsAreStartedOnceAndTheirPlaceIsToldAgain) {
  const auto first = ask("POST", "/api/v1/collections/c/pagerank", "", "k");
  ASSERT_EQ(first.status, 202);
  engine.job.id = "8";
  const auto again = ask("POST", "/api/v1/collections/c/pagerank", "", "k");
  EXPECT_EQ(again.body, first.body);
  ASSERT_EQ(again.headers.size(), 1U);
  EXPECT_EQ(again.headers[0].name, "Location");
  EXPECT_EQ(again.headers[0].value, first.headers.at(0).value);
}

TEST_F(IdempotencyTest, ARequestThatOnlyReadsTakesNoNoticeOfAKey) {
  ask("GET", "/api/v1/collections", "", "not visible");
  ask("POST", "/api/v1/collections/c/search", R"({"query":"x"})", "k");
  ask("POST", "/api/v1/collections/c/search", R"({"query":"x"})", "k");
  EXPECT_EQ(engine.searches.size(), 2U);
  EXPECT_TRUE(engine.remembered.empty());
}

TEST_F(IdempotencyTest, AnotherBodyOrQueryIsRefused) {
  write("k");
  const auto other = write("k", R"({"documents":[{"id":"b"}]})");
  EXPECT_EQ(other.status, 400);
  EXPECT_NE(other.body.find("Idempotency-Key 'k'"), std::string::npos) << other.body;
  EXPECT_EQ(done(), 1U);
}

TEST_F(IdempotencyTest, AnotherPathOrMethodIsAnotherRequest) {
  write("k");
  ask("POST", "/api/v1/collections/d/documents", kBody, "k");
  EXPECT_EQ(done(), 2U);
}

TEST_F(IdempotencyTest, WhatFailedMayBeTriedAgain) {
  engine.error = Error{ErrorCode::kUnavailable, "down"};
  EXPECT_EQ(write("k").status, 503);
  EXPECT_EQ(write("broken", "{").status, 400);
  engine.error.reset();
  EXPECT_EQ(write("k").status, 200);
  EXPECT_EQ(write("broken").status, 200);
}

TEST_F(IdempotencyTest, ARepeatWaitsWhileTheFirstIsUnderWay) {
  engine.hold_upserts = true;
  const auto first = begin("POST", kDocumentsPath, kBody, "k");
  const auto second = begin("POST", kDocumentsPath, kBody, "k");
  const auto other = begin("POST", kDocumentsPath, R"({"documents":[]})", "k");
  ASSERT_EQ(other->size(), 1U);
  EXPECT_EQ(other->front().status, 400);
  EXPECT_TRUE(first->empty());
  EXPECT_TRUE(second->empty());
  ASSERT_EQ(engine.held_upserts.size(), 1U);
  engine.held_upserts[0](UpsertReply{1, 5, true});
  ASSERT_EQ(first->size(), 1U);
  ASSERT_EQ(second->size(), 1U);
  EXPECT_EQ(second->front().body, first->front().body);
}

TEST_F(IdempotencyTest, AFailureIsToldToAllWhoWait) {
  engine.hold_upserts = true;
  const auto first = begin("POST", kDocumentsPath, kBody, "k");
  const auto second = begin("POST", kDocumentsPath, kBody, "k");
  engine.held_upserts.at(0)(Error{ErrorCode::kUnavailable, "down"});
  EXPECT_EQ(first->at(0).status, 503);
  EXPECT_EQ(second->at(0).status, 503);
  begin("POST", kDocumentsPath, kBody, "k");
  EXPECT_EQ(engine.held_upserts.size(), 2U) << "from then on it is tried anew";
}

TEST_F(IdempotencyTest, AKeyIsOneTo255VisibleAsciiCharacters) {
  for (const std::string& key :
       {std::string(), std::string(256, 'k'), std::string("a b"), std::string("a\x7f"),
        std::string("a\tb"), std::string("\xc3\xa9"), std::string("a, b")}) {
    const auto answer = write(key);
    EXPECT_EQ(answer.status, 400) << key;
    EXPECT_NE(answer.body.find("Idempotency-Key is '"), std::string::npos) << answer.body;
  }
  EXPECT_EQ(done(), 0U);
  for (const std::string& key : {std::string("!"), std::string(255, '~'), std::string("\"a\"")})
    EXPECT_EQ(write(key).status, 200) << key;
}

TEST_F(IdempotencyTest, WhereItIsNotKnownWhetherItWasDoneItIsNotDoneAgain) {
  engine.recall_error = Error{ErrorCode::kCorruptData, "the catalog is damaged"};
  EXPECT_EQ(write("k").status, 503);
  EXPECT_EQ(done(), 0U);
  engine.recall_error.reset();
  EXPECT_EQ(write("k").status, 200);
}

TEST_F(IdempotencyTest, WhatWasDoneIsAnsweredThoughItCannotBeRemembered) {
  engine.remember_error = Error{ErrorCode::kUnavailable, "the disk is full"};
  EXPECT_EQ(write("k").status, 200);
}

TEST(RequestIdOf, IsAFunctionOfMethodPathAndKey) {
  const auto id = request_id("POST", "/a/b?x=1", "k", 60);
  EXPECT_EQ(id, request_id("POST", "/a/b?x=2", "k", 60));
  EXPECT_NE(id, request_id("PUT", "/a/b", "k", 60));
  EXPECT_NE(id, request_id("POST", "/a/c", "k", 60));
  EXPECT_NE(id, request_id("POST", "/a/b", "l", 60));
  EXPECT_EQ(id.window_s, 60U);
  EXPECT_TRUE(id);
}

}  // namespace
}  // namespace mosaic::http
