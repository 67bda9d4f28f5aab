#include "replication/raft_log.hpp"

#include <future>

#include "base/failure.hpp"
#include "replication/raft_files.hpp"
#include "support/temporary_folder.hpp"
#include "unit/replication/heard.hpp"
#include "unit/replication/stored_floor.hpp"

namespace mosaic::replication {
namespace {

using mosaic::test::TemporaryFolder;
using test::Heard;
using test::write;

RaftLogOptions in(const TemporaryFolder& folder) {
  RaftLogOptions options;
  options.folder = folder / "log";
  return options;
}

void fill(RaftLog& log, Heard& heard, std::size_t count, const std::string& bytes = "entry") {
  const auto before = heard.entries.size();
  for (std::size_t i = 1; i <= count; ++i) log.append(write(before + i, bytes));
  heard.await(before + count);
}

TEST(RaftLog, ReportsManyWritersEntriesInOrderAndOnce) {
  TemporaryFolder folder;
  Heard heard;
  RaftLog log(in(folder));
  log.listen(heard.listener());
  constexpr int kWriters = 4;
  constexpr int kEach = 100;
  std::vector<std::future<void>> writers;
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.push_back(std::async(std::launch::async, [&log, writer] {
      for (int i = 1; i <= kEach; ++i) log.append(write(static_cast<Ticket>(writer * kEach + i)));
    }));
  }
  for (auto& writer : writers) writer.get();
  heard.await(kWriters * kEach);
  std::vector<bool> seen(kWriters * kEach + 1);
  for (std::size_t i = 0; i < heard.entries.size(); ++i) {
    EXPECT_EQ(heard.entries[i].seq, i + 1);
    EXPECT_FALSE(seen.at(heard.entries[i].ticket));
    seen[heard.entries[i].ticket] = true;
  }
}

TEST(RaftLog, KeepsEverythingQueuedWhenItStops) {
  TemporaryFolder folder;
  {
    Heard heard;
    RaftLog log(in(folder));
    log.listen(heard.listener());
    for (Ticket ticket = 1; ticket <= 50; ++ticket) log.append(write(ticket));
    log.stop();
    EXPECT_EQ(heard.entries.size(), 50U);
  }
  RaftLog log(in(folder));
  EXPECT_EQ(log.last_seq(), 50U);
  EXPECT_EQ(log.size().entries, 50U);
  EXPECT_EQ(log.read(10, {1}, 1 << 20)->size(), 40U);
}

TEST(RaftLog, RefusesWhatComesAfterItsEnd) {
  TemporaryFolder folder;
  Heard heard;
  RaftLog log(in(folder));
  log.listen(heard.listener());
  log.stop();
  log.append(write(7));
  ASSERT_EQ(heard.refusals.size(), 1U);
  EXPECT_EQ(heard.refusals[0].first, 7U);
}

TEST(RaftLog, GivesBackWhatAnEntrySaid) {
  TemporaryFolder folder;
  const RequestId request{3, 4};
  {
    Heard heard;
    auto options = in(folder);
    options.now_ms = [] { return std::int64_t{1234}; };
    RaftLog log(std::move(options));
    log.listen(heard.listener());
    log.append({{9}, EntryKind::kMove, std::string("a\0b", 3), 1, request});
    heard.await(1);
    EXPECT_EQ(heard.entries[0].ticket, 1U);
  }
  RaftLog log(in(folder));
  const auto entries = *log.read(0, {9}, 1);
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].kind, EntryKind::kMove);
  EXPECT_EQ(*entries[0].bytes, std::string("a\0b", 3));
  EXPECT_EQ(entries[0].time_ms, 1234);
  EXPECT_EQ(entries[0].request, request);
  EXPECT_EQ(entries[0].ticket, 0U);
}

