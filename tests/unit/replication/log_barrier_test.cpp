// What a read barrier promises: who waits until its own log has come as far as the answer, has seen
// every write that was acknowledged before the question.
#include "unit/replication/logs.hpp"

namespace mosaic::replication {
namespace {

using test::comes;
using test::write;

struct LogBarrier : test::Logs {
  Seq passed() {
    Seq seq = 0;
    EXPECT_TRUE(comes([&] {
      const auto answer = barrier(log(leader()));
      if (answer) seq = *answer;
      return answer.ok();
    }));
    return seq;
  }
};

TEST_F(LogBarrier, LiesBeyondWhatWasAcknowledgedBefore) {
  grow_to(3);
  for (const std::string bytes : {"one", "two", "three"}) {
    const auto entry = store(bytes);
    EXPECT_GE(passed(), entry.seq);
  }
}

TEST_F(LogBarrier, IsReachedByAFollowerWithoutAnotherWrite) {
  begin(1);
  join(2);
  ASSERT_TRUE(add(log(1), 2));
  for (int i = 0; i < 20; ++i) {
    const auto entry = store("entry " + std::to_string(i));
    const auto seq = passed();
    ASSERT_TRUE(comes([&] { return log(2).standing().last >= seq; }));
    // It has been told of all before it.
    EXPECT_TRUE(heard(2).entry(*entry.bytes));
  }
}

TEST_F(LogBarrier, IsReachedByTheLeaderWhenItAnswers) {
  begin(1);
  for (int i = 0; i < 20; ++i) {
    const auto seq = passed();
    ASSERT_TRUE(comes([&] { return log(1).standing().last >= seq; }));
  }
}

TEST_F(LogBarrier, OfALogAloneNeedsNobody) {
  auto made = options(1);
  made.address = "";
  open(std::move(made));
  const auto entry = store("entry");
  EXPECT_GE(passed(), entry.seq);
}

TEST_F(LogBarrier, ThoseWhoAskMeanwhileShareTheNext) {
  begin(1);
  constexpr int kMore = 9;
  std::mutex mutex;
  std::vector<Seq> answers;
  const auto note = [&](const Result<Seq>& answer) {
    const std::lock_guard lock(mutex);
    answers.push_back(answer ? *answer : 0);
  };
  // Asked on the log's thread, so that it sees all of them together.
  log(1).barrier([&](const Result<Seq>&) {
    for (int i = 0; i < 1 + kMore; ++i) log(1).barrier(note);
  });
  ASSERT_TRUE(comes([&] {
    const std::lock_guard lock(mutex);
    return answers.size() == 1 + kMore;
  }));
  for (int i = 1; i <= kMore; ++i) EXPECT_EQ(answers[i], answers[0] + 1);
}

TEST_F(LogBarrier, IsNotGivenByOneThatDoesNotLead) {
  begin(1);
  join(2);
  ASSERT_TRUE(add(log(1), 2));
  const auto answer = barrier(log(2));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kUnavailable);
}

TEST_F(LogBarrier, IsNotGivenByOneThatMostDoNotHear) {
  grow_to(2);
  const auto left = leader();
  nodes[3 - left].log.reset();
  const auto answer = barrier(log(left));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kUnavailable);
}

TEST_F(LogBarrier, ThatWaitsIsAnsweredWhenTheLogStops) {
  grow_to(2);
  const auto left = leader();
  nodes[3 - left].log.reset();
  std::atomic<int> answered{0};
  for (int i = 0; i < 5; ++i) log(left).barrier([&](const Result<Seq>&) { ++answered; });
  log(left).stop();
  log(left).barrier([&](const Result<Seq>&) { ++answered; });
  EXPECT_EQ(answered, 6);
}

}  // namespace
}  // namespace mosaic::replication
