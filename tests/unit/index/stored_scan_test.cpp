#include "index/stored_scan.hpp"

#include <gtest/gtest.h>

#include "base/failure.hpp"

namespace mosaic::index {
namespace {

std::string_view bytes_of(const std::vector<float>& vector) {
  return {reinterpret_cast<const char*>(vector.data()), vector.size() * sizeof(float)};
}

TEST(StoredScan, FindsTheNearestByDistanceThenId) {
  const std::vector<float> query{0, 0};
  StoredScan scan(Metric::kL2, 2, query, 3);
  scan.offer(1, "far", bytes_of({30, 40}));
  scan.offer(2, "z", bytes_of({3, 4}));
  scan.offer(3, "a", bytes_of({4, 3}));
  scan.offer(4, "here", bytes_of({0, 0}));
  scan.offer(5, "further", bytes_of({60, 80}));
  EXPECT_EQ(scan.offered(), 5U);
  const auto found = scan.take();
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].id, "here");
  EXPECT_EQ(found[1].id, "a");
  EXPECT_EQ(found[2].id, "z");
  EXPECT_EQ(found[2].row, 2);
  EXPECT_DOUBLE_EQ(found[2].distance, 5);
}

TEST(StoredScan, ReadsVectorsThatLieAnywhereInMemory) {
  const std::vector<float> query{1, 0};
  StoredScan scan(Metric::kCosine, 2, query, 1);
  const auto shifted = "x" + std::string(bytes_of({0, 2}));
  EXPECT_DOUBLE_EQ(scan.distance("a", std::string_view(shifted).substr(1)), 1);
}

TEST(StoredScan, RefusesVectorsOfAnotherLength) {
  const std::vector<float> query{0, 0};
  StoredScan scan(Metric::kL2, 2, query, 3);
  EXPECT_THROW(scan.offer(1, "a", bytes_of({1, 2, 3})), Failure);
  EXPECT_THROW(StoredScan(Metric::kL2, 3, query, 3), Failure);
}

}  // namespace
}  // namespace mosaic::index
