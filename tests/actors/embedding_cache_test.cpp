#include "actors/embedding_cache.hpp"

#include "actor_fixture.hpp"
#include "actors/exceptions.hpp"

namespace mosaic::actors {
namespace {

using std::chrono::milliseconds;
using Texts = std::vector<std::string>;

const Error kDown{ErrorCode::kUnavailable, "embedding endpoint is down"};

/// What the fake embedders do, and what they were asked. Outlives them.
struct FakeEndpoint {
  enum class Mode { kAnswer, kFail, kCrash, kSilent } mode = Mode::kAnswer;
  std::vector<Texts> asked;
  std::vector<embedder_actor> started;
};

Vector vector_of(const std::string& text) {
  return {static_cast<float>(text.size()), 1};
}

embedder_actor::behavior_type fake_embedder(embedder_actor::pointer self, FakeEndpoint* endpoint) {
  die_with_reason(self);
  return {
      [=](embed_atom, const embed_request& request) -> caf::result<embed_reply> {
        endpoint->asked.push_back(request.texts);
        if (endpoint->mode == FakeEndpoint::Mode::kSilent)
          return self->make_response_promise<embed_reply>();
        if (endpoint->mode == FakeEndpoint::Mode::kCrash)
          throw Failure(ErrorCode::kInternal, "out of memory");
        if (endpoint->mode == FakeEndpoint::Mode::kFail) return to_caf(kDown);
        embed_reply reply;
        for (const auto& text : request.texts) reply.vectors.push_back(vector_of(text));
        return reply;
      },
      [](fault_atom, const FaultRequest&) {},
  };
}

struct EmbeddingCacheTest : ActorFixture {
  FakeEndpoint endpoint;
  embedding_cache_actor cache;

  void start(std::size_t embedders = 1, text::EmbeddingQueue::Limits limits = {}) {
    embedding_cache_config made;
    made.limits = limits;
    made.embedders = embedders;
    made.start_embedder = [this](caf::scheduled_actor* parent) {
      endpoint.started.push_back(parent->spawn(fake_embedder, &endpoint));
      return endpoint.started.back();
    };
    cache = system.spawn(embedding_cache, made);
    run();
  }

  void TearDown() override {
    caf::anon_send_exit(cache, caf::exit_reason::user_shutdown);
    run();
    endpoint.started.clear();
  }

