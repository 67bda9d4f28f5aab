// Entries that one node asks for and another appends: who hears of them, and with which ticket.
#include "unit/replication/logs.hpp"

namespace mosaic::replication {
namespace {

using test::comes;
using test::write;

struct LogOrigin : test::Logs {
  static Proposal of(NodeId origin, Ticket ticket, std::string bytes) {
    auto proposal = write(ticket, std::move(bytes));
    proposal.origin = origin;
    return proposal;
  }

  void SetUp() override {
    begin(1);
    join(2);
    ASSERT_TRUE(add(log(1), 2));
  }
};

TEST_F(LogOrigin, ANodeFindsItsTicketInWhatTheLeaderAppended) {
  log(1).append(of(2, 77, "asked for by 2"));
  ASSERT_TRUE(hears(2, "asked for by 2"));
  EXPECT_EQ(heard(2).entry("asked for by 2")->ticket, 77U);
}

TEST_F(LogOrigin, TheLeaderDoesNotTakeItForItsOwn) {
  log(1).append(of(2, 77, "asked for by 2"));
  ASSERT_TRUE(hears(1, "asked for by 2"));
  EXPECT_EQ(heard(1).entry("asked for by 2")->ticket, 0U);
}

TEST_F(LogOrigin, WhatTheLeaderAsksForHasNoTicketElsewhere) {
  log(1).append(of(1, 5, "by its id"));
  log(1).append(write(6, "by no id"));
  ASSERT_TRUE(hears(2, "by no id"));
  for (const auto* bytes : {"by its id", "by no id"}) {
    EXPECT_NE(heard(1).entry(bytes)->ticket, 0U);
    EXPECT_EQ(heard(2).entry(bytes)->ticket, 0U);
  }
}

TEST_F(LogOrigin, OneOfAnotherNodeThatCannotBeAppendedIsDropped) {
  log(2).append(of(1, 77, "dropped"));
  log(2).append(write(5, "refused"));
  EXPECT_FALSE(heard(2).outcome(5));
  EXPECT_EQ(heard(2).refusals.size(), 1U);
  store("entry");
  ASSERT_TRUE(hears(2, "entry"));
  EXPECT_FALSE(heard(2).entry("dropped"));
}

TEST_F(LogOrigin, AListenerDoesNotWaitForThoseOfOthers) {
  for (Ticket ticket = 1; ticket <= 20; ++ticket) {
    log(1).append(of(2, ticket, "of 2"));
    log(2).append(of(1, ticket, "dropped"));
  }
  log(2).listen(heard(2).listener());
  log(1).append(write(21, "last"));
  log(1).listen(heard(1).listener());
  EXPECT_TRUE(heard(1).entry("last"));
}

TEST_F(LogOrigin, StoppingStoresThoseOfOthers) {
  for (Ticket ticket = 1; ticket <= 50; ++ticket) log(1).append(of(2, ticket, "of 2"));
  log(1).append(of(2, 51, "last of 2"));
  log(1).stop();
  EXPECT_TRUE(heard(1).entry("last of 2"));
  log(1).append(of(2, 52, "too late"));
  EXPECT_TRUE(heard(1).refusals.empty());
}

TEST_F(LogOrigin, ATicketOfAnEarlierProcessIsNotFoundWhileOpening) {
  log(1).append(write(5, "before"));
  ASSERT_TRUE(hears(1, "before"));
  begin(1);
  ASSERT_EQ(log(1).read(0, {1}, 1)->size(), 1U);
  EXPECT_FALSE(heard(1).entry("again"));
  EXPECT_EQ(log(1).read(0, {1}, 1)->front().ticket, 0U);
}

TEST_F(LogOrigin, WhatWasNotStoredIsToldFromWhatNobodyKnows) {
  log(2).append(write(1));
  EXPECT_FALSE(heard(2).outcome(1));
  EXPECT_EQ(heard(2).unknown_outcomes, 0U);
  must([&](RaftLog& at) { return set_vote(at, 2, true); });
  const auto left = leader();
  nodes[3 - left].log.reset();
  // It has been appended, but most of the voters do not have it.
  std::optional<Entry> stored;
  ASSERT_TRUE(comes([&] {
    log(left).append(write(++last_ticket));
    stored = heard(left).outcome(last_ticket);
    return stored || heard(left).unknown_outcomes != 0 || !log(left).leads();
  }));
  EXPECT_FALSE(stored);
}

}  // namespace
}  // namespace mosaic::replication
