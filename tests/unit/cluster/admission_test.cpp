#include "cluster/admission.hpp"

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace mosaic::cluster {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kStart{};
constexpr AdmissionLimits kLimits{.in_flight_max = 10, .in_flight_overload = 3};

/// How many of `count` that come at once are let in.
std::size_t admitted(Admission& admission, std::size_t count, TimePoint now) {
  std::size_t in = 0;
  for (std::size_t i = 0; i < count; ++i) in += admission.enter(now);
  return in;
}

void leave(Admission& admission, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) admission.leave();
}

/// A door that has just refused somebody and is empty.
void overload(Admission& admission, TimePoint now) {
  leave(admission, admitted(admission, kLimits.in_flight_max + 1, now));
}

TEST(Admission, LetsABurstInUpToTheMaximum) {
  Admission admission(kLimits);
  EXPECT_EQ(admitted(admission, 12, kStart), 10U);
  EXPECT_EQ(admission.in_flight(), 10U);
}

TEST(Admission, NeverRefusesAClientOfAsManyConnectionsAsTheMaximum) {
  Admission admission(kLimits);
  EXPECT_EQ(admitted(admission, 10, kStart), 10U);
  for (int i = 0; i < 1'000; ++i) {
    admission.leave();
    EXPECT_TRUE(admission.enter(kStart + i * 1ms));
  }
}

TEST(Admission, LetsInOnlyAFewAtATimeOnceItHadToRefuse) {
  Admission admission(kLimits);
  EXPECT_EQ(admitted(admission, 11, kStart), 10U);
  leave(admission, 7);
  EXPECT_FALSE(admission.enter(kStart + 1ms));
  leave(admission, 1);
  EXPECT_TRUE(admission.enter(kStart + 2ms));
  EXPECT_FALSE(admission.enter(kStart + 2ms));
  EXPECT_EQ(admission.in_flight(), 3U);
}

TEST(Admission, StaysOverloadedAsLongAsSomebodyIsRefused) {
  Admission admission(kLimits);
  overload(admission, kStart);
  const auto step = kCalmAfterOverload - 1ms;
  for (int i = 1; i <= 10; ++i) {
    EXPECT_EQ(admitted(admission, 4, kStart + i * step), 3U);
    leave(admission, 3);
  }
}

TEST(Admission, TakesBurstsAgainWhenNobodyWasRefusedForAWhile) {
  Admission admission(kLimits);
  overload(admission, kStart);
  // Whoever is let in does not prolong the overload.
  EXPECT_EQ(admitted(admission, 3, kStart + kCalmAfterOverload - 1ms), 3U);
  EXPECT_EQ(admitted(admission, 7, kStart + kCalmAfterOverload), 7U);
  EXPECT_FALSE(admission.enter(kStart + kCalmAfterOverload));
}

TEST(Admission, TakesBackThoseWhoStayAwayForTheSecondTheyAreAskedTo) {
  Admission admission(kLimits);
  const auto in = admitted(admission, 14, kStart);
  leave(admission, in - 3);
  EXPECT_EQ(admitted(admission, 4, kStart + 1s), 4U);
}

TEST(Admission, IsNotMisledByAClockReadThatComesLate) {
  Admission admission(kLimits);
  overload(admission, kStart + 1s);
  EXPECT_EQ(admitted(admission, 4, kStart + 900ms), 3U);
  leave(admission, 3);
  EXPECT_EQ(admitted(admission, 4, kStart + 1s + kCalmAfterOverload - 1ms), 3U);
}

TEST(Admission, NeverLetsMoreInWhileOverloadedThanOtherwise) {
  Admission admission({.in_flight_max = 2, .in_flight_overload = 8});
  EXPECT_EQ(admitted(admission, 8, kStart), 2U);
  EXPECT_EQ(admitted(admission, 8, kStart + 1ms), 0U);
}

TEST(Admission, CountsRightWhenManyThreadsComeAndGo) {
  Admission admission(kLimits);
  std::atomic<int> tick = 0;
  std::atomic<std::size_t> inside = 0;
  std::atomic<bool> too_many = false;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      std::size_t held = 0;
      for (int round = 0; round < 20'000; ++round) {
        if (admission.enter(kStart + ++tick * 1ms)) {
          ++held;
          if (++inside > kLimits.in_flight_max) too_many = true;
        }
        if (held > static_cast<std::size_t>(round % 3)) {
          --inside, --held;
          admission.leave();
        }
      }
      for (; held > 0; --held) --inside, admission.leave();
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_FALSE(too_many);
  EXPECT_EQ(admission.in_flight(), 0U);
  EXPECT_EQ(admitted(admission, 10, kStart + 10h), 10U);
}

TEST(AdmissionLimits, FollowTheCoresUnlessSettingsSayOtherwise) {
  NodeSettings::Search search;
  EXPECT_EQ(admission_limits(search, 1).in_flight_max, 64U);
  EXPECT_EQ(admission_limits(search, 8).in_flight_max, 256U);
  EXPECT_EQ(admission_limits(search, 1).in_flight_overload, 2U);
  EXPECT_EQ(admission_limits(search, 8).in_flight_overload, 12U);
  search.in_flight_overload = 5;
  EXPECT_EQ(admission_limits(search, 2).in_flight_overload, 5U);
}

TEST(Admission, TellsItsStateAndCountsRefusals) {
  Admission admission(kLimits);
  admitted(admission, 12, kStart);
  auto state = admission.state(kStart);
  EXPECT_EQ(state.in_flight, 10U);
  EXPECT_EQ(state.refusals, 2U);
  EXPECT_TRUE(state.overloaded);
  EXPECT_EQ(state.limit, 3U);
  state = admission.state(kStart + kCalmAfterOverload);
  EXPECT_FALSE(state.overloaded);
  EXPECT_EQ(state.limit, 10U);
  EXPECT_EQ(state.refusals, 2U);
}

}  // namespace
}  // namespace mosaic::cluster
