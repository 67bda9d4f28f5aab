#include "base/row_set.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace mosaic {
namespace {

std::set<Row> members(const RowSet& rows) {
  std::set<Row> found;
  rows.for_each([&](Row row) { found.insert(row); });
  return found;
}

TEST(RowSet, HoldsRangesThatCrossWords) {
  RowSet rows;
  rows.insert_range(60, 200);
  EXPECT_EQ(rows.count(), 141U);
  EXPECT_TRUE(rows.contains(60));
  EXPECT_FALSE(rows.contains(59));
  EXPECT_FALSE(rows.contains(201));
}

TEST(RowSet, VisitsOnlyTheWantedRange) {
  RowSet rows;
  rows.insert_range(1, 300);
  std::size_t visited = 0;
  rows.for_each_in(64, 127, [&](Row) { ++visited; });
  EXPECT_EQ(visited, 64U);
}

TEST(RowSet, EqualsSetAlgebraOnRandomSets) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 200; ++round) {
    RowSet a;
    RowSet b;
    std::set<Row> expect_and;
    std::set<Row> expect_or;
    std::set<Row> expect_minus;
    for (Row row = 1; row < 400; ++row) {
      const bool in_a = random() % 3 == 0;
      const bool in_b = random() % 5 == 0 && row < 250;
      if (in_a) a.insert(row);
      if (in_b) b.insert(row);
      if (in_a && in_b) expect_and.insert(row);
      if (in_a || in_b) expect_or.insert(row);
      if (in_a && !in_b) expect_minus.insert(row);
    }
    auto both = a;
    auto either = b;
    auto rest = a;
    EXPECT_EQ(members(both &= b), expect_and);
    EXPECT_EQ(members(either |= a), expect_or);
    EXPECT_EQ(members(rest -= b), expect_minus);
  }
}

}  // namespace
}  // namespace mosaic
