#include "base/lru_cache.hpp"

#include <gtest/gtest.h>

namespace mosaic {
namespace {

TEST(LruCache, LetsTheLeastRecentlyUsedGoFirst) {
  LruCache<int> cache(20);
  cache.put("a", 1, 10);
  cache.put("b", 2, 10);
  ASSERT_NE(cache.find("a"), nullptr);
  cache.put("c", 3, 10);
  EXPECT_EQ(cache.peek("b"), nullptr);
  ASSERT_NE(cache.peek("a"), nullptr);
  EXPECT_EQ(*cache.peek("a"), 1);
  EXPECT_EQ(cache.size(), 2U);
  EXPECT_EQ(cache.bytes(), 20U);
}

TEST(LruCache, ALookIsNoUse) {
  LruCache<int> cache(20);
  cache.put("a", 1, 10);
  cache.put("b", 2, 10);
  EXPECT_NE(cache.peek("a"), nullptr);
  cache.put("c", 3, 10);
  EXPECT_EQ(cache.peek("a"), nullptr);
}

TEST(LruCache, OneThatIsLargerThanTheWholeTakesThePlaceOfTheOldOneAndIsNotKept) {
  LruCache<int> cache(20);
  cache.put("a", 1, 20);
  EXPECT_EQ(cache.bytes(), 20U);
  cache.put("a", 2, 21);
  EXPECT_EQ(cache.peek("a"), nullptr);
  EXPECT_EQ(cache.bytes(), 0U);
}

TEST(LruCache, WhatIsNotGoodIsAMiss) {
  CacheChange all;
  const auto watch = [&](const CacheChange& change) {
    all.hits += change.hits;
    all.misses += change.misses;
    all.entries += change.entries;
    all.bytes += change.bytes;
  };
  {
    LruCache<int> cache(20, watch);
    cache.put("a", 1, 7);
    EXPECT_EQ(cache.find("a", [](int value) { return value > 1; }), nullptr);
    EXPECT_NE(cache.find("a", [](int value) { return value == 1; }), nullptr);
    EXPECT_EQ(cache.find("b"), nullptr);
    EXPECT_EQ(all.hits, 1U);
    EXPECT_EQ(all.misses, 2U);
    EXPECT_EQ(all.bytes, 7);
  }
  EXPECT_EQ(all.entries, 0) << "it takes back what it held";
  EXPECT_EQ(all.bytes, 0);
}

}  // namespace
}  // namespace mosaic
