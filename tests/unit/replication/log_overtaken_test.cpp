// A node that lacks entries which the leader has forgotten.
#include "base/failure.hpp"
#include "replication/log_identity.hpp"
#include "replication/raft_files.hpp"
#include "unit/replication/logs.hpp"
#include "unit/replication/stored_floor.hpp"

namespace mosaic::replication {
namespace {

using test::comes;

struct LogOvertaken : test::Logs {
  RaftLogOptions leading() {
    auto made = options(1);
    made.retained_bytes = 10'000;
    return made;
  }

  /// Has the leader keep what comes after the answer, and little more.
  Seq forget() {
    Seq floor = 0;
    for (int i = 0; i < 20; ++i) {
      const auto entry = store(std::to_string(round_) + std::string(10'000, 'x'));
      if (i == 14) floor = entry.seq;
      ++round_;
    }
    log(1).truncate(floor);
    EXPECT_TRUE(comes([&] { return test::stored_floor(folder / "1") == floor; }));
    EXPECT_EQ(log(1).forgotten(), floor);
    return floor;
  }

  /// libraft keeps the rest of a segment that is still needed, and in memory what it could not
  /// send: the first segment goes with the second snapshot. Gives what is forgotten.
  Seq forget_for_good() {
    open(leading());
    forget();
    const auto floor = forget();
    open(leading());
    return floor;
  }

  std::vector<Seq> kept(NodeId id) {
    std::vector<Seq> seqs;
    const auto entries = log(id).read(log(2).forgotten(), {1}, 100 << 20);
    for (const auto& entry : *entries) seqs.push_back(entry.seq);
    return seqs;
  }

  int round_ = 0;
};

TEST_F(LogOvertaken, TheLeaderKnowsWhatItHasForgotten) {
  open(leading());
  EXPECT_EQ(log(1).forgotten(), 0U);
  const auto floor = forget();
  EXPECT_EQ(log(1).read(floor, {1}, 100 << 20)->size(), 5U);
  open(leading());
  EXPECT_EQ(log(1).forgotten(), floor);
}

TEST_F(LogOvertaken, OneThatJoinsIsToldWhatItMustFetch) {
  const auto floor = forget_for_good();
  join(2);
  ASSERT_TRUE(add(log(1), 2));
  ASSERT_TRUE(comes([&] { return nodes[2].overtaken == 1; }));
  EXPECT_GE(log(2).forgotten(), floor);
  EXPECT_GE(log(2).last_seq(), log(2).forgotten());
  store("after");
  EXPECT_TRUE(comes([&] { return log(2).last_seq() == log(1).last_seq(); }));
  EXPECT_EQ(kept(2), kept(1));
  EXPECT_EQ(nodes[2].overtaken, 1);
}

TEST_F(LogOvertaken, HearsNothingOfWhatComesBehindTheGap) {
  forget_for_good();
  join(2);
  ASSERT_TRUE(add(log(1), 2));
  ASSERT_TRUE(comes([&] { return nodes[2].overtaken == 1; }));
  store("after");
  EXPECT_TRUE(comes([&] { return log(2).last_seq() == log(1).last_seq(); }));
  EXPECT_TRUE(heard(2).entries.empty());
  EXPECT_LT(log(2).standing().last, log(2).forgotten());
}

TEST_F(LogOvertaken, KnowsAfterAStartWhatItMustHaveFetched) {
  forget_for_good();
  join(2);
  ASSERT_TRUE(add(log(1), 2));
  ASSERT_TRUE(comes([&] { return nodes[2].overtaken == 1; }));
  const auto forgotten = log(2).forgotten();
  nodes[2].log.reset();
  EXPECT_TRUE(inspect_log(folder / "2").damage.empty());
  begin(2);
  EXPECT_EQ(log(2).forgotten(), forgotten);
  EXPECT_GE(log(2).last_seq(), forgotten);
  store("after");
  EXPECT_TRUE(hears(2, "after"));
  EXPECT_EQ(kept(2), kept(1));
  EXPECT_EQ(nodes[2].overtaken, 1);
}

TEST_F(LogOvertaken, DoesNotStartWhereNobodyLooksAtWhatItLacks) {
  forget_for_good();
  join(2);
  ASSERT_TRUE(add(log(1), 2));
  ASSERT_TRUE(comes([&] { return nodes[2].overtaken == 1; }));
  nodes[2].log.reset();
  auto made = options(2);
  made.may_be_behind = false;
  made.floor = 0;
  EXPECT_THROW(open(std::move(made)), Failure);
}

TEST_F(LogOvertaken, OneThatWasAwayForLong) {
  open(leading());
  join(2);
  ASSERT_TRUE(add(log(1), 2));
  store("before");
  ASSERT_TRUE(hears(2, "before"));
  nodes[2].log.reset();
  forget_for_good();
  begin(2);
  ASSERT_TRUE(comes([&] { return nodes[2].overtaken == 1; }));
  store("after");
  EXPECT_TRUE(comes([&] { return log(2).last_seq() == log(1).last_seq(); }));
  EXPECT_EQ(kept(2), kept(1));
}

TEST_F(LogOvertaken, OneThatOnlyMissedSomeEntriesIsNot) {
  open(leading());
  join(2);
  ASSERT_TRUE(add(log(1), 2));
  nodes[2].log.reset();
  store("missed");
  begin(2);
  EXPECT_TRUE(hears(2, "missed"));
  EXPECT_EQ(nodes[2].overtaken, 0);
  EXPECT_EQ(log(2).forgotten(), 0U);
}

TEST_F(LogOvertaken, OneThatHasAllThatIsForgottenIsNot) {
  open(leading());
  join(2);
  ASSERT_TRUE(add(log(1), 2));
  const std::string much(10'000, 'x');
  for (int i = 0; i < 15; ++i) store(std::to_string(i) + much);
  ASSERT_TRUE(hears(2, "14" + much));
  const auto floor = log(2).last_seq();
  nodes[2].log.reset();
  for (int i = 15; i < 20; ++i) store(std::to_string(i) + much);
  log(1).truncate(floor);
  ASSERT_TRUE(comes([&] { return test::stored_floor(folder / "1") == floor; }));
  begin(2);
  EXPECT_TRUE(hears(2, "19" + much));
  EXPECT_EQ(nodes[2].overtaken, 0);
}

TEST_F(LogOvertaken, ASnapshotOfALogWithOtherSeqsEndsTheNode) {
  forget_for_good();
  std::atomic<bool> stopped{false};
  auto made = options(2);
  made.joins = true;
  made.base = log(1).base() + 5;
  made.fail_stop = [&](const Error&) { stopped = true; };
  open(std::move(made));
  static_cast<void>(add(log(1), 2));
  EXPECT_TRUE(comes([&] { return stopped.load(); }));
  EXPECT_EQ(nodes[2].overtaken, 0);
  nodes[2].log.reset();
}

}  // namespace
}  // namespace mosaic::replication
