#include "text/openai_embedder.hpp"

#include <gtest/gtest.h>

#include <future>

#include "support/fake_http_server.hpp"
#include "text/embedding_reply.hpp"

namespace mosaic::text {
namespace {

using std::chrono::milliseconds;
using test::http_answer;

/// Time that passes by pauses alone.
struct FakeTime {
  TimePoint now{std::chrono::hours(1)};
  std::vector<milliseconds> pauses;

  WaitingClock clock() {
    return {[this] { return now; },
            [this](milliseconds time) {
              pauses.push_back(time);
              now += time;
            }};
  }
  Deadline in(milliseconds time) const { return Deadline::in(now, time); }
};

const std::string kTwo = R"({"object":"list","data":[{"index":1,"embedding":[0,1]},)"
                         R"({"index":0,"embedding":[0.5,2e-1]}],"model":"m","usage":{}})";

/// A server that gives the answers in turn, the last one again and again.
struct OpenAiEmbedderTest : testing::Test {
  std::string answer(const test::FakeRequest& request) {
    const std::lock_guard lock(mutex);
    requests.push_back(request);
    return answers[std::min(requests.size(), answers.size()) - 1];
  }

  Result<std::vector<Vector>> ask(std::vector<std::string> given, std::uint32_t dimension = 0,
                                  milliseconds time = milliseconds(60'000)) {
    answers = std::move(given);
    OpenAiEmbedder embedder({"secret-key", 10'000, 3}, time_.clock());
    return embedder.embed(endpoint(), dimension, {"a", "b\"\n"}, time_.in(time));
  }

  Endpoint endpoint() const { return parse_endpoint("openai:" + server.url() + "#m"); }
  std::string named(const std::string& what) const {
    return "embedding endpoint " + server.url() + "/v1/embeddings: " + what;
  }

  std::mutex mutex;
  std::vector<std::string> answers;
  std::vector<test::FakeRequest> requests;
  FakeTime time_;
  test::FakeHttpServer server{[this](const auto& request) { return answer(request); }};
};

TEST_F(OpenAiEmbedderTest, AsksAsOpenAiDoesAndOrdersByIndex) {
  const auto vectors = ask({http_answer(200, kTwo)}, 2);
  ASSERT_TRUE(vectors) << vectors.error().detail;
  EXPECT_EQ(*vectors, (std::vector<Vector>{{0.5F, 0.2F}, {0, 1}}));
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_EQ(requests[0].method, "POST");
  EXPECT_EQ(requests[0].target, "/v1/embeddings");
  EXPECT_EQ(requests[0].body, R"({"model":"m","input":["a","b\"\n"]})");
  EXPECT_NE(requests[0].head.find("Authorization: Bearer secret-key\r\n"), std::string::npos);
  EXPECT_NE(requests[0].head.find("Content-Type: application/json\r\n"), std::string::npos);
}

TEST_F(OpenAiEmbedderTest, SendsNoKeyWhereThereIsNone) {
  answers = {http_answer(200, kTwo)};
  OpenAiEmbedder embedder({});
  ASSERT_TRUE(embedder.embed(endpoint(), 2, {"a", "b"},
                             Deadline::in(std::chrono::steady_clock::now(), milliseconds(60'000))));
  EXPECT_EQ(requests[0].head.find("Authorization"), std::string::npos);
}

TEST_F(OpenAiEmbedderTest, TriesAgainAfterPausesThatDouble) {
  ASSERT_TRUE(ask({http_answer(500, ""), http_answer(429, ""), http_answer(200, kTwo)}));
  EXPECT_EQ(time_.pauses, (std::vector<milliseconds>{milliseconds(200), milliseconds(400)}));
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(OpenAiEmbedderTest, WaitsAsLongAsTheEndpointAsksFor) {
  ASSERT_TRUE(ask({http_answer(429, "", "Retry-After: 7\r\n"), http_answer(200, kTwo)}));
  EXPECT_EQ(time_.pauses, (std::vector<milliseconds>{milliseconds(7'000)}));
}

TEST_F(OpenAiEmbedderTest, DoesNotWaitForWhatComesTooLate) {
  const auto vectors = ask({http_answer(429, R"({"error":{"message":"slow down"}})",
                                        "Retry-After: 99999999999999\r\n")});
  EXPECT_EQ(vectors.error(),
            (Error{ErrorCode::kUnavailable, named("answered 429; it said: slow down")}));
  EXPECT_FALSE(ask({http_answer(503, "", "Retry-After: 60\r\n")}));
  EXPECT_EQ(requests.size(), 2U);
  EXPECT_TRUE(time_.pauses.empty());
}

TEST_F(OpenAiEmbedderTest, GivesUpAfterItsAttempts) {
  const auto vectors = ask({http_answer(503, "out of\r\norder")});
  EXPECT_EQ(vectors.error(),
            (Error{ErrorCode::kUnavailable, named("answered 503; it said: out of  order")}));
  EXPECT_EQ(requests.size(), 3U);
}

TEST_F(OpenAiEmbedderTest, DoesNotRepeatWhatWasRefused) {
  for (const int status : {301, 400, 401, 404}) {
    requests.clear();
    const auto vectors = ask({http_answer(status, R"({"error":{"message":"no secret-key"}})")});
    EXPECT_EQ(vectors.error(),
              (Error{ErrorCode::kUnavailable,
                     named("answered " + std::to_string(status) + "; it said: no ***")}));
    EXPECT_EQ(requests.size(), 1U);
  }
}

TEST_F(OpenAiEmbedderTest, NamesWhatIsWrongWithAnAnswer) {
  const auto vectors = ask({http_answer(200, kTwo)}, 3);
  EXPECT_EQ(vectors.error(),
            (Error{ErrorCode::kUnavailable,
                   named("the answer is wrong: data[0].embedding has 2 dimensions, expected 3")}));
  EXPECT_EQ(requests.size(), 1U);
}

TEST_F(OpenAiEmbedderTest, AnAnswerThatBreaksOffIsTriedAgain) {
  ASSERT_TRUE(ask({"", http_answer(200, kTwo)}));
}

TEST_F(OpenAiEmbedderTest, WithoutTimeNothingIsAsked) {
  const auto vectors = ask({http_answer(200, kTwo)}, 0, milliseconds(0));
  EXPECT_EQ(vectors.error().code, ErrorCode::kDeadlineExceeded);
  EXPECT_TRUE(requests.empty());
}

TEST(OpenAiEmbedder, ASlowEndpointIsDeadlineExceeded) {
  std::promise<void> over;
  test::FakeHttpServer server([&](const auto&) {
    over.get_future().wait();
    return std::string();
  });
  FakeTime time;
  OpenAiEmbedder embedder({"", 50, 3}, time.clock());
  const auto vectors = embedder.embed(parse_endpoint("openai:" + server.url()), 0, {"a"},
                                      time.in(milliseconds(1'000)));
  over.set_value();
  EXPECT_EQ(vectors.error().code, ErrorCode::kDeadlineExceeded);
  EXPECT_TRUE(time.pauses.empty());
}

TEST(OpenAiEmbedder, AnEndpointThatIsDownIsUnavailable) {
  FakeTime time;
  OpenAiEmbedder embedder({"", 1'000, 3}, time.clock());
  const auto url = "http://127.0.0.1:" + std::to_string(test::free_port());
  const auto vectors =
      embedder.embed(parse_endpoint("openai:" + url), 0, {"a"}, time.in(milliseconds(10'000)));
  EXPECT_EQ(vectors.error(), (Error{ErrorCode::kUnavailable, "embedding endpoint " + url +
                                                                 "/v1/embeddings: cannot "
                                                                 "reach " +
                                                                 url + ": connection refused"}));
  EXPECT_EQ(time.pauses.size(), 2U);
}

TEST(OpenAiEmbedder, NoKeyInAQueryIsShown) {
  FakeTime time;
  OpenAiEmbedder embedder({"", 1'000, 1}, time.clock());
  const Endpoint endpoint{"http://host:99999/v1?key=SECRET", "m"};
  const auto vectors = embedder.embed(endpoint, 0, {"a"}, time.in(milliseconds(1'000)));
  EXPECT_EQ(vectors.error(), (Error{ErrorCode::kUnavailable,
                                    "embedding endpoint http://host:99999/v1: url "
                                    "'http://host:99999/v1' is not an address"}));
}

struct WrongReply {
  std::string body;
  std::string detail;
};

TEST(EmbeddingReply, EverythingIsChecked) {
  const std::vector<WrongReply> wrong = {
      {"", "it is not valid JSON: Empty: no JSON found"},
      {"[]", "it has no array 'data'"},
      {R"({"data":{}})", "it has no array 'data'"},
      {R"({"data":[{"index":0,"embedding":[1]}]})", "it has 1 vectors for 2 texts"},
      {R"({"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[1]}]})",
       "data[1].index is missing, past the end or there twice"},
      {R"({"data":[{"index":0,"embedding":[1]},{"index":2,"embedding":[1]}]})",
       "data[1].index is missing, past the end or there twice"},
      {R"({"data":[{"embedding":[1]},{"index":1,"embedding":[1]}]})",
       "data[0].index is missing, past the end or there twice"},
      {R"({"data":[{"index":0,"embedding":"AAAA"},{"index":1,"embedding":[1]}]})",
       "data[0].embedding is not an array"},
      {R"({"data":[{"index":0,"embedding":[]},{"index":1,"embedding":[1]}]})",
       "data[0].embedding has 0 numbers, must be 1 to 65536"},
      {R"({"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[1e39]}]})",
       "data[1].embedding[0] is not a finite 32-bit number"},
      {R"({"data":[{"index":0,"embedding":[1,null]},{"index":1,"embedding":[1]}]})",
       "data[0].embedding[1] is not a finite 32-bit number"},
      {R"({"data":[{"index":0,"embedding":[1,"2"]},{"index":1,"embedding":[1]}]})",
       "data[0].embedding[1] is not a finite 32-bit number"},
      {R"({"data":[{"index":0,"embedding":[0,0]},{"index":1,"embedding":[1,1]}]})",
       "data[0].embedding is zero"},
      {R"({"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[1,2]}]})",
       "data[1].embedding has 2 dimensions, expected 1"},
  };
  for (const auto& [body, detail] : wrong) {
    const auto vectors = read_embeddings(body, 2, 0);
    ASSERT_FALSE(vectors) << body;
    EXPECT_EQ(vectors.error(), (Error{ErrorCode::kUnavailable, detail}));
  }
}

TEST(EmbeddingReply, QuotesWhatAnEndpointComplainsOf) {
  EXPECT_EQ(read_complaint(R"({"error":{"message":"a\nb"}})", ""), "a b");
  EXPECT_EQ(read_complaint(R"({"error":"a"})", ""), "a");
  EXPECT_EQ(read_complaint(R"({"detail":"a"})", ""), "a");
  EXPECT_EQ(read_complaint(R"({"error":{"code":5}})", ""), R"({"error":{"code":5}})");
  EXPECT_EQ(read_complaint("a\xff", ""), "a?");
  EXPECT_EQ(read_complaint("key kkey k", "k"), "***ey ******ey ***");
  EXPECT_EQ(read_complaint(std::string(300, 'x'), ""), std::string(kQuotedBytesMax, 'x'));
  EXPECT_EQ(read_complaint(std::string(199, 'x') + "ü", ""), std::string(199, 'x'));
}

}  // namespace
}  // namespace mosaic::text
