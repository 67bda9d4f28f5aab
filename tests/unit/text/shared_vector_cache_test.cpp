#include "text/shared_vector_cache.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "base/checksum.hpp"
#include "base/wire.hpp"
#include "support/fake_store.hpp"
#include "text/cached_endpoint.hpp"

namespace mosaic::text {
namespace {

using std::chrono::milliseconds;
using Found = std::vector<std::optional<Vector>>;
using Texts = std::vector<std::string>;

const std::string kEmbedder = "openai:http://host#model";
const Error kSlow{ErrorCode::kDeadlineExceeded, "no answer in time"};
const Error kDown{ErrorCode::kUnavailable, "connection refused"};

struct SharedVectorCacheTest : testing::Test {
  SharedVectorCache open() {
    return {std::make_unique<test::FakeStore>(server), breaker, {milliseconds(50), 60}, [this] {
              return now;
            }};
  }
  Deadline in(milliseconds time) const { return Deadline::in(now, time); }

  Found get(const Texts& texts, milliseconds time = milliseconds(1'000)) {
    return cache.get(kEmbedder, 2, texts, in(time));
  }
  void put(const Texts& texts, const std::vector<Vector>& vectors) {
    cache.put(kEmbedder, 2, texts, vectors, in(milliseconds(1'000)));
  }

  TimePoint now{std::chrono::hours(1)};
  test::FakeServer server;
  std::shared_ptr<CircuitBreaker> breaker = std::make_shared<CircuitBreaker>();
  SharedVectorCache cache = open();
};

TEST_F(SharedVectorCacheTest, GivesOthersWhatWasPut) {
  put({"a", "b"}, {{1, 2}, {3, 4}});
  EXPECT_EQ(server.ttl_s, 60U);
  auto other = open();
  EXPECT_EQ(other.get(kEmbedder, 2, {"b", "c", "a"}, in(milliseconds(1'000))),
            (Found{Vector{3, 4}, std::nullopt, Vector{1, 2}}));
  EXPECT_EQ(other.take_lookups(), (SharedLookups{2, 1, 0}));
  EXPECT_EQ(other.take_lookups(), SharedLookups{});
}

TEST_F(SharedVectorCacheTest, NoTextLeavesTheNode) {
  put({"a secret"}, {{1, 2}});
  ASSERT_EQ(server.values.size(), 1U);
  for (const auto& [key, value] : server.values) {
    EXPECT_EQ(key.size(), std::string("mosaic:v1:").size() + 64);
    EXPECT_EQ((key + value).find("secret"), std::string::npos);
  }
}

TEST_F(SharedVectorCacheTest, AnotherEmbedderOrDimensionIsAnotherKey) {
  put({"a"}, {{1, 2}});
  const auto time = in(milliseconds(1'000));
  EXPECT_EQ(cache.get(kEmbedder + "2", 2, {"a"}, time), Found{std::nullopt});
  EXPECT_EQ(cache.get(kEmbedder, 3, {"a"}, time), Found{std::nullopt});
}

TEST_F(SharedVectorCacheTest, TheFormatThatNodesShareDoesNotChange) {
  EXPECT_EQ(shared_key("openai:http://h#m", 2, "a"),
            "mosaic:v1:8a1aa4dabf9c7416402f34568fa478958dd96016b1617adb7da564527e74a591");
  const std::string numbers("\x02\0\0\0\0\0\x80\x3f\0\0\x20\xc0", 12);
  EXPECT_EQ(encode_shared("k", {1, -2.5F}), numbers + to_bytes(checksum(numbers, checksum("k"))));
}

TEST_F(SharedVectorCacheTest, AnyDamageMakesAMiss) {
  put({"a"}, {{1, 2}});
  const auto [key, whole] = *server.values.begin();
  for (std::size_t i = 0; i < whole.size(); ++i) {
    auto& value = server.values[key] = whole;
    value[i] = static_cast<char>(value[i] ^ 1);
    EXPECT_EQ(get({"a"}), Found{std::nullopt}) << "byte " << i;
    value = whole.substr(0, i);
    EXPECT_EQ(get({"a"}), Found{std::nullopt}) << "cut to " << i;
  }
  server.values[key] = whole + '\0';
  EXPECT_EQ(get({"a"}), Found{std::nullopt});
  EXPECT_EQ(cache.take_lookups(), (SharedLookups{0, 2 * whole.size() + 1, 0}));
  server.values[key] = whole;
  EXPECT_EQ(get({"a"}), (Found{Vector{1, 2}}));
}

TEST_F(SharedVectorCacheTest, AWholeValueThatDoesNotFitIsAMiss) {
  const auto key = shared_key(kEmbedder, 2, "a");
  const auto nan = std::numeric_limits<float>::quiet_NaN();
  const auto infinity = std::numeric_limits<float>::infinity();
  for (const auto& vector :
       std::vector<Vector>{{1}, {1, 2, 3}, {}, {0, 0}, {1, nan}, {infinity, 1}}) {
    server.values[key] = encode_shared(key, vector);
    EXPECT_EQ(get({"a"}), Found{std::nullopt});
  }
  server.values[key] = encode_shared(shared_key(kEmbedder, 2, "b"), {1, 2});
  EXPECT_EQ(get({"a"}), Found{std::nullopt}) << "it was put under another key";
}

TEST_F(SharedVectorCacheTest, AFailureCostsItsTimeOnceAndThenTheStoreIsLeftAlone) {
  server.failure = kSlow;
  server.on_call = [this](milliseconds budget) { now += budget; };
  const auto begin = now;
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(get({"a", "b"}), (Found{std::nullopt, std::nullopt}));
    put({"a"}, {{1, 2}});
  }
  EXPECT_EQ(now - begin, milliseconds(50));
  EXPECT_EQ(cache.take_lookups(), (SharedLookups{0, 0, 10}));
  auto other = open();
  other.get(kEmbedder, 2, {"a"}, in(milliseconds(1'000)));
  EXPECT_EQ(server.budgets.size(), 1U) << "the others are told";
}

TEST_F(SharedVectorCacheTest, ComesBackAfterThePause) {
  server.failure = kDown;
  get({"a"});
  now += milliseconds(1'000);
  get({"a"});
  now += milliseconds(1'000);
  get({"a"});
  EXPECT_EQ(server.budgets.size(), 2U) << "the second pause is longer";
  server.failure.reset();
  now += milliseconds(1'000);
  put({"a"}, {{1, 2}});
  EXPECT_EQ(get({"a"}), (Found{Vector{1, 2}}));
}

TEST_F(SharedVectorCacheTest, AFailureToPutIsNoLookupButTheStoreIsLeftAlone) {
  get({"a", "b"});
  server.failure = kDown;
  put({"a", "b"}, {{1, 2}, {3, 4}});
  EXPECT_EQ(cache.take_lookups(), (SharedLookups{0, 2, 0}));
  get({"a"});
  EXPECT_EQ(server.budgets.size(), 2U);
}

TEST_F(SharedVectorCacheTest, TakesHalfOfTheTimeThatIsLeftAtMost) {
  get({"a"}, milliseconds(1'000));
  get({"a"}, milliseconds(60));
  EXPECT_EQ(server.budgets, (std::vector<milliseconds>{milliseconds(50), milliseconds(30)}));
  get({"a"}, milliseconds(1));
  get({"a"}, milliseconds(0));
  EXPECT_EQ(server.budgets.size(), 2U);
}

TEST_F(SharedVectorCacheTest, ARequestInAHurryDoesNotCondemnTheStore) {
  server.failure = kSlow;
  get({"a"}, milliseconds(20));
  server.failure.reset();
  get({"a"});
  EXPECT_EQ(cache.take_lookups(), (SharedLookups{0, 1, 1}));
}

TEST_F(SharedVectorCacheTest, RequestsInAHurryTogetherLoseNoMoreThanOneThatIsNot) {
  server.failure = kSlow;
  server.on_call = [this](milliseconds budget) { now += budget; };
  const auto begin = now;
  for (int i = 0; i < 20; ++i) get({"a"}, milliseconds(40));
  EXPECT_EQ(now - begin, milliseconds(60)) << "three of 20 ms reach the 50 ms";
  now += milliseconds(1'000);
  get({"a"}, milliseconds(40));
  get({"a"}, milliseconds(40));
  EXPECT_EQ(server.budgets.size(), 4U) << "one in each pause finds out";
}

TEST_F(SharedVectorCacheTest, AnAnswerForgivesTheTimeThatWasLost) {
  for (int i = 0; i < 4; ++i) {
    server.failure = kSlow;
    get({"a"}, milliseconds(80));
    server.failure.reset();
    get({"a"});
  }
  EXPECT_EQ(cache.take_lookups(), (SharedLookups{0, 4, 4}));
}

/// An endpoint that makes vectors of the lengths of texts.
struct CachedEndpointTest : SharedVectorCacheTest {
  CachedEndpoint::Vectors ask(const EmbeddingRequest& request) {
    asked.push_back(request.texts);
    if (failure) return *failure;
    std::vector<Vector> vectors;
    for (const auto& text : request.texts) vectors.push_back(vector_of(text));
    return vectors;
  }
  static Vector vector_of(const std::string& text) { return {static_cast<float>(text.size()), 1}; }

  CachedEndpoint endpoint(bool shared = true) {
    std::optional<SharedVectorCache> used;
    if (shared) used = open();
    return {std::move(used), [this](const EmbeddingRequest& request) { return ask(request); }};
  }
  EmbeddingRequest request(Texts texts, std::uint32_t dimension = 2) const {
    return {kEmbedder, dimension, std::move(texts), in(milliseconds(1'000))};
  }

  std::vector<Texts> asked;
  std::optional<Error> failure;
};

TEST_F(CachedEndpointTest, AsksOnlyForWhatIsMissing) {
  auto first = endpoint();
  auto second = endpoint();
  ASSERT_TRUE(first.embed(request({"bb", "dddd"})));
  const auto vectors = second.embed(request({"a", "bb", "ccc", "dddd"}));
  ASSERT_TRUE(vectors);
  EXPECT_EQ(*vectors, (std::vector<Vector>{{1, 1}, {2, 1}, {3, 1}, {4, 1}}));
  EXPECT_EQ(asked, (std::vector<Texts>{{"bb", "dddd"}, {"a", "ccc"}}));
  EXPECT_EQ(second.take_lookups(), (SharedLookups{2, 2, 0}));
}

TEST_F(CachedEndpointTest, WhatTheCacheHasNeedsNoEndpoint) {
  auto shared = endpoint();
  ASSERT_TRUE(shared.embed(request({"a"})));
  failure = kDown;
  EXPECT_TRUE(shared.embed(request({"a"})));
  EXPECT_EQ(shared.embed(request({"a", "b"})).error(), kDown);
}

TEST_F(CachedEndpointTest, NothingIsKeptOfAFailure) {
  failure = kDown;
  EXPECT_FALSE(endpoint().embed(request({"a"})));
  EXPECT_TRUE(server.values.empty());
}

TEST_F(CachedEndpointTest, AStoreThatIsAwayIsAsIfThereWereNone) {
  server.failure = kDown;
  auto shared = endpoint();
  EXPECT_EQ(*shared.embed(request({"a", "bb"})), (std::vector<Vector>{{1, 1}, {2, 1}}));
  EXPECT_EQ(shared.take_lookups(), (SharedLookups{0, 0, 2}));
}

TEST_F(CachedEndpointTest, WithoutACacheOrADimensionAllIsAskedFor) {
  EXPECT_TRUE(endpoint(false).embed(request({"a"})));
  EXPECT_TRUE(endpoint().embed(request({"a"}, 0)));
  EXPECT_EQ(asked.size(), 2U);
  EXPECT_TRUE(server.budgets.empty());
}

}  // namespace
}  // namespace mosaic::text