TEST(RaftLog, TimesNeverFall) {
  TemporaryFolder folder;
  std::int64_t now = 1000;
  const auto clock = [&now] { return now; };
  {
    Heard heard;
    auto options = in(folder);
    options.now_ms = clock;
    RaftLog log(std::move(options));
    log.listen(heard.listener());
    fill(log, heard, 1);
    now = 500;
    fill(log, heard, 1);
    EXPECT_EQ(heard.entries[1].time_ms, 1000);
  }
  Heard heard;
  auto options = in(folder);
  options.now_ms = clock;
  RaftLog log(std::move(options));
  log.listen(heard.listener());
  fill(log, heard, 1);
  EXPECT_EQ(heard.entries[0].time_ms, 1000);
}

TEST(RaftLog, ReadsByCollectionAndByKind) {
  TemporaryFolder folder;
  Heard heard;
  RaftLog log(in(folder));
  log.listen(heard.listener());
  log.append({{0}, EntryKind::kCreateCollection, "make", 1});
  log.append(write(2, "one", 1));
  log.append(write(3, "two", 2));
  log.append(write(4, "three", 1));
  heard.await(4);
  EXPECT_EQ(log.read(0, {1}, 1 << 20)->size(), 2U);
  EXPECT_EQ(log.read(2, {1}, 1 << 20)->front().seq, 4U);
  EXPECT_EQ(log.read(0, {1}, 1)->size(), 1U);
  EXPECT_EQ(log.read_catalog(0)->size(), 1U);
  EXPECT_EQ(log.read_catalog(1)->size(), 0U);
  EXPECT_EQ(log.last_seq_of({2}), 3U);
  EXPECT_EQ(log.last_seq_of({5}), 0U);
}

