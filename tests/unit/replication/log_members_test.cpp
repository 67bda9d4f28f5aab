// A log whose members come and go.
#include "unit/replication/logs.hpp"

namespace mosaic::replication {
namespace {

using test::comes;
using test::write;

struct LogMembers : test::Logs {
  /// As node `id` has it.
  std::optional<LogMember> member(NodeId seen_by, NodeId id) {
    for (auto& one : log(seen_by).standing().members) {
      if (one.id == id) return one;
    }
    return std::nullopt;
  }
};

TEST_F(LogMembers, ANodeAloneIsTheOnlyOne) {
  auto made = options(1);
  made.address = "";
  open(std::move(made));
  const auto standing = log(1).standing();
  EXPECT_TRUE(standing.leads());
  EXPECT_GT(standing.term, 0U);
  ASSERT_EQ(standing.members.size(), 1U);
  EXPECT_EQ(standing.members[0].id, 1U);
  EXPECT_EQ(standing.members[0].address, "");
  EXPECT_TRUE(standing.members[0].votes);
}

TEST_F(LogMembers, ALogBegunAloneTakesInTwoAndOutlivesItsFirst) {
  auto alone = options(1);
  alone.address = "";
  open(std::move(alone));
  store("alone");
  nodes[1].log.reset();
  grow_to(3);
  for (NodeId id : {2, 3}) EXPECT_TRUE(hears(id, "alone"));
  store("together");
  const auto first = leader();
  nodes[first].log.reset();
  store("without the first");
  for (const auto& [id, node] : nodes) {
    if (id == first) continue;
    EXPECT_TRUE(hears(id, "together"));
    EXPECT_TRUE(hears(id, "without the first"));
  }
}

TEST_F(LogMembers, AllGiveAnEntryTheSameSeq) {
  grow_to(3);
  for (const std::string bytes : {"one", "two", "three"}) {
    const auto entry = store(bytes);
    for (NodeId id : {1, 2, 3}) {
      ASSERT_TRUE(hears(id, bytes));
      EXPECT_EQ(heard(id).entry(bytes)->time_ms, heard(1).entry(bytes)->time_ms);
      EXPECT_EQ(heard(id).entry(bytes)->seq, heard(1).entry(bytes)->seq);
    }
  }
}

TEST_F(LogMembers, OneThatWasAddedFollowsAndDoesNotVote) {
  begin(1);
  join(2);
  ASSERT_TRUE(add(log(1), 2));
  ASSERT_TRUE(comes([&] { return member(2, 2).has_value(); }));
  EXPECT_FALSE(member(2, 2)->votes);
  EXPECT_EQ(member(1, 2)->address, nodes[2].address);
  store("entry");
  EXPECT_TRUE(hears(2, "entry"));
  EXPECT_TRUE(comes([&] { return log(2).standing().leader == 1; }));
}

TEST_F(LogMembers, OneThatDoesNotVoteIsNotNeededForTheMost) {
  begin(1);
  for (NodeId id : {2, 3}) {
    join(id);
    ASSERT_TRUE(add(log(1), id));
  }
  for (NodeId id : {2, 3}) nodes[id].log.reset();
  store("entry");
  EXPECT_TRUE(log(1).leads());
}

TEST_F(LogMembers, AVoterIsNeededForTheMost) {
  grow_to(2);
  const auto gone = leader() == 1 ? 2 : 1;
  const NodeId left = 3 - gone;
  nodes[gone].log.reset();
  log(left).append(write(1));
  EXPECT_FALSE(heard(left).outcome(1));
  EXPECT_TRUE(comes([&] { return !log(left).leads(); }));
}

TEST_F(LogMembers, AskingTwiceForTheSameDoesNoHarm) {
  begin(1);
  join(2);
  for (int i = 0; i < 2; ++i) {
    must([&](RaftLog& at) { return add(at, 2); });
    must([&](RaftLog& at) { return set_vote(at, 2, true); });
  }
  EXPECT_TRUE(member(leader(), 2)->votes);
  must([&](RaftLog& at) { return add(at, 2); });
  EXPECT_TRUE(member(leader(), 2)->votes);
  if (leader() == 2) must([&](RaftLog& at) { return set_vote(at, 2, false); });
  for (int i = 0; i < 2; ++i) must([&](RaftLog& at) { return set_vote(at, 2, false); });
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(remove(log(1), 2));
  EXPECT_TRUE(comes([&] { return log(1).standing().members.size() == 1; }));
}

TEST_F(LogMembers, OneThatIsNotThereHasNoVote) {
  begin(1);
  const auto voted = set_vote(log(1), 7, true);
  ASSERT_FALSE(voted);
  EXPECT_EQ(voted.error().code, ErrorCode::kNotFound);
  EXPECT_NE(voted.error().detail.find('7'), std::string::npos);
}

TEST_F(LogMembers, AreChangedOneAtATime) {
  begin(1);
  join(2);
  ASSERT_TRUE(add(log(1), 2));
  nodes[2].log.reset();
  // It must catch up before it votes, and is not there.
  store("entry");
  std::promise<Status> first;
  log(1).set_vote(2, true, [&](Status status) { first.set_value(std::move(status)); });
  const auto second = remove(log(1), 2);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(second.error().detail.find("another change"), std::string::npos);
  log(1).stop();
  EXPECT_FALSE(first.get_future().get());
}

TEST_F(LogMembers, AreChangedByTheOneThatLeads) {
  begin(1);
  join(2);
  ASSERT_TRUE(add(log(1), 2));
  const auto removed = remove(log(2), 1);
  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().code, ErrorCode::kUnavailable);
}

TEST_F(LogMembers, OneThatWasRemovedIsNotNeeded) {
  grow_to(3);
  for (NodeId id : {2, 3}) {
    must([&](RaftLog& at) { return remove(at, id); });
    nodes[id].log.reset();
  }
  store("entry");
  EXPECT_EQ(log(1).standing().members.size(), 1U);
}

TEST_F(LogMembers, OneThatLeadsHandsOverBeforeItGoes) {
  grow_to(3);
  NodeId first = 0;
  Status removed;
  // Another may come to lead just before it is asked.
  ASSERT_TRUE(comes([&] {
    first = leader();
    removed = remove(log(first), first);
    return !removed && removed.error().detail.find("handed it over") != std::string::npos;
  }));
  EXPECT_EQ(removed.error().code, ErrorCode::kUnavailable);
  must([&](RaftLog& at) { return remove(at, first); });
  EXPECT_NE(leader(), first);
  EXPECT_FALSE(member(leader(), first));
}

TEST_F(LogMembers, TheOnlyVoterCannotGo) {
  begin(1);
  for (const auto& refused : {remove(log(1), 1), set_vote(log(1), 1, false)}) {
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  }
  EXPECT_TRUE(log(1).leads());
}

TEST_F(LogMembers, ANodeThatLostItsFilesComesBackUnderAnotherIdAtItsAddress) {
  begin(1);
  join(2);
  ASSERT_TRUE(add(log(1), 2));
  nodes[2].log.reset();
  nodes[3].address = nodes[2].address;
  join(3);
  ASSERT_TRUE(add(log(1), 3));
  store("entry");
  EXPECT_TRUE(hears(3, "entry"));
  EXPECT_EQ(member(1, 3)->address, member(1, 2)->address);
}

TEST_F(LogMembers, OneThatStopsLetsAnotherLead) {
  grow_to(3);
  const auto first = leader();
  log(first).stop();
  nodes[first].log.reset();
  EXPECT_NE(leader(), first);
  store("entry");
}

TEST_F(LogMembers, AChangeThatComesAfterTheEndIsAnswered) {
  begin(1);
  log(1).stop();
  const auto added = asked([&](auto done) { log(1).add({2, "127.0.0.1:1"}, done); });
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace mosaic::replication
