// Random documents and random filters: the real evaluation by scan, by index and by a cache that is
// extended in steps must all say what the naive one says.
#include <gtest/gtest.h>

#include <cstdlib>

#include "fake_rows.hpp"
#include "query/filter_cache.hpp"
#include "random_json.hpp"

namespace mosaic::query {
namespace {

constexpr Row kRows = 120;

/// MOSAIC_TEST_SEED repeats a run that failed.
std::uint64_t first_seed() {
  const auto* given = std::getenv("MOSAIC_TEST_SEED");
  return given ? std::strtoull(given, nullptr, 10) : 1;
}

std::vector<Row> listed(const RowSet& rows, Row last = kRows) {
  std::vector<Row> list;
  rows.for_each_in(1, last, [&](Row row) { list.push_back(row); });
  return list;
}

void fill(FakeRows& rows, RandomJson& random) {
  for (Row row = 0; row < kRows; ++row) rows.add(random.document());
}

std::vector<Row> by_oracle(const naive::Json& filter, const FakeRows& rows) {
  std::vector<Row> list;
  for (Row row = 1; row <= rows.last_row(); ++row) {
    if (naive::matches(filter, rows.document(row))) list.push_back(row);
  }
  return list;
}

class FilterProperty : public testing::TestWithParam<std::uint64_t> {
 protected:
  FilterProperty() : seed_(first_seed() + GetParam()), random_(seed_) { fill(rows_, random_); }

  const std::uint64_t seed_;
  RandomJson random_;
  FakeRows rows_;
};

TEST_P(FilterProperty, EveryWayToEvaluateAgreesWithTheNaiveOne) {
  SCOPED_TRACE("MOSAIC_TEST_SEED=" + std::to_string(seed_));
  for (int round = 0; round < 300; ++round) {
    const auto json = random_.filter(2);
    const auto filter = Filter::parse(json.dump());
    ASSERT_TRUE(filter.ok()) << json << ": " << filter.error().detail;
    const auto expected = by_oracle(json, rows_);
    rows_.indexed = {};
    ASSERT_EQ(listed(matching_rows(*filter, rows_, 0, {})), expected) << json;
    rows_.indexed = {"a", "a.b", "$id"};
    ASSERT_EQ(listed(matching_rows(*filter, rows_, 0, {})), expected) << json;
    rows_.indexed = {"a", "b", "c", "a.a", "a.b", "b.c", "c.c", "$title"};
    ASSERT_EQ(listed(matching_rows(*filter, rows_, 0, {})), expected) << json;
  }
}

TEST_P(FilterProperty, TheCanonicalTextMeansTheSame) {
  SCOPED_TRACE("MOSAIC_TEST_SEED=" + std::to_string(seed_));
  for (int round = 0; round < 300; ++round) {
    const auto json = random_.filter(2);
    const auto filter = Filter::parse(json.dump());
    ASSERT_TRUE(filter.ok()) << json;
    const auto again = Filter::parse(filter->canonical());
    ASSERT_TRUE(again.ok()) << filter->canonical() << ": " << again.error().detail;
    ASSERT_EQ(again->canonical(), filter->canonical());
    ASSERT_EQ(listed(matching_rows(*again, rows_, 0, {})), by_oracle(json, rows_)) << json;
  }
}

TEST_P(FilterProperty, ACacheExtendedInStepsAgreesWithTheNaiveOne) {
  SCOPED_TRACE("MOSAIC_TEST_SEED=" + std::to_string(seed_));
  FilterCache cache(16 << 10);
  rows_.indexed = {"a", "$id"};
  std::vector<naive::Json> filters;
  for (int i = 0; i < 30; ++i) filters.push_back(random_.filter(1));
  for (int round = 0; round < 600; ++round) {
    const auto& json = filters[random_.below(filters.size())];
    rows_.last = static_cast<Row>(random_.below(kRows + 1));
    const auto found = cache.rows(*Filter::parse(json.dump()), rows_, {});
    ASSERT_EQ(listed(*found, rows_.last), by_oracle(json, rows_)) << json;
    ASSERT_LE(cache.bytes(), 16u << 10);
  }
  EXPECT_GT(cache.hits(), 0u);
  EXPECT_GT(cache.misses(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, FilterProperty, testing::Range<std::uint64_t>(0, 8));

}  // namespace
}  // namespace mosaic::query
