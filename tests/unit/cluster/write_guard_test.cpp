#include "cluster/write_guard.hpp"

#include <gtest/gtest.h>

namespace mosaic::cluster {
namespace {

constexpr std::uint64_t kMiB = 1 << 20;
constexpr std::uint64_t kLargest = std::uint64_t{1} << 50;  // that a setting may be

WriteGuard guard(std::uint64_t memory, std::uint64_t disk_free) {
  NodeSettings::Limits limits;
  limits.memory = memory;
  limits.disk_free = disk_free;
  return WriteGuard(limits);
}

Usage memory_of(std::uint64_t bytes) {
  Usage usage;
  usage.resident_bytes = bytes;
  return usage;
}

Usage disk_of(std::uint64_t bytes) {
  Usage usage;
  usage.disk_free_bytes = bytes;
  return usage;
}

TEST(Threshold, OneOfZeroIsNeverReached) {
  auto none = Threshold::at_most(0);
  EXPECT_FALSE(none.step(std::numeric_limits<std::uint64_t>::max()));
  none = Threshold::at_least(0);
  EXPECT_FALSE(none.step(0));
}

TEST(Threshold, UpwardsIsReachedPastTheLimitAndEndsBelowNinetyFivePercent) {
  auto memory = Threshold::at_most(1'000);
  EXPECT_FALSE(memory.step(1'000));
  EXPECT_TRUE(memory.step(1'001));
  EXPECT_TRUE(memory.step(1'000));
  EXPECT_TRUE(memory.step(950));
  EXPECT_FALSE(memory.step(949));
  EXPECT_FALSE(memory.step(1'000)) << "only past the limit again";
}

TEST(Threshold, DownwardsIsReachedBelowTheLimitAndEndsAboveAHundredAndFivePercent) {
  auto disk = Threshold::at_least(1'000);
  EXPECT_FALSE(disk.step(1'000));
  EXPECT_TRUE(disk.step(999));
  EXPECT_TRUE(disk.step(1'050));
  EXPECT_FALSE(disk.step(1'051));
  EXPECT_FALSE(disk.step(1'000));
}

TEST(Threshold, TheLargestLimitDoesNotOverflow) {
  EXPECT_EQ(Threshold::at_least(kLargest).again() / (kLargest / 100), 105U);
  EXPECT_EQ(Threshold::at_most(kLargest).again() / (kLargest / 1'000), 950U);
}

TEST(WriteGuard, WithoutLimitsNothingIsWatchedOrRefused) {
  auto open = guard(0, 0);
  EXPECT_FALSE(open.watches());
  EXPECT_TRUE(open.step({kLargest, 0}).empty());
  EXPECT_FALSE(open.refusal_of(WriteKind::kGrow));
  EXPECT_TRUE(guard(1, 0).watches());
  EXPECT_TRUE(guard(0, 1).watches());
}

TEST(WriteGuard, PastTheMemoryOnlyWhatGrowsIsRefused) {
  auto watched = guard(100 * kMiB, 0);
  EXPECT_TRUE(watched.step(memory_of(100 * kMiB)).empty());
  EXPECT_FALSE(watched.refusal_of(WriteKind::kGrow));
  EXPECT_EQ(watched.step(memory_of(110 * kMiB)).size(), 1U);
  const auto refusal = watched.refusal_of(WriteKind::kGrow);
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->limit, GuardLimit::kMemory);
  EXPECT_EQ(refusal->error.code, ErrorCode::kOverloaded);
  EXPECT_EQ(refusal->error.detail,
            "writes are refused: the process has 110.0 MiB in memory, limits.memory allows 100.0 "
            "MiB; they are let in again below 95.0 MiB");
  EXPECT_FALSE(watched.refusal_of(WriteKind::kDelete));
  EXPECT_FALSE(watched.refusal_of(WriteKind::kDrop));
}

TEST(WriteGuard, ShortOfDiskDeletionsGoOnDownToHalf) {
  auto watched = guard(0, 256 * kMiB);
  watched.step(disk_of(210 * kMiB));
  const auto refusal = watched.refusal_of(WriteKind::kGrow);
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->limit, GuardLimit::kDiskFree);
  EXPECT_EQ(refusal->error.code, ErrorCode::kUnavailable);
  EXPECT_EQ(refusal->error.detail,
            "writes are refused: 210.0 MiB are free on the disk of the data folder, "
            "limits.disk_free asks for 256.0 MiB; they are let in again above 268.8 MiB");
  EXPECT_FALSE(watched.refusal_of(WriteKind::kDelete));

  watched.step(disk_of(128 * kMiB));
  EXPECT_FALSE(watched.refusal_of(WriteKind::kDelete));
  watched.step(disk_of(128 * kMiB - 1));
  const auto last = watched.refusal_of(WriteKind::kDelete);
  ASSERT_TRUE(last);
  EXPECT_EQ(last->error.code, ErrorCode::kUnavailable);
  EXPECT_NE(last->error.detail.find("127.9 MiB are free"), std::string::npos);
  EXPECT_FALSE(watched.refusal_of(WriteKind::kDrop));
}

TEST(WriteGuard, EachTurnIsToldOnce) {
  auto watched = guard(100, 100);
  const auto begun = watched.step({101, 99});
  ASSERT_EQ(begun.size(), 2U);
  EXPECT_TRUE(begun[0].reached && begun[1].reached);
  EXPECT_EQ(begun[0].limit, GuardLimit::kMemory);
  EXPECT_EQ(begun[1].limit, GuardLimit::kDiskFree);
  EXPECT_NE(begun[0].text.find("101 bytes"), std::string::npos) << begun[0].text;
  EXPECT_TRUE(watched.step({98, 99}).empty());
  const auto ended = watched.step({94, 106});
  ASSERT_EQ(ended.size(), 2U);
  EXPECT_FALSE(ended[0].reached || ended[1].reached);
  EXPECT_FALSE(watched.refusal_of(WriteKind::kGrow));
}

TEST(WriteGuard, SizesAreRoundedDownAndHaveTheirUnit) {
  auto watched = guard(kLargest, 0);
  watched.step(memory_of(kLargest + kLargest / 2));
  EXPECT_NE(watched.refusal_of(WriteKind::kGrow)->error.detail.find("1.5 PiB"), std::string::npos);
  watched = guard(0, 1'024);
  watched.step(disk_of(1'023));
  const auto detail = watched.refusal_of(WriteKind::kGrow)->error.detail;
  EXPECT_NE(detail.find("1023 bytes are free"), std::string::npos) << detail;
  EXPECT_NE(detail.find("asks for 1.0 KiB"), std::string::npos) << detail;
}

}  // namespace
}  // namespace mosaic::cluster