TEST(RaftLog, ForgetsUpToTheFloorWhenItHoldsTooMuch) {
  TemporaryFolder folder;
  const std::string bytes(10'000, 'x');
  Seq last = 0;
  {
    Heard heard;
    auto options = in(folder);
    options.retained_bytes = 100'000;
    RaftLog log(std::move(options));
    log.listen(heard.listener());
    fill(log, heard, 50, bytes);
    log.truncate(40);
    fill(log, heard, 2, bytes);
    log.stop();
    EXPECT_EQ(log.size().entries, 12U);
    // 52, or one more if the engine has needed an entry of its own.
    last = heard.entries.back().seq;
    EXPECT_EQ(log.last_seq(), last);
  }
  RaftLog log(in(folder));
  EXPECT_EQ(log.last_seq(), last);
  // Of the segments before the snapshot, libraft takes away only whole ones.
  EXPECT_EQ(log.read(40, {1}, 1 << 20)->size(), 12U);
  EXPECT_TRUE(inspect_log(folder / "log").damage.empty());
}

TEST(RaftLog, ForgetsWithoutWaitingForAnotherWrite) {
  TemporaryFolder folder;
  Heard heard;
  auto options = in(folder);
  options.retained_bytes = 10'000;
  RaftLog log(std::move(options));
  log.listen(heard.listener());
  fill(log, heard, 10, std::string(10'000, 'x'));
  log.truncate(10);
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (log.kept_bytes() != 0) ASSERT_LT(std::chrono::steady_clock::now(), until);
  fill(log, heard, 1);
  // The engine has needed an entry of its own for it.
  EXPECT_EQ(heard.entries.back().seq, 12U);
  EXPECT_EQ(log.last_seq(), 12U);
}

TEST(RaftLog, NeverForgetsWhatIsNotSavedElsewhere) {
  TemporaryFolder folder;
  const std::string bytes(10'000, 'x');
  Heard heard;
  Seq floor = 0;
  {
    auto options = in(folder);
    options.retained_bytes = 10'000;
    RaftLog log(std::move(options));
    log.listen(heard.listener());
    for (std::size_t round = 1; round <= 20; ++round) {
      fill(log, heard, 20, bytes);
      floor = heard.entries[round * 15 - 1].seq;
      log.truncate(floor);
    }
    fill(log, heard, 2, bytes);
    EXPECT_EQ(log.read(floor, {1}, 100 << 20)->size(), 102U);
  }
  RaftLog log(in(folder));
  EXPECT_EQ(log.read(floor, {1}, 100 << 20)->size(), 102U);
  EXPECT_EQ(log.read(floor, {1}, 1)->front().seq, heard.entries[300].seq);
}

TEST(RaftLog, DoesNotStartWhereItHasForgottenMoreThanTheCatalogKnows) {
  TemporaryFolder folder;
  Heard heard;
  Seq floor = 0;
  {
    auto options = in(folder);
    options.retained_bytes = 10'000;
    RaftLog log(std::move(options));
    log.listen(heard.listener());
    fill(log, heard, 20, std::string(10'000, 'x'));
    floor = heard.entries[14].seq;
    log.truncate(floor);
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (test::stored_floor(folder / "log") != floor)
      ASSERT_LT(std::chrono::steady_clock::now(), until);
  }
  // As with a catalog that is an older copy, or fresh.
  for (const Seq known : {floor - 1, Seq{0}}) {
    auto options = in(folder);
    options.floor = known;
    try {
      RaftLog log(std::move(options));
      FAIL() << "it started";
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.error().code, ErrorCode::kCorruptData);
      EXPECT_NE(failure.error().detail.find("catalog.db"), std::string::npos);
    }
  }
  auto options = in(folder);
  options.floor = floor;
  RaftLog log(std::move(options));
  EXPECT_GE(log.last_seq(), heard.entries.back().seq);
}

TEST(RaftLog, ItsFilesStayBoundedByWhatItKeeps) {
  TemporaryFolder folder;
  const std::string bytes(100'000, 'x');
  Heard heard;
  auto options = in(folder);
  options.retained_bytes = 4 << 20;
  RaftLog log(std::move(options));
  log.listen(heard.listener());
  for (Seq i = 1; i <= 20; ++i) {
    fill(log, heard, 50, bytes);
    log.truncate(i * 50);
  }
  // 100 MB were written: there are segments prepared, being written, and kept. A snapshot takes as
  // long as the disk does, and the next write looks whether another one is due.
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (log.kept_bytes() >= 15'000'000U && std::chrono::steady_clock::now() < until) {
    fill(log, heard, 1, bytes);
    log.truncate(heard.entries.back().seq);
  }
  EXPECT_LT(log.kept_bytes(), 15'000'000U);
  EXPECT_LT(log.size().bytes, 64U << 20);
}

TEST(RaftLog, TakesAnEntryLargerThanASegment) {
  TemporaryFolder folder;
  const std::string large(20 << 20, 'y');
  {
    Heard heard;
    RaftLog log(in(folder));
    log.listen(heard.listener());
    fill(log, heard, 1);
    fill(log, heard, 1, large);
    fill(log, heard, 1);
  }
  RaftLog log(in(folder));
  const auto entries = *log.read(0, {1}, 100 << 20);
  ASSERT_EQ(entries.size(), 3U);
  EXPECT_EQ(*entries[1].bytes, large);
}

TEST(RaftLog, DoesNotStartBehindWhatTheNodeHasApplied) {
  TemporaryFolder folder;
  {
    Heard heard;
    RaftLog log(in(folder));
    log.listen(heard.listener());
    fill(log, heard, 3);
  }
  auto options = in(folder);
  options.applied = 4;
  try {
    RaftLog log(std::move(options));
    FAIL() << "it started";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.error().code, ErrorCode::kCorruptData);
    EXPECT_NE(failure.error().detail.find("ends at seq 3"), std::string::npos);
  }
  options = in(folder);
  options.applied = 3;
  EXPECT_EQ(RaftLog(std::move(options)).last_seq(), 3U);
}

TEST(RaftLog, ALaterListenerHearsNothingOfBefore) {
  TemporaryFolder folder;
  Heard first;
  Heard second;
  RaftLog log(in(folder));
  log.listen(first.listener());
  for (Ticket ticket = 1; ticket <= 100; ++ticket) log.append(write(ticket));
  log.listen(second.listener());
  EXPECT_EQ(first.entries.size(), 100U);
  log.append(write(101));
  second.await(1);
  EXPECT_EQ(second.entries.size(), 1U);
}

}  // namespace
}  // namespace mosaic::replication
