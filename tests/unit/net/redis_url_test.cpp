#include "net/redis_url.hpp"

#include <gtest/gtest.h>

namespace mosaic::net {
namespace {

TEST(RedisUrl, NamesHostAndPort) {
  const auto url = parse_redis_url("redis://redis.local:6380");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->host, "redis.local");
  EXPECT_EQ(url->port, 6380);
  EXPECT_EQ(url->password, "");
  EXPECT_EQ(url->database, 0U);
}

TEST(RedisUrl, HasDefaults) {
  const auto url = parse_redis_url("redis://cache/");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->host, "cache");
  EXPECT_EQ(url->port, kRedisPort);
}

TEST(RedisUrl, MayHoldALoginAndADatabase) {
  const auto url = parse_redis_url("redis://me:p%40ss%2Fword@[::1]:7000/3");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->host, "::1");
  EXPECT_EQ(url->port, 7000);
  EXPECT_EQ(url->user, "me");
  EXPECT_EQ(url->password, "p@ss/word");
  EXPECT_EQ(url->database, 3U);
  EXPECT_EQ(parse_redis_url("redis://:secret@h")->user, "");
  EXPECT_EQ(parse_redis_url("redis://:secret@h")->password, "secret");
}

TEST(RedisUrl, RefusesAnythingElseWithoutRepeatingIt) {
  for (const auto* text :
       {"", "h:1", "redis://", "redis://:1", "redis://h:", "redis://h:0", "redis://h:65536",
        "redis://h:1x", "redis://h/x", "redis://h/-1", "redis://h/99999999", "rediss://h",
        "redis://me@h", "redis://me:@h", "redis://:%4@h", "redis://:%zz@h", "redis://[::1",
        "redis://[::1]x:1", "redis://h h"}) {
    const auto url = parse_redis_url(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error(),
              invalid("must be redis://HOST:PORT or redis://:PASSWORD@HOST:PORT/DATABASE"));
  }
}

}  // namespace
}  // namespace mosaic::net
