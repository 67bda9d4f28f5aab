#include "replication/log_floor.hpp"

#include <gtest/gtest.h>

namespace mosaic::replication {
namespace {

constexpr CollectionId kOne{1};
constexpr CollectionId kTwo{2};

TEST(LogFloor, IsTheEndWhenNothingIsUnsaved) {
  EXPECT_EQ(LogFloor().floor(9), 9U);
}

TEST(LogFloor, StaysAtTheShardThatIsFurthestBehind) {
  LogFloor floor;
  floor.saved(kOne, {0}, 7);
  floor.saved(kOne, {1}, 4);
  floor.written(kOne, 8);
  EXPECT_EQ(floor.floor(9), 4U);
}

TEST(LogFloor, TakesNoNoticeOfShardsThatHaveSavedAll) {
  LogFloor floor;
  floor.saved(kOne, {0}, 3);
  floor.written(kOne, 3);
  floor.saved(kTwo, {0}, 5);
  floor.written(kTwo, 8);
  EXPECT_EQ(floor.floor(9), 5U);
}

TEST(LogFloor, HoldsForACatalogEntryThatIsBeingApplied) {
  LogFloor floor;
  floor.catalog_begun(6);
  EXPECT_EQ(floor.floor(9), 5U);
  floor.catalog_done(6);
  EXPECT_EQ(floor.floor(9), 9U);
}

TEST(LogFloor, ForgetsADroppedCollection) {
  LogFloor floor;
  floor.saved(kOne, {0}, 0);
  floor.written(kOne, 8);
  floor.dropped(kOne);
  EXPECT_EQ(floor.floor(9), 9U);
}

}  // namespace
}  // namespace mosaic::replication
