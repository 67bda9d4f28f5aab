#include "index/graph/walk_plan.hpp"

#include <gtest/gtest.h>

namespace mosaic::index {
namespace {

TEST(WalkPlan, ScansWhereThatCostsLess) {
  const Selection all{200'000, 200'000, 32, 10, 100};
  EXPECT_EQ(first_beam(all), 100U);
  EXPECT_TRUE(walk_pays(all, 100));
  Selection few = all;
  few.matches = 200;
  EXPECT_FALSE(walk_pays(few, first_beam(few)));
  const Selection small{1'000, 1'000, 32, 10, 100};
  EXPECT_FALSE(walk_pays(small, first_beam(small)));
}

TEST(WalkPlan, MakesRoomForMoreThanEfMatches) {
  const Selection half{200'000, 100'000, 32, 10, 100};
  EXPECT_EQ(first_beam(half), 250U);
  EXPECT_TRUE(walk_pays(half, 250));
  EXPECT_GT(250 / 2, enough_matches(half));
}

TEST(WalkPlan, LooksFirstWhereThatIsCheap) {
  const Selection tenth{1'000'000, 100'000, 32, 10, 40};
  EXPECT_EQ(first_beam(tenth), 40U);
  EXPECT_EQ(enough_matches(tenth), 28U);
  EXPECT_EQ(wider_beam(tenth, 40, 4), 580U) << "as many match as were to be expected";
  EXPECT_EQ(wider_beam(tenth, 40, 27), 69U) << "matches are near";
  EXPECT_TRUE(walk_pays(tenth, 69));
  EXPECT_EQ(wider_beam(tenth, 40, 0), tenth.nodes) << "matches are far";
  EXPECT_FALSE(walk_pays(tenth, tenth.nodes));
}

TEST(WalkPlan, WidensAlways) {
  Selection selection{10'000, 5'000, 32, 10, 10};
  for (std::size_t matches = 0; matches <= 10; ++matches) {
    for (const std::size_t beam : {10, 100, 9'999})
      EXPECT_GT(wider_beam(selection, beam, matches), beam);
  }
}

}  // namespace
}  // namespace mosaic::index
