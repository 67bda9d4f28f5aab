#include "cluster/purge_plan.hpp"

#include <gtest/gtest.h>

namespace mosaic::cluster {
namespace {

using Question = PurgePlan::Question;

constexpr std::int64_t kNow = 1'000'000'000;

TEST(PurgePlan, AsksForEachCollectionByItsOwnRetention) {
  PurgePlan plan;
  plan.begin({{{1}, 3'600}, {{2}, 0}}, kNow);
  EXPECT_EQ(plan.question(), (Question{{1}, kNow - 3'600'000}));
  EXPECT_FALSE(plan.answered({0, 0}));
  EXPECT_EQ(plan.question(), (Question{{2}, kNow - kPurgeGraceMs}));
  EXPECT_FALSE(plan.answered({0}));
  EXPECT_FALSE(plan.question());
}

TEST(PurgePlan, GoesOnWithACollectionUntilNoShardHasAnythingLeft) {
  PurgePlan plan;
  plan.begin({{{1}, 60}}, kNow);
  for (const auto left : {2'000U, 1'000U, 1U}) {
    const auto purge = plan.answered({0, left});
    ASSERT_TRUE(purge);
    EXPECT_EQ(*purge, (Purge{kNow - 60'000, kPurgeVersionsMax}));
    EXPECT_EQ(plan.question(), (Question{{1}, kNow - 60'000}));
  }
  EXPECT_FALSE(plan.answered({0, 0}));
  EXPECT_FALSE(plan.question());
}

TEST(PurgePlan, ACollectionThatFailsDoesNotHoldUpTheOthers) {
  PurgePlan plan;
  plan.begin({{{1}, 60}, {{2}, 60}}, kNow);
  plan.give_up();
  EXPECT_EQ(plan.question()->collection, CollectionId{2});
}

TEST(PurgePlan, ShardsThatDoNotAnswerAreNoReasonToPurge) {
  PurgePlan plan;
  plan.begin({{{1}, 60}}, kNow);
  EXPECT_FALSE(plan.answered({}));
  EXPECT_FALSE(plan.question());
}

TEST(PurgePlan, ARoundThatIsUnderWayIsNotBegunAnew) {
  PurgePlan plan;
  plan.begin({{{1}, 60}}, kNow);
  plan.begin({{{2}, 60}}, kNow + 1);
  EXPECT_EQ(plan.question(), (Question{{1}, kNow - 60'000}));
  plan.give_up();
  EXPECT_FALSE(plan.question());
  EXPECT_FALSE(plan.answered({5}));
  plan.begin({{{2}, 60}}, kNow + 1);
  EXPECT_EQ(plan.question()->collection, CollectionId{2});
}

}  // namespace
}  // namespace mosaic::cluster
