#include "net/redis_client.hpp"

#include <gtest/gtest.h>

#include <future>

#include "support/fake_http_server.hpp"
#include "support/fake_redis.hpp"

namespace mosaic::net {
namespace {

using std::chrono::milliseconds;
using test::FakeRedis;
using test::redis_values;
using test::RedisCommand;

/// Nobody waits for it; it only ends a test that hangs.
constexpr milliseconds kLong{20'000};
constexpr milliseconds kShort{60};

const std::string kBinary("\0\r\n$5\xff", 6);

RedisUrl at(const std::string& host, std::uint16_t port) {
  RedisUrl url;
  url.host = host;
  url.port = port;
  return url;
}

struct RedisClientTest : testing::Test {
  std::string handle(const RedisCommand& command) {
    const std::lock_guard lock(mutex);
    commands.push_back(command);
    return answer(command);
  }

  void answer_with(std::function<std::string(const RedisCommand&)> given) {
    const std::lock_guard lock(mutex);
    answer = std::move(given);
  }

  std::mutex mutex;
  std::vector<RedisCommand> commands;
  std::function<std::string(const RedisCommand&)> answer = [](const auto&) { return "+OK\r\n"; };
  FakeRedis server{[this](const auto& command) { return handle(command); }};
  RedisClient client{at("127.0.0.1", server.port())};

  std::string named(const std::string& what) const {
    return "redis 127.0.0.1:" + std::to_string(server.port()) + ": " + what;
  }
};

TEST_F(RedisClientTest, ReadsAllKeysAtOnceWhateverBytesTheyHave) {
  answer_with([](const auto&) { return redis_values({"one", std::nullopt, kBinary, ""}); });
  const auto values = client.get({"a", "b", kBinary, ""}, kLong);
  ASSERT_TRUE(values) << values.error().detail;
  EXPECT_EQ(*values, (SharedStore::Values{"one", std::nullopt, kBinary, ""}));
  EXPECT_EQ(commands, (std::vector<RedisCommand>{{"MGET", "a", "b", kBinary, ""}}));
}

TEST_F(RedisClientTest, WritesEachEntryWithItsTime) {
  ASSERT_TRUE(client.put({{"a", kBinary}, {"b", ""}}, 60, kLong));
  EXPECT_EQ(commands, (std::vector<RedisCommand>{{"SET", "a", kBinary, "EX", "60"},
                                                 {"SET", "b", "", "EX", "60"}}));
}

TEST_F(RedisClientTest, CarriesLargeValuesBothWays) {
  const std::string large(std::size_t{3} << 20, 'x');
  ASSERT_TRUE(client.put({{"a", large}}, 60, kLong));
  EXPECT_EQ(commands[0][2].size(), large.size());
  answer_with([&](const auto&) { return redis_values({large}); });
  const auto values = client.get({"a"}, kLong);
  ASSERT_TRUE(values);
  EXPECT_EQ(values->at(0), large);
}

TEST_F(RedisClientTest, AsksNothingForNothing) {
  EXPECT_TRUE(client.get({}, kLong));
  EXPECT_TRUE(client.put({}, 60, kLong));
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(RedisClientTest, LogsInOnceAndReadsItsDatabase) {
  auto url = at("127.0.0.1", server.port());
  url.password = "secret";
  url.database = 3;
  RedisClient known(url);
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(known.put({{"a", "b"}}, 60, kLong));
  EXPECT_EQ(commands, (std::vector<RedisCommand>{{"AUTH", "secret"},
                                                 {"SELECT", "3"},
                                                 {"SET", "a", "b", "EX", "60"},
                                                 {"SET", "a", "b", "EX", "60"}}));
  commands.clear();
  url.user = "me";
  ASSERT_TRUE(RedisClient(url).put({{"a", "b"}}, 60, kLong));
  EXPECT_EQ(commands.at(0), (RedisCommand{"AUTH", "me", "secret"}));
}

TEST_F(RedisClientTest, SaysThatItWasNotLetInAndNotByWhichPassword) {
  answer_with([](const auto&) { return "-WRONGPASS invalid password\r\n"; });
  auto url = at("127.0.0.1", server.port());
  url.password = "secret";
  RedisClient stranger(url);
  const auto put = stranger.put({{"a", "b"}}, 60, kLong);
  EXPECT_EQ(put.error(),
            (Error{ErrorCode::kUnavailable, named("AUTH: WRONGPASS invalid password")}));
}

TEST_F(RedisClientTest, KeepsItsConnection) {
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(client.put({{"a", "b"}}, 60, kLong));
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(RedisClientTest, ConnectsAgainWhenAnIdleConnectionIsGone) {
  ASSERT_TRUE(client.put({{"a", "b"}}, 60, kLong));
  server.close_connections();
  ASSERT_TRUE(client.put({{"a", "b"}}, 60, kLong));
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(RedisClientTest, AServerThatClosesEveryConnectionIsUnavailable) {
  answer_with([](const auto&) { return ""; });
  EXPECT_EQ(client.get({"a"}, kLong).error(),
            (Error{ErrorCode::kUnavailable, named("the connection was closed")}));
  answer_with([](const auto&) { return redis_values({"b"}); });
  EXPECT_TRUE(client.get({"a"}, kLong));
}

TEST_F(RedisClientTest, PassesOnWhatRedisRefuses) {
  answer_with([](const auto&) { return "-NOAUTH Authentication required.\r\n"; });
  EXPECT_EQ(client.get({"a"}, kLong).error(),
            (Error{ErrorCode::kUnavailable, named("MGET: NOAUTH Authentication required.")}));
  answer_with([](const auto& command) { return command[1] == "a" ? "-OOM full\r\n" : "+OK\r\n"; });
  EXPECT_EQ(client.put({{"a", "b"}, {"c", "d"}}, 60, kLong).error(),
            (Error{ErrorCode::kUnavailable, named("SET: OOM full")}));
  answer_with([](const auto&) { return redis_values({"b"}); });
  EXPECT_EQ(client.get({"a"}, kLong)->at(0), "b") << "answers and questions belong together";
}

TEST_F(RedisClientTest, NonsenseIsUnavailable) {
  for (const std::string nonsense :
       {"HTTP/1.1 400 Bad Request\r\n\r\n", ":5\r\n", "*1\r\n$1\r\nx\r\n", "*-1\r\n", "$-1\r\n"}) {
    answer_with([nonsense](const auto&) { return nonsense; });
    EXPECT_EQ(client.get({"a", "b"}, kLong).error().code, ErrorCode::kUnavailable) << nonsense;
  }
}

TEST_F(RedisClientTest, AKeyThatHoldsNoStringHasNoValue) {
  answer_with([](const auto&) { return "*3\r\n:7\r\n*0\r\n$1\r\nx\r\n"; });
  EXPECT_EQ(*client.get({"a", "b", "c"}, kLong),
            (SharedStore::Values{std::nullopt, std::nullopt, "x"}));
}

TEST_F(RedisClientTest, ASilentServerCostsTheBudgetAndItsLateAnswerIsNobodys) {
  std::promise<void> over;
  auto released = over.get_future().share();
  answer_with([&](const auto&) {
    released.wait();
    return redis_values({"late"});
  });
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(client.get({"a"}, kShort).error(),
            (Error{ErrorCode::kDeadlineExceeded, named("no answer in time")}));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, kLong / 2);
  over.set_value();
  answer_with([](const auto&) { return redis_values({"new"}); });
  EXPECT_EQ(client.get({"a"}, kLong)->at(0), "new");
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(RedisClientTest, HalfAnAnswerCostsTheBudgetToo) {
  answer_with([](const auto&) { return "*1\r\n$5\r\nab"; });
  EXPECT_EQ(client.get({"a"}, kShort).error().code, ErrorCode::kDeadlineExceeded);
}

TEST(RedisClient, AServerThatIsDownIsUnavailable) {
  const auto port = static_cast<std::uint16_t>(test::free_port());
  RedisClient client(at("127.0.0.1", port));
  EXPECT_EQ(client.get({"a"}, kLong).error(),
            (Error{ErrorCode::kUnavailable,
                   "redis 127.0.0.1:" + std::to_string(port) + ": Connection refused"}));
}

TEST(RedisClient, WithoutTimeItFailsAtOnce) {
  FakeRedis server([](const auto&) { return "+OK\r\n"; });
  RedisClient client(at("127.0.0.1", server.port()));
  EXPECT_EQ(client.put({{"a", "b"}}, 1, milliseconds(0)).error().code,
            ErrorCode::kDeadlineExceeded);
}

TEST(RedisClient, TriesAllAddressesOfAHost) {
  // "localhost" may be ::1 first, where the server does not listen.
  FakeRedis server([](const auto&) { return redis_values({"b"}); });
  RedisClient client(at("localhost", server.port()));
  const auto values = client.get({"a"}, kLong);
  ASSERT_TRUE(values) << values.error().detail;
  EXPECT_EQ(values->at(0), "b");
}

TEST(HostLookup, GivesNumbersBackAtOnce) {
  for (const std::string address : {"127.0.0.1", "::1"}) {
    HostLookup host(address);
    EXPECT_EQ(*host.addresses(milliseconds(0)), std::vector<std::string>{address});
  }
}

TEST(HostLookup, ALookupThatTakesTooLongGoesOn) {
  HostLookup host("localhost");
  auto found = host.addresses(milliseconds(0));
  if (!found) {
    EXPECT_EQ(found.error().code, ErrorCode::kDeadlineExceeded);
    found = host.addresses(kLong);
  }
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_FALSE(found->empty());
}

TEST(HostLookup, NamesAHostThatIsNot) {
  HostLookup host("host name with blanks");
  const auto found = host.addresses(kLong);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().detail.find("cannot resolve 'host name with blanks': "), 0U);
}

}  // namespace
}  // namespace mosaic::net
