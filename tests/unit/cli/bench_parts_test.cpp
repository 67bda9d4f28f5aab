#include <gtest/gtest.h>

#include <map>

#include "cli/bench/arguments.hpp"
#include "cli/bench/mix.hpp"
#include "cli/bench/recall.hpp"
#include "cli/bench/run.hpp"
#include "cli/bench/tally.hpp"

namespace mosaic::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const TimePoint kStart = TimePoint{} + seconds(1'000);

TEST(BenchMix, EachHundredHasExactlyItsShares) {
  BenchMix mix({.searches = {Operation::kText, Operation::kVector},
                .writes_percent = 10,
                .reads_percent = 30},
               7);
  for (int round = 0; round < 3; ++round) {
    std::map<Operation, int> counts;
    for (int i = 0; i < 100; ++i) ++counts[mix.next()];
    EXPECT_EQ(counts[Operation::kWrite], 10);
    EXPECT_EQ(counts[Operation::kGet], 30);
    EXPECT_EQ(counts[Operation::kText], 30);
    EXPECT_EQ(counts[Operation::kVector], 30);
    EXPECT_EQ(counts[Operation::kHybrid], 0);
  }
}

TEST(BenchNote, GivesPercentilesOnceThereAreSome) {
  BenchLive live{.requests = 10, .warming_up = true};
  EXPECT_EQ(bench_note(live), "warming up");
  live.warming_up = false;
  EXPECT_EQ(bench_note(live), "");
  live.errors = 2;
  EXPECT_EQ(bench_note(live), "2 errors");
  live.measured = 8;
  live.p50 = milliseconds(1);
  live.p99 = milliseconds(20);
  EXPECT_EQ(bench_note(live), "p50 1.0 ms, p99 20.0 ms, 2 errors");
}

TEST(BenchMix, TheSeedDecidesTheOrder) {
  const MixShares shares{.searches = {Operation::kText}, .writes_percent = 50};
  const auto order = [&shares](std::uint64_t seed) {
    BenchMix mix(shares, seed);
    std::vector<Operation> out;
    for (int i = 0; i < 200; ++i) out.push_back(mix.next());
    return out;
  };
  EXPECT_EQ(order(1), order(1));
  EXPECT_NE(order(1), order(2));
}

TEST(Recall, IsTheShareOfTheNearestThatWereFound) {
  EXPECT_EQ(recall_of({0.9, 0.7, 0.5}, {0.9, 0.8, 0.7}), 2.0 / 3);
  EXPECT_EQ(recall_of({0.9, 0.8, 0.7}, {0.9, 0.8, 0.7}), 1.0);
  EXPECT_EQ(recall_of({}, {0.9}), 0.0);
}

TEST(Recall, AnyOfSeveralThatAreEquallyNearWillDo) {
  EXPECT_EQ(recall_of({0.9, 0.8, 0.8 - 1e-7}, {0.9, 0.8, 0.8}), 1.0);
}

TEST(Recall, NothingIsKnownWhereThereIsNothingToFind) {
  EXPECT_EQ(recall_of({}, {}), std::nullopt);
}

BenchAnswer answer(milliseconds due, milliseconds answered, int status) {
  return {.operation = Operation::kText,
          .due = kStart + due,
          .free_since = kStart,
          .sent = kStart + due,
          .answered = kStart + answered,
          .status = status};
}

TEST(BenchTally, FailuresAreCountedAndLeftOutOfLatency) {
  BenchTally tally(kStart, seconds(1));
  tally.add(answer(milliseconds(0), milliseconds(10), 200));
  auto refused = answer(milliseconds(0), milliseconds(11), 503);
  refused.code = "overloaded";
  tally.add(refused);
  tally.add(answer(milliseconds(0), milliseconds(900), 0));
  const auto& all = tally.all();
  EXPECT_EQ(all.requests, 3U);
  EXPECT_EQ(all.ok, 1U);
  EXPECT_EQ(all.statuses, (std::map<int, std::uint64_t>{{0, 1}, {200, 1}, {503, 1}}));
  EXPECT_EQ(all.codes, (std::map<std::string, std::uint64_t>{{"overloaded", 1}}));
  EXPECT_EQ(all.latency.max(), milliseconds(10));
  EXPECT_EQ(all.failed_latency.count(), 2U);
}

TEST(BenchTally, WaitingAndLagAddUpToTheTimeFromDueToSent) {
  BenchTally tally(kStart, seconds(1));
  auto late = answer(milliseconds(10), milliseconds(100), 200);
  late.free_since = kStart + milliseconds(40);
  late.sent = kStart + milliseconds(45);
  tally.add(late);
  EXPECT_EQ(tally.waiting().max(), milliseconds(30));
  EXPECT_EQ(tally.lag().max(), milliseconds(5));
}

TEST(BenchTally, AnIntervalWithoutAnswersIsThereAllTheSame) {
  BenchTally tally(kStart, seconds(1));
  tally.add(answer(milliseconds(100), milliseconds(200), 200));
  tally.add(answer(milliseconds(300), milliseconds(2'300), 200));
  tally.add(answer(milliseconds(300), milliseconds(2'400), 500));
  tally.finish();
  ASSERT_EQ(tally.intervals().size(), 3U);
  EXPECT_EQ(tally.intervals()[0].requests, 1U);
  EXPECT_EQ(tally.intervals()[1].requests, 0U);
  EXPECT_EQ(tally.intervals()[2].requests, 2U);
  EXPECT_EQ(tally.intervals()[2].errors, 1U);
  EXPECT_EQ(tally.intervals()[2].p99, seconds(2));
}

TEST(BenchTally, NoRunHasMoreThanFiftyIntervals) {
  EXPECT_EQ(interval_for(seconds(10)), milliseconds(200));
  EXPECT_EQ(interval_for(seconds(11)), milliseconds(500));
  for (milliseconds duration(1); duration < kBenchTimeMax; duration *= 3) {
    EXPECT_LE(duration / interval_for(duration), 50);
  }
}

TEST(Duration, HasAUnitOrIsInSeconds) {
  EXPECT_EQ(parse_duration("500ms"), milliseconds(500));
  EXPECT_EQ(parse_duration("1.5s"), milliseconds(1'500));
  EXPECT_EQ(parse_duration("2m"), seconds(120));
  EXPECT_EQ(parse_duration("24h"), kBenchTimeMax);
  EXPECT_EQ(parse_duration("3"), seconds(3));
  EXPECT_GT(*parse_duration("1e300h"), kBenchTimeMax);
  for (const auto* wrong : {"", "s", "-1s", "ten", "5 s", "5d", "nan", "inf"}) {
    EXPECT_EQ(parse_duration(wrong), std::nullopt) << wrong;
  }
}

}  // namespace
}  // namespace mosaic::cli
