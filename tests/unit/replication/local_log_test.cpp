#include "replication/local_log.hpp"

#include <gtest/gtest.h>

#include <future>

#include "support/temporary_folder.hpp"

namespace mosaic::replication {
namespace {

/// Collects what the log reports until as many entries have come as are awaited.
struct Heard {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<Entry> entries;

  LogListener listener() {
    return {[this](const Entry& entry) {
              const std::lock_guard lock(mutex);
              entries.push_back(entry);
              changed.notify_all();
            },
            [](Ticket, const Error& error) { ADD_FAILURE() << error.detail; }};
  }

  void await(std::size_t count) {
    std::unique_lock lock(mutex);
    ASSERT_TRUE(
        changed.wait_for(lock, std::chrono::seconds(30), [&] { return entries.size() >= count; }));
  }
};

TEST(LocalLog, ReportsManyWritersEntriesInOrderAndOnce) {
  test::TemporaryFolder folder;
  Heard heard;
  LocalLog log(folder / "log.db");
  log.listen(heard.listener());
  constexpr int kWriters = 4;
  constexpr int kEach = 100;
  std::vector<std::future<void>> writers;
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.push_back(std::async(std::launch::async, [&log, writer] {
      for (int i = 1; i <= kEach; ++i) {
        log.append({{1}, EntryKind::kWrite, "entry", static_cast<Ticket>(writer * kEach + i)});
      }
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

TEST(LocalLog, KeepsEverythingQueuedWhenItStops) {
  test::TemporaryFolder folder;
  {
    Heard heard;
    LocalLog log(folder / "log.db");
    log.listen(heard.listener());
    for (Ticket ticket = 1; ticket <= 50; ++ticket)
      log.append({{1}, EntryKind::kWrite, "entry", ticket});
    log.stop();
    EXPECT_EQ(heard.entries.size(), 50U);
  }
  LocalLog log(folder / "log.db");
  EXPECT_EQ(log.last_seq(), 50U);
  EXPECT_EQ(log.read(10, {1}, 1 << 20)->size(), 40U);
}

TEST(LocalLog, KnowsHowManyEntriesItKeeps) {
  test::TemporaryFolder folder;
  {
    Heard heard;
    LocalLog log(folder / "log.db");
    EXPECT_EQ(log.size().entries, 0U);
    log.listen(heard.listener());
    for (Ticket ticket = 1; ticket <= 5; ++ticket)
      log.append({{1}, EntryKind::kWrite, "entry", ticket});
    heard.await(5);
    EXPECT_EQ(log.size().entries, 5U);
    EXPECT_GT(log.size().bytes, 0U);
    log.truncate(3);
    log.stop();
    EXPECT_EQ(log.size().entries, 2U);
  }
  EXPECT_EQ(LocalLog(folder / "log.db").size().entries, 2U);
}

TEST(LocalLog, ThatWasCutWholeKeepsNothing) {
  test::TemporaryFolder folder;
  {
    Heard heard;
    LocalLog log(folder / "log.db");
    log.listen(heard.listener());
    log.append({{1}, EntryKind::kWrite, "entry", 1});
    heard.await(1);
    log.truncate(1);
    log.stop();
  }
  EXPECT_EQ(LocalLog(folder / "log.db").size().entries, 0U);
}

}  // namespace
}  // namespace mosaic::replication
