#include "mosaic/fault.hpp"

#include <gtest/gtest.h>

namespace mosaic {
namespace {

std::string refusal(const FaultRequest& request) {
  const auto checked = validate(request);
  return checked ? "none" : checked.error().detail;
}

TEST(Fault, HasAWordForEachKind) {
  EXPECT_EQ(to_string(FaultKind::kCrash), "crash");
  EXPECT_EQ(to_string(FaultKind::kStall), "stall");
  EXPECT_EQ(to_string(FaultKind::kSlow), "slow");
  EXPECT_EQ(to_string(FaultKind::kDrop), "drop");
}

TEST(Fault, MayCrashOrStallEveryPart) {
  for (const std::string part :
       {"log", "supervisor", "coordinator", "ingest", "ranker", "embedding", "jobs", "engine"}) {
    EXPECT_EQ(refusal({.part = part}), "none");
    EXPECT_EQ(refusal({.part = part, .kind = FaultKind::kStall, .duration_ms = 5}), "none");
  }
  EXPECT_EQ(refusal({.part = "shard", .collection = "c"}), "none");
  EXPECT_EQ(refusal({.part = "searcher", .collection = "c"}), "none");
  EXPECT_EQ(refusal({.part = "indexer", .collection = "c"}), "none");
}

TEST(Fault, NamesAPartThatThereIsNot) {
  EXPECT_EQ(refusal({.part = "disk"}),
            "part 'disk' is not one of shard, searcher, indexer, log, supervisor, coordinator, "
            "ingest, ranker, embedding, jobs, engine");
  EXPECT_NE(refusal({}), "none");
}

TEST(Fault, NeedsTheCollectionOfAShard) {
  EXPECT_EQ(refusal({.part = "shard"}), "collection is '', but part 'shard' needs one");
  EXPECT_EQ(refusal({.part = "searcher"}), "collection is '', but part 'searcher' needs one");
}

TEST(Fault, SlowsDownAndDropsOnlyWhereRequestsAreAnswered) {
  for (const auto kind : {FaultKind::kSlow, FaultKind::kDrop}) {
    for (const std::string part : {"shard", "searcher", "coordinator", "ingest"}) {
      EXPECT_EQ(refusal({.part = part, .kind = kind, .collection = "c", .duration_ms = 1}), "none");
    }
    for (const std::string part : {"log", "supervisor", "jobs", "engine"}) {
      EXPECT_NE(refusal({.part = part, .kind = kind, .duration_ms = 1}), "none");
    }
  }
  EXPECT_EQ(refusal({.part = "log", .kind = FaultKind::kDrop}),
            "part 'log' cannot drop, only shard, searcher, coordinator, ingest");
}

TEST(Fault, LastsAsLongAsTheLimitAllows) {
  FaultRequest request{.part = "log", .kind = FaultKind::kStall};
  EXPECT_EQ(refusal(request), "duration_ms is 0, must be 1 to 600000");
  request.duration_ms = kFaultDurationMsMax;
  EXPECT_EQ(refusal(request), "none");
  request.duration_ms = kFaultDurationMsMax + 1;
  EXPECT_EQ(refusal(request), "duration_ms is 600001, must be 1 to 600000");
  request.kind = FaultKind::kCrash;
  EXPECT_EQ(refusal(request), "duration_ms is 600001, must be 0 to 600000");
}

TEST(Fault, MeetsAsManyMessagesAsTheLimitAllows) {
  FaultRequest request{.part = "ingest", .kind = FaultKind::kDrop, .count = 0};
  EXPECT_EQ(refusal(request), "count is 0, must be 1 to 1000000");
  request.count = kFaultCountMax;
  EXPECT_EQ(refusal(request), "none");
  request.count = kFaultCountMax + 1;
  EXPECT_EQ(refusal(request), "count is 1000001, must be 1 to 1000000");
}

}  // namespace
}  // namespace mosaic
