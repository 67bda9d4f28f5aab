#include "actors/pending_requests.hpp"

#include <gtest/gtest.h>

#include "actor_fixture.hpp"

namespace mosaic::actors {
namespace {

using std::chrono::milliseconds;

pending_requests::request until(milliseconds deadline) {
  return {TimePoint(deadline), [](void*) {}, [](caf::error&) {}};
}

TEST(PendingRequests, AreWaitedForUntilTheyAreTaken) {
  pending_requests requests;
  const auto first = requests.add(until(milliseconds(10)));
  const auto second = requests.add(until(milliseconds(10)));
  EXPECT_TRUE(requests.take(first));
  EXPECT_FALSE(requests.take(first));
  EXPECT_FALSE(requests.empty());
  EXPECT_TRUE(requests.take(second));
  EXPECT_TRUE(requests.empty());
}

TEST(PendingRequests, GiveUpThoseWhoseDeadlineHasPassed) {
  pending_requests requests;
  const auto early = requests.add(until(milliseconds(10)));
  const auto later = requests.add(until(milliseconds(20)));
  EXPECT_TRUE(requests.take_late(TimePoint(milliseconds(9))).empty());
  const auto late = requests.take_late(TimePoint(milliseconds(10)));
  ASSERT_EQ(late.size(), 1U);
  EXPECT_EQ(late.front().deadline, TimePoint(milliseconds(10)));
  EXPECT_FALSE(requests.take(early)) << "an answer that comes now is too late";
  EXPECT_TRUE(requests.take(later));
}

/// Asks `whom` once and keeps what came of it.
struct asking_state {
  pending_requests requests;
  int answers = 0;
  int ticks = 0;
  std::vector<caf::error> failures;
};
using asking_pointer = caf::stateful_actor<asking_state>*;

caf::behavior asker(asking_pointer self, const caf::actor& whom, milliseconds timeout) {
  const auto ask = [=](milliseconds until) {
    request_in_time<int>(
        self, whom, until, [=](int&) { ++self->state.answers; },
        [=](caf::error& error) { self->state.failures.push_back(std::move(error)); }, 1);
  };
  ask(timeout);
  return {[=](tick_atom) {
            ++self->state.ticks;
            give_up_late(self);
          },
          [=](ask_atom, std::int64_t until) { ask(milliseconds(until)); }};
}

struct RequestInTime : ActorFixture {
  /// Answers the newest request when it is told to.
  caf::actor silent = system.spawn([](caf::event_based_actor* actor) -> caf::behavior {
    const auto held = std::make_shared<caf::typed_response_promise<int>>();
    return {[=](int) { return *held = actor->make_response_promise<int>(); },
            [=](step_atom) { held->deliver(2); }};
  });

  void answer() {
    caf::anon_send(silent, step_atom_v);
    run();
  }

  caf::actor ask(milliseconds timeout) {
    askers.push_back(system.spawn(asker, silent, timeout));
    run();
    return askers.back();
  }

  static asking_state& state_of(const caf::actor& actor) {
    return dynamic_cast<caf::stateful_actor<asking_state>&>(
               *caf::actor_cast<caf::abstract_actor*>(actor))
        .state;
  }

  ~RequestInTime() override { end(silent); }
};

TEST_F(RequestInTime, AnAnswerInTimeIsHeardOnce) {
  const auto asking = ask(milliseconds(100));
  answer();
  pass(milliseconds(200));
  EXPECT_EQ(state_of(asking).answers, 1);
  EXPECT_TRUE(state_of(asking).failures.empty());
  EXPECT_EQ(state_of(asking).requests.next_tick, TimePoint::max()) << "nothing is under way";
}

TEST_F(RequestInTime, SilenceIsATimeoutAndALateAnswerIsNotHeard) {
  const auto asking = ask(milliseconds(100));
  pass_slowly(milliseconds(99));
  EXPECT_TRUE(state_of(asking).failures.empty());
  pass_slowly(milliseconds(1) + kRequestTick);
  ASSERT_EQ(state_of(asking).failures.size(), 1U);
  EXPECT_EQ(state_of(asking).failures.front(), caf::sec::request_timeout);
  answer();
  EXPECT_EQ(state_of(asking).answers, 0);
}

TEST_F(RequestInTime, EachIsGivenUpInItsTimeAndFewTicksServeAll) {
  const auto asking = ask(milliseconds(10'000));
  for (const std::int64_t until : {300, 50, 9'000}) caf::anon_send(asking, ask_atom_v, until);
  run();
  std::size_t given_up = 0;
  auto passed = milliseconds(0);
  for (const milliseconds until :
       {milliseconds(50), milliseconds(300), milliseconds(9'000), milliseconds(10'000)}) {
    pass_slowly(until - passed - milliseconds(1));
    EXPECT_EQ(state_of(asking).failures.size(), given_up) << until.count();
    pass_slowly(milliseconds(1) + kRequestTick);
    EXPECT_EQ(state_of(asking).failures.size(), ++given_up) << until.count();
    passed = until + kRequestTick;
  }
  EXPECT_LT(state_of(asking).ticks, 20);
}

TEST_F(RequestInTime, WhatIsGivenUpIsLetGoAlthoughNobodyEverAnswers) {
  const auto held = std::make_shared<int>(0);
  const auto asking = system.spawn([&](asking_pointer asker) -> caf::behavior {
    request_in_time<int>(
        asker, silent, milliseconds(10), [held](int&) {}, [held](caf::error&) {}, 1);
    return {[=](tick_atom) { give_up_late(asker); }};
  });
  askers.push_back(asking);
  run();
  EXPECT_GT(held.use_count(), 1);
  pass(milliseconds(20));
  EXPECT_EQ(held.use_count(), 1);
}

TEST_F(RequestInTime, WhoIsGoneFailsTheRequestAtOnce) {
  const auto asking = ask(milliseconds(100));
  caf::anon_send_exit(silent, caf::exit_reason::kill);
  run();
  const auto other = ask(milliseconds(100));
  ASSERT_EQ(state_of(other).failures.size(), 1U);
  EXPECT_EQ(state_of(other).failures.front(), caf::sec::request_receiver_down);
}

}  // namespace
}  // namespace mosaic::actors
