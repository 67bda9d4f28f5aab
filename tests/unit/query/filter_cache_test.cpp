#include "query/filter_cache.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "base/failure.hpp"
#include "fake_rows.hpp"

namespace mosaic::query {
namespace {

constexpr std::size_t kPlenty = 1 << 20;

Filter filter(const std::string& json) {
  return Filter::parse(json).value();
}

FakeRows numbered(int count) {
  FakeRows rows;
  for (int n = 1; n <= count; ++n) rows.add_metadata("{\"n\":" + std::to_string(n) + "}");
  return rows;
}

TEST(FilterCache, AnswersAKnownFilterWithoutLookingAtRows) {
  auto rows = numbered(10);
  FilterCache cache(kPlenty);
  const auto first = cache.rows(filter(R"({"n":{"$gt":4}})"), rows, {});
  EXPECT_EQ(first->count(), 6u);
  EXPECT_EQ(cache.rows(filter(R"({ "n": {"$gt": 4.0} })"), rows, {}), first);
  EXPECT_EQ(rows.visited, 10u);
  EXPECT_EQ(cache.hits(), 1u);
  EXPECT_EQ(cache.misses(), 1u);
}

TEST(FilterCache, LooksOnlyAtRowsWrittenSince) {
  auto rows = numbered(10);
  FilterCache cache(kPlenty);
  const auto before = cache.rows(filter(R"({"n":{"$gt":4}})"), rows, {});
  rows.add_metadata(R"({"n":99})");
  rows.add_metadata(R"({"n":0})");
  const auto after = cache.rows(filter(R"({"n":{"$gt":4}})"), rows, {});
  EXPECT_EQ(rows.visited, 12u);
  EXPECT_TRUE(after->contains(11));
  EXPECT_FALSE(after->contains(12));
  EXPECT_EQ(after->count(), 7u);
  EXPECT_EQ(before->count(), 6u) << "a set that somebody holds must not change";
}

TEST(FilterCache, LeavesANewerResultInPlaceForAnOlderView) {
  auto rows = numbered(10);
  FilterCache cache(kPlenty);
  const auto newer = cache.rows(filter("{}"), rows, {});
  rows.last = 4;
  EXPECT_EQ(cache.rows(filter("{}"), rows, {}), newer);
}

TEST(FilterCache, DropsTheLeastRecentlyUsed) {
  auto rows = numbered(10);
  FilterCache measure(kPlenty);
  measure.rows(filter(R"({"n":1})"), rows, {});
  FilterCache cache(2 * measure.bytes());
  cache.rows(filter(R"({"n":1})"), rows, {});
  cache.rows(filter(R"({"n":2})"), rows, {});
  cache.rows(filter(R"({"n":1})"), rows, {});
  cache.rows(filter(R"({"n":3})"), rows, {});
  const auto misses = cache.misses();
  cache.rows(filter(R"({"n":1})"), rows, {});
  EXPECT_EQ(cache.misses(), misses);
  cache.rows(filter(R"({"n":2})"), rows, {});
  EXPECT_EQ(cache.misses(), misses + 1);
}

TEST(FilterCache, AnswersButDoesNotKeepWhatExceedsItsBytes) {
  auto rows = numbered(10);
  FilterCache cache(10);
  EXPECT_EQ(cache.rows(filter("{}"), rows, {})->count(), 10u);
  EXPECT_EQ(cache.bytes(), 0u);
}

TEST(FilterCache, KeepsNothingOfAFailure) {
  auto rows = numbered(10);
  FilterCache cache(kPlenty);
  const auto late = [] { return TimePoint::max(); };
  EXPECT_THROW(cache.rows(filter(R"({"n":1})"), rows, {}, late), Failure);
  EXPECT_EQ(cache.bytes(), 0u);
  EXPECT_EQ(cache.rows(filter(R"({"n":1})"), rows, {})->count(), 1u);
}

TEST(FilterCache, ServesManyThreadsWithViewsOfTheirOwn) {
  FilterCache cache(4 << 10);
  const auto search = [&cache](int thread) {
    auto rows = numbered(100);
    for (int round = 0; round < 200; ++round) {
      rows.last = 1 + (round * 7 + thread * 13) % 100;
      const auto bound = round % 10;
      const auto found =
          cache.rows(filter("{\"n\":{\"$gt\":" + std::to_string(bound) + "}}"), rows, {});
      std::size_t seen = 0;
      found->for_each_in(1, rows.last, [&](Row) { ++seen; });
      EXPECT_EQ(seen, static_cast<std::size_t>(std::max<Row>(0, rows.last - bound)));
    }
  };
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < 4; ++thread) threads.emplace_back(search, thread);
}

TEST(FilterCache, TellsEveryLookupAndWhatItHolds) {
  auto rows = numbered(10);
  CacheChange all;
  {
    FilterCache cache(kPlenty, [&](const CacheChange& change) {
      all.hits += change.hits;
      all.misses += change.misses;
      all.entries += change.entries;
      all.bytes += change.bytes;
    });
    cache.rows(filter(R"({"n":1})"), rows, {});
    cache.rows(filter(R"({"n":2})"), rows, {});
    cache.rows(filter(R"({"n":1})"), rows, {});
    rows.add_metadata(R"({"n":1})");
    cache.rows(filter(R"({"n":1})"), rows, {});
    EXPECT_EQ(all.hits, 2U);
    EXPECT_EQ(all.misses, 2U);
    EXPECT_EQ(all.entries, 2);
    EXPECT_EQ(static_cast<std::size_t>(all.bytes), cache.bytes());
  }
  EXPECT_EQ(all.entries, 0) << "it takes back what it held";
  EXPECT_EQ(all.bytes, 0);
}

}  // namespace
}  // namespace mosaic::query
