#include "replication/commit_news.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace mosaic::replication {
namespace {

/// A leader as libraft has it, with entries of index 1 to `count`.
struct CommitNewsTest : testing::Test {
  struct raft raft {};
  std::vector<raft_entry> entries{16};
  std::vector<raft_message> sent;
  CommitNews news{raft, [this](const raft_message& message) { sent.push_back(message); }};

  void SetUp() override {
    raft.state = RAFT_LEADER;
    raft.current_term = 5;
    raft.log.entries = entries.data();
    raft.log.size = entries.size();
    for (auto& entry : entries) entry.term = 4;
    write(3);
  }

  void write(std::size_t count) { raft.log.back = count; }
  void commit(Index index) { raft.commit_index = index; }

  void stored(raft_id id, Index index, Index rejected = 0, raft_term term = 5) {
    raft_message message{};
    message.type = RAFT_IO_APPEND_ENTRIES_RESULT;
    message.server_id = id;
    message.append_entries_result = {term, rejected, index};
    news.heard(message);
  }
};

TEST_F(CommitNewsTest, AFollowerHearsOnceOfWhatIsCommitted) {
  stored(2, 3);
  commit(3);
  news.tell();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].server_id, 2U);
  EXPECT_EQ(sent[0].append_entries.leader_commit, 3U);
  EXPECT_EQ(sent[0].append_entries.prev_log_index, 3U);
  EXPECT_EQ(sent[0].append_entries.prev_log_term, 4U);
  EXPECT_EQ(sent[0].append_entries.n_entries, 0U);
  news.tell();
  EXPECT_EQ(sent.size(), 1U);
}

TEST_F(CommitNewsTest, AFollowerIsNotToldOfWhatItHasNotStored) {
  stored(2, 2);
  stored(3, 3);
  commit(3);
  news.tell();
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(sent[0].append_entries.prev_log_index, 2U);
  stored(2, 3);
  news.tell();
  ASSERT_EQ(sent.size(), 3U);
  EXPECT_EQ(sent[2].append_entries.prev_log_index, 3U);
}

TEST_F(CommitNewsTest, WaitsWhileMoreIsOnItsWay) {
  stored(2, 3);
  write(4);
  commit(3);
  news.tell();
  EXPECT_TRUE(sent.empty());
}

TEST_F(CommitNewsTest, ARefusalTellsNothing) {
  stored(2, 3, 3);
  stored(2, 3, 0, 4);
  commit(3);
  news.tell();
  EXPECT_TRUE(sent.empty());
}

TEST_F(CommitNewsTest, WhoDoesNotLeadTellsNobody) {
  stored(2, 3);
  commit(3);
  raft.state = RAFT_FOLLOWER;
  news.tell();
  EXPECT_TRUE(sent.empty());
}

TEST_F(CommitNewsTest, InANewTermEverybodyIsHeardAnew) {
  stored(2, 3);
  raft.current_term = 6;
  commit(3);
  news.tell();
  EXPECT_TRUE(sent.empty());
}

TEST_F(CommitNewsTest, FindsTermsBehindASnapshotAndAroundTheBuffersEnd) {
  raft.log.offset = 100;
  raft.log.front = 15;
  raft.log.back = 1;  // entries 101 and 102, the second in slot 0
  entries[0].term = 5;
  raft.log.snapshot.last_index = 100;
  raft.log.snapshot.last_term = 3;
  stored(2, 100);
  stored(3, 102);
  stored(4, 99);
  commit(102);
  news.tell();
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(sent[0].append_entries.prev_log_term, 3U);
  EXPECT_EQ(sent[1].append_entries.prev_log_term, 5U);
}

}  // namespace
}  // namespace mosaic::replication