  embed_request request(Texts texts, milliseconds time = milliseconds(1'000)) {
    return {"openai:http://h", 2, std::move(texts), Deadline::in(system.clock().now(), time)};
  }

  using Pending = decltype(self->request(cache, caf::duration(), embed_atom_v, embed_request{}));

  Pending begin(embed_request asked) {
    return self->request(cache, std::chrono::seconds(3600), embed_atom_v, std::move(asked));
  }

  Result<embed_reply> end(Pending& pending) {
    Result<embed_reply> result = Error{ErrorCode::kInternal, "no answer yet"};
    if (self->mailbox().empty()) return result;
    pending.receive([&](embed_reply& reply) { result = std::move(reply); },
                    [&](caf::error& error) { result = from_caf(error); });
    return result;
  }

  Result<embed_reply> embed(Texts texts) {
    return ask<embed_reply>(cache, embed_atom_v, request(texts));
  }
};

TEST_F(EmbeddingCacheTest, AsksForATextOnceAndRemembersIt) {
  start();
  EXPECT_EQ(embed({"a", "bb", "a"})->vectors,
            (std::vector<Vector>{vector_of("a"), vector_of("bb"), vector_of("a")}));
  EXPECT_EQ(embed({"bb"})->vectors, (std::vector<Vector>{vector_of("bb")}));
  EXPECT_EQ(endpoint.asked, (std::vector<Texts>{{"a", "bb"}}));
}

TEST_F(EmbeddingCacheTest, RequestsAtTheSameTimeShareAText) {
  start(4);
  auto first = begin(request({"a"}));
  auto second = begin(request({"b", "a"}));
  run();
  EXPECT_TRUE(end(first));
  EXPECT_TRUE(end(second));
  EXPECT_EQ(endpoint.asked, (std::vector<Texts>{{"a"}, {"b"}}));
}

TEST_F(EmbeddingCacheTest, ForgetsWhenItsMemoryRunsOut) {
  start(1, {0, 100});
  ASSERT_TRUE(embed({"a"}));
  ASSERT_TRUE(embed({"a"}));
  EXPECT_EQ(endpoint.asked.size(), 2U);
}

TEST_F(EmbeddingCacheTest, PassesOnWhatTheEndpointSaysAndGoesOn) {
  start();
  endpoint.mode = FakeEndpoint::Mode::kFail;
  EXPECT_EQ(embed({"a"}).error(), kDown);
  endpoint.mode = FakeEndpoint::Mode::kAnswer;
  EXPECT_TRUE(embed({"a"}));
  EXPECT_EQ(endpoint.started.size(), 1U);
}

TEST_F(EmbeddingCacheTest, AnEmbedderThatDiesFailsItsRequestsAtOnceAndIsStartedAgain) {
  start();
  endpoint.mode = FakeEndpoint::Mode::kCrash;
  EXPECT_EQ(embed({"a"}).error(),
            (Error{ErrorCode::kUnavailable, "the embedder failed: out of memory"}));
  endpoint.mode = FakeEndpoint::Mode::kAnswer;
  auto waiting = begin(request({"b"}));
  run();
  EXPECT_FALSE(end(waiting));
  pass(milliseconds(20));
  EXPECT_TRUE(end(waiting));
  EXPECT_EQ(endpoint.started.size(), 2U);
}

TEST_F(EmbeddingCacheTest, AnEmbedderThatDiesIdleIsStartedAgain) {
  start(2);
  crash(endpoint.started[0], {ErrorCode::kInternal, "gone"});
  run();
  EXPECT_TRUE(embed({"a"}));
  pass(milliseconds(20));
  EXPECT_EQ(endpoint.started.size(), 3U);
}

TEST_F(EmbeddingCacheTest, EmbeddersThatKeepDyingAreStartedAfterLongerPauses) {
  start();
  for (const auto pause : {20, 40, 80}) {
    crash(endpoint.started.back(), {ErrorCode::kInternal, "gone"});
    run();
    const auto before = endpoint.started.size();
    pass(milliseconds(pause - 1));
    EXPECT_EQ(endpoint.started.size(), before);
    pass(milliseconds(1));
    EXPECT_EQ(endpoint.started.size(), before + 1);
  }
}

TEST_F(EmbeddingCacheTest, RequestsEndAtTheirDeadline) {
  start();
  endpoint.mode = FakeEndpoint::Mode::kSilent;
  auto pending = begin(request({"a"}, milliseconds(100)));
  auto queued = begin(request({"b"}, milliseconds(100)));
  run();
  pass(milliseconds(90));
  EXPECT_EQ(end(pending).error().detail, "no answer yet");
  pass(milliseconds(30));
  EXPECT_EQ(end(pending).error(),
            (Error{ErrorCode::kDeadlineExceeded, "the embedder did not answer in time"}));
  EXPECT_EQ(end(queued).error().code, ErrorCode::kDeadlineExceeded);
  EXPECT_EQ(endpoint.asked.size(), 1U);
}

TEST_F(EmbeddingCacheTest, AnEmbedderThatNeverAnswersIsReplaced) {
  start();
  endpoint.mode = FakeEndpoint::Mode::kSilent;
  auto pending = begin(request({"a"}, milliseconds(100)));
  run();
  pass(milliseconds(200));
  EXPECT_FALSE(end(pending));
  pass(milliseconds(1'000));
  pass(milliseconds(20));
  endpoint.mode = FakeEndpoint::Mode::kAnswer;
  EXPECT_EQ(endpoint.started.size(), 2U);
  EXPECT_TRUE(embed({"b"}));
}

TEST_F(EmbeddingCacheTest, IsOverloadedPastItsLimit) {
  start(1, {1 << 20, 100, 2});
  endpoint.mode = FakeEndpoint::Mode::kSilent;
  auto waiting = begin(request({"a", "b"}));
  EXPECT_EQ(embed({"c"}).error().code, ErrorCode::kOverloaded);
  pass(milliseconds(1'100));
  EXPECT_FALSE(end(waiting));
}

TEST_F(EmbeddingCacheTest, EndsWithItsEmbeddersAndAnswersWhoWaits) {
  start(3);
  endpoint.mode = FakeEndpoint::Mode::kSilent;
  auto waiting = begin(request({"a"}));
  run();
  for (const auto& embedder : endpoint.started) self->monitor(embedder);
  caf::anon_send_exit(cache, caf::exit_reason::user_shutdown);
  run();
  EXPECT_EQ(end(waiting).error(),
            (Error{ErrorCode::kUnavailable, "the part that should answer is down"}));
  for (int i = 0; i < 3; ++i) self->receive([](const caf::down_msg&) {});
}

TEST_F(EmbeddingCacheTest, ACrashTakesTheEmbeddersWithIt) {
  start(2);
  for (const auto& embedder : endpoint.started) self->monitor(embedder);
  caf::anon_send(cache, fault_atom_v, FaultRequest{.part = "embedding"});
  run();
  for (int i = 0; i < 2; ++i) self->receive([](const caf::down_msg&) {});
}

}  // namespace
}  // namespace mosaic::actors
