#include "index/vector_set.hpp"

#include <gtest/gtest.h>

#include <numeric>

#include "base/failure.hpp"
#include "unit/index/vectors.hpp"
#include "unit/index/views.hpp"

namespace mosaic::index {
namespace {

using namespace test;

std::vector<Row> rows_of(const Result<std::vector<Neighbor>>& found) {
  std::vector<Row> rows;
  for (const auto& neighbor : found.value()) rows.push_back(neighbor.row);
  return rows;
}

/// Row n has the vector (n, 0).
VectorSet line(Row rows) {
  VectorSet set(Metric::kL2, 2);
  for (Row row = 1; row <= rows; ++row) {
    set.append(row, "r" + std::to_string(row), Vector{static_cast<float>(row), 0});
  }
  return set;
}

std::vector<Row> nearest(const VectorView& view, float x, std::size_t k,
                         const RowSet* filter = nullptr) {
  return rows_of(neighbors(view, Vector{x, 0}, k, filter));
}

TEST(VectorSet, FindsTheNearestFirst) {
  const auto set = line(3'000);
  const auto found = neighbors(set.view(1), Vector{1'500.25, 0}, 3);
  EXPECT_EQ(rows_of(found), (std::vector<Row>{1'500, 1'501, 1'499}));
  EXPECT_EQ(found->front().id, "r1500");
  EXPECT_EQ(found->front().distance, 0.25);
}

TEST(VectorSet, GivesNoMoreThanThereIs) {
  EXPECT_TRUE(nearest(line(0).view(1), 0, 10).empty());
  EXPECT_TRUE(nearest(line(5).view(1), 0, 0).empty());
  EXPECT_EQ(nearest(line(5).view(1), 0, 10'000).size(), 5U);
}

TEST(VectorSet, BreaksTiesByIdForAnyK) {
  constexpr std::size_t kRows = 2'500;
  VectorSet set(Metric::kCosine, 3);
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < kRows; ++i) {
    ids.push_back(id_of(i));
    set.append(static_cast<Row>(i + 1), ids.back(), Vector{1, 2, 3});
  }
  std::sort(ids.begin(), ids.end());
  for (const std::size_t k : {1UL, 2UL, 10UL, 1'023UL, 1'024UL, 1'025UL, kRows - 1, kRows}) {
    const auto found = neighbors(set.view(1), Vector{3, 2, 1}, k);
    ASSERT_EQ(found->size(), k);
    for (std::size_t i = 0; i < k; ++i) ASSERT_EQ((*found)[i].id, ids[i]) << "k " << k;
  }
}

TEST(VectorSet, HidesARowFromTheSeqOnThatEndsIt) {
  auto set = line(3);
  set.end(2, 7);
  EXPECT_EQ(nearest(set.view(6), 2, 1), std::vector<Row>{2});
  EXPECT_EQ(nearest(set.view(7), 2, 3), (std::vector<Row>{1, 3}));
  EXPECT_EQ(set.view(6).live(), 3U);
  EXPECT_EQ(set.view(7).live(), 2U);
  EXPECT_EQ(set.live(), 2U);
  EXPECT_EQ(set.size(), 3U);
  EXPECT_FALSE(holds(set.view(7), 2, Vector{0, 0}));
}

TEST(VectorSet, IgnoresTheEndOfRowsItDoesNotHaveAndSecondEnds) {
  auto set = line(3);
  set.end(0, 5);
  set.end(99, 5);
  EXPECT_EQ(set.live(), 3U);
  set.end(1, 5);
  set.end(1, 9);
  EXPECT_EQ(set.live(), 2U);
  EXPECT_EQ(set.view(5).live(), 2U);
}

TEST(VectorSet, LeavesAViewAsItWasTaken) {
  auto set = std::make_unique<VectorSet>(line(1'500));
  const auto view = set->view(10);
  for (Row row = 1'501; row <= 5'000; ++row) set->append(row, "later", Vector{0.5, 0});
  for (Row row = 1; row <= 1'500; ++row) set->end(row, 11);
  const auto expect_unchanged = [&] {
    EXPECT_EQ(nearest(view, 0.5, 3), (std::vector<Row>{1, 2, 3}));
    EXPECT_EQ(nearest(view, 0, 10'000).size(), 1'500U);
    EXPECT_EQ(view.live(), 1'500U);
    EXPECT_FALSE(holds(view, 1'501, Vector{0, 0}));
  };
  expect_unchanged();
  EXPECT_EQ(set->view(11).live(), 3'500U);
  set.reset();
  expect_unchanged();
}

TEST(VectorSet, AnswersForSingleRows) {
  VectorSet set(Metric::kL1, 2);
  set.append(3, "a", Vector{1, 2});
  set.append(8, "b", Vector{3, 4});
  const auto view = set.view(1);
  EXPECT_EQ(view.distance(3, Vector{0, 0}).value(), 3);
  EXPECT_EQ(view.distance(8, Vector{0, 0}).value(), 7);
  EXPECT_FALSE(holds(view, 8, Vector{0}));
  for (const Row row : {-1, 0, 2, 5, 9, 1'000'000}) EXPECT_FALSE(holds(view, row, Vector{0, 0}));
}

TEST(VectorSet, FiltersByRowsWithAndWithoutVectors) {
  VectorSet set(Metric::kL2, 1);
  for (Row row = 10; row <= 9'000; row += row % 3 == 0 ? 4 : 1) {
    set.append(row, std::to_string(row), Vector{static_cast<float>(row)});
  }
  RowSet filter;
  for (const Row row : {0, 9, 11, 12, 13, 4'000, 8'999, 9'000, 70'000}) filter.insert(row);
  std::vector<Row> expected;
  filter.for_each([&](Row row) {
    if (holds(set.view(1), row, Vector{0})) expected.push_back(row);
  });
  ASSERT_GE(expected.size(), 2U);
  EXPECT_EQ(rows_of(neighbors(set.view(1), Vector{0}, 100, &filter)), expected);
}

TEST(VectorSet, FindsNothingUnderAnEmptyFilter) {
  const RowSet none;
  EXPECT_TRUE(nearest(line(2'000).view(1), 5, 10, &none).empty());
}

TEST(VectorSet, StopsAtTheDeadline) {
  const auto set = line(2'000);
  const Deadline gone{TimePoint::min()};
  const auto found = neighbors(set.view(1), Vector{1, 0}, 1, nullptr, gone);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::kDeadlineExceeded);
  const auto later = Deadline::in(std::chrono::steady_clock::now(), std::chrono::hours(1));
  EXPECT_TRUE(neighbors(set.view(1), Vector{1, 0}, 1, nullptr, later));
}

TEST(VectorSet, RefusesAQueryOfAnotherDimension) {
  const auto found = neighbors(line(1).view(1), Vector{1, 2, 3}, 1);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::kDimensionMismatch);
  EXPECT_EQ(found.error().detail, "the query vector has 3 dimensions, the stored vectors have 2");
}

TEST(VectorSet, RefusesRowsOutOfOrderAndForeignDimensions) {
  auto set = line(3);
  EXPECT_THROW(set.append(3, "again", Vector{0, 0}), Failure);
  EXPECT_THROW(set.append(2, "before", Vector{0, 0}), Failure);
  EXPECT_THROW(set.append(4, "short", Vector{0}), Failure);
  EXPECT_EQ(set.size(), 3U);
}

TEST(VectorSet, CompactsAwayWhatEndedAndKeepsTheRest) {
  auto set = line(4'000);
  for (Row row = 1; row <= 4'000; ++row) {
    if (row % 10 != 0) set.end(row, row <= 2'000 ? 50 : 60);
  }
  const auto before = set.view(55);
  const auto after = set.view(60);
  const auto bytes = set.bytes();
  EXPECT_EQ(set.tail_ended(), 3'600U);
  set.compact(50);
  EXPECT_EQ(set.size(), 2'200U);
  EXPECT_EQ(set.live(), 400U);
  EXPECT_EQ(set.tail_ended(), 1'800U);
  EXPECT_LT(set.bytes(), bytes);
  EXPECT_EQ(nearest(set.view(55), 0, 5'000), nearest(before, 0, 5'000));
  EXPECT_EQ(nearest(set.view(60), 0, 5'000), nearest(after, 0, 5'000));
}

TEST(VectorSet, CountsItsBytes) {
  EXPECT_EQ(line(0).bytes(), 0U);
  const auto bytes = line(1'000).bytes();
  EXPECT_GE(bytes, 1'000 * 2 * sizeof(float));
  EXPECT_LT(bytes, 1'000 * 100U);
}

TEST(VectorSet, HoldsTheLargestDimension) {
  VectorSet set(Metric::kL2, kDimensionMax);
  for (Row row = 1; row <= 20; ++row) {
    set.append(row, std::to_string(row), Vector(kDimensionMax, static_cast<float>(row)));
  }
  const auto found = neighbors(set.view(1), Vector(kDimensionMax, 20), 2);
  EXPECT_EQ(rows_of(found), (std::vector<Row>{20, 19}));
  EXPECT_EQ((*found)[1].distance, 256);
}

}  // namespace
}  // namespace mosaic::index
