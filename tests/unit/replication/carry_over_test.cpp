#include "replication/carry_over.hpp"

#include "base/durable_file.hpp"
#include "base/failure.hpp"
#include "replication/log_identity.hpp"
#include "replication/raft_log.hpp"
#include "storage/log_file.hpp"
#include "support/temporary_folder.hpp"
#include "unit/replication/heard.hpp"

namespace mosaic::replication {
namespace {

namespace fs = std::filesystem;

struct CarryOver : testing::Test {
  mosaic::test::TemporaryFolder folder;
  const fs::path old = folder / "log.db";
  const fs::path log = folder / "log";

  RaftLogOptions options() const {
    RaftLogOptions made;
    made.folder = log;
    return made;
  }

  /// Entries 1 to `last`, of which those up to `forgotten` are gone.
  void write_old(std::size_t last, Seq forgotten) const {
    storage::LogFile file(old);
    std::vector<storage::LogRow> rows;
    for (std::size_t i = 1; i <= last; ++i)
      rows.push_back({0, {i % 3}, EntryKind::kWrite, "entry " + std::to_string(i)});
    file.append(rows);
    file.truncate(forgotten);
  }
};

TEST_F(CarryOver, KeepsSeqsAndGoesOnBehindThem) {
  write_old(20, 8);
  carry_over(old, log);
  EXPECT_FALSE(fs::exists(old));
  test::Heard heard;
  RaftLog carried(options());
  EXPECT_EQ(carried.last_seq(), 20U);
  EXPECT_EQ(carried.size().entries, 12U);
  const auto entries = *carried.read(8, {1}, 1 << 20);
  ASSERT_EQ(entries.size(), 4U);
  EXPECT_EQ(entries[0].seq, 10U);
  EXPECT_EQ(*entries[0].bytes, "entry 10");
  carried.listen(heard.listener());
  carried.append({{1}, EntryKind::kWrite, "new", 1});
  heard.await(1);
  EXPECT_EQ(heard.entries[0].seq, 21U);
}

TEST_F(CarryOver, OfALogThatWasCutWholeGoesOnBehindIt) {
  write_old(20, 20);
  carry_over(old, log);
  test::Heard heard;
  RaftLog carried(options());
  carried.listen(heard.listener());
  carried.append({{1}, EntryKind::kWrite, "new", 1});
  heard.await(1);
  EXPECT_EQ(heard.entries[0].seq, 21U);
}

TEST_F(CarryOver, BeginsAnewAfterACrash) {
  write_old(5, 0);
  fs::create_directories(log);
  auto half = new_identity();
  half.whole = false;
  write_identity(log, half);
  write_durably(log / "open-1", "rubbish");
  carry_over(old, log);
  EXPECT_EQ(RaftLog(options()).last_seq(), 5U);
}

TEST_F(CarryOver, IsDoneOnce) {
  write_old(5, 0);
  carry_over(old, log);
  write_old(5, 0);  // a crash before it was taken away
  carry_over(old, log);
  EXPECT_FALSE(fs::exists(old));
  EXPECT_EQ(RaftLog(options()).size().entries, 5U);
}

TEST_F(CarryOver, HalfDoneIsNotTakenForALog) {
  write_old(5, 0);
  carry_over(old, log);
  auto identity = **read_identity(log);
  identity.whole = false;
  write_identity(log, identity);
  EXPECT_THROW(RaftLog{options()}, Failure);
}

TEST_F(CarryOver, WithoutAnOldLogDoesNothing) {
  carry_over(old, log);
  EXPECT_FALSE(fs::exists(log));
}

}  // namespace
}  // namespace mosaic::replication
