#include "cli/bench/schedule.hpp"

#include <gtest/gtest.h>

#include "cli/bench/tally.hpp"

namespace mosaic::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const TimePoint kOpening = TimePoint{} + seconds(1'000);

TEST(BenchSchedule, AnOpenLoopIsDueAtFixedTimes) {
  BenchSchedule schedule(kOpening, kOpening + seconds(1), 4);
  EXPECT_EQ(schedule.next_due(), kOpening);
  EXPECT_EQ(schedule.take(kOpening), kOpening);
  EXPECT_EQ(schedule.take(kOpening), std::nullopt);
  EXPECT_EQ(schedule.next_due(), kOpening + milliseconds(250));
  EXPECT_EQ(schedule.take(kOpening + milliseconds(600)), kOpening + milliseconds(250));
  EXPECT_EQ(schedule.take(kOpening + milliseconds(600)), kOpening + milliseconds(500));
  EXPECT_EQ(schedule.take(kOpening + milliseconds(600)), std::nullopt);
}

TEST(BenchSchedule, AnOpenLoopHoldsItsRateWithoutDrift) {
  BenchSchedule schedule(kOpening, kOpening + seconds(100), 333.3);
  std::uint64_t count = 0;
  while (schedule.take(kOpening + seconds(99) + milliseconds(999))) ++count;
  EXPECT_EQ(count, 33'330U);
}

TEST(BenchSchedule, AClosedLoopIsDueWheneverAConnectionIsFree) {
  BenchSchedule schedule(kOpening, kOpening + seconds(1), 0);
  const auto now = kOpening + milliseconds(123);
  EXPECT_LE(schedule.next_due(), now);
  EXPECT_EQ(schedule.take(now), now);
  EXPECT_EQ(schedule.take(now), now);
  EXPECT_EQ(schedule.overdue(now), 0U);
}

TEST(BenchSchedule, NothingIsSentAfterTheEnd) {
  for (const double rate : {0.0, 10.0}) {
    BenchSchedule schedule(kOpening, kOpening + seconds(1), rate);
    EXPECT_EQ(schedule.take(kOpening + seconds(1)), std::nullopt);
    EXPECT_EQ(schedule.next_due(), TimePoint::max());
  }
}

TEST(BenchSchedule, WhatIsDueAfterAStopIsNotMissing) {
  for (const double rate : {0.0, 10.0}) {
    BenchSchedule schedule(kOpening, kOpening + seconds(1), rate);
    EXPECT_TRUE(schedule.take(kOpening));
    schedule.stop(kOpening + milliseconds(100));
    EXPECT_EQ(schedule.next_due(), TimePoint::max());
    EXPECT_EQ(schedule.take(kOpening + milliseconds(500)), std::nullopt);
    EXPECT_EQ(schedule.overdue(kOpening + seconds(1)), 0U);
  }
}

TEST(BenchSchedule, WhatWasDueAndNotTakenIsOverdue) {
  BenchSchedule schedule(kOpening, kOpening + seconds(1), 10);
  EXPECT_EQ(schedule.overdue(kOpening), 0U);
  schedule.take(kOpening + milliseconds(450));
  EXPECT_EQ(schedule.overdue(kOpening + milliseconds(450)), 4U);
  EXPECT_EQ(schedule.overdue(kOpening + seconds(5)), 9U);
}

/// One connection to a server that answers within a millisecond, but does nothing from 1 s to 2 s.
LatencyHistogram latency_at_a_stalling_server(double rate_per_s) {
  const auto stall_begin = kOpening + seconds(1);
  const auto stall_end = kOpening + seconds(2);
  BenchSchedule schedule(kOpening, kOpening + seconds(10), rate_per_s);
  BenchTally tally(kOpening, seconds(1));
  auto now = kOpening;
  auto free_since = kOpening;
  while (schedule.next_due() != TimePoint::max()) {
    now = std::max(now, schedule.next_due());
    const auto due = schedule.take(now);
    if (!due) continue;
    const auto sent = now;
    now += milliseconds(1);
    if (now > stall_begin && now < stall_end) now = stall_end;
    tally.add({.operation = Operation::kText,
               .due = *due,
               .free_since = free_since,
               .sent = sent,
               .answered = now,
               .status = 200});
    free_since = now;
  }
  return tally.all().latency;
}

TEST(BenchSchedule, AStallIsSeenByEveryRequestThatWasDueInIt) {
  // 100 a second for ten seconds: the 100 due in the stalled second waited half of it on average,
  // those behind them queued.
  const auto open = latency_at_a_stalling_server(100);
  EXPECT_EQ(open.count(), 1'000U);
  EXPECT_GE(open.percentile(0.99), milliseconds(890));
  EXPECT_GE(open.percentile(0.95), milliseconds(490));
  EXPECT_LE(open.percentile(0.85), milliseconds(2));
}

TEST(BenchSchedule, AClosedLoopSeesAStallOnce) {
  const auto closed = latency_at_a_stalling_server(0);
  EXPECT_LE(closed.percentile(0.9998), std::chrono::microseconds(1'002));
  EXPECT_GE(closed.max(), milliseconds(1'000));
}

}  // namespace
}  // namespace mosaic::cli
