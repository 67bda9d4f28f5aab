// A disk that has no room, and one that fails: by a limit on the size of files.
#include <sys/resource.h>

#include <csignal>

#include "replication/raft_log.hpp"
#include "support/temporary_folder.hpp"
#include "unit/replication/heard.hpp"

namespace mosaic::replication {
namespace {

using test::Heard;

/// No file of this process grows past `bytes` while it lives.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

struct RaftDisk : testing::Test {
  mosaic::test::TemporaryFolder folder;
  Heard heard;
  Ticket next = 0;

  RaftLogOptions options() const {
    RaftLogOptions made;
    made.folder = folder / "log";
    return made;
  }

  /// Whether it was stored; waits for the answer.
  bool write(RaftLog& log, std::size_t bytes) {
    const auto stored = heard.entries.size();
    const auto refused = heard.refusals.size();
    log.append({{1}, EntryKind::kWrite, std::string(bytes, 'x'), ++next});
    std::unique_lock lock(heard.mutex);
    heard.changed.wait_for(lock, std::chrono::seconds(30), [&] {
      return heard.entries.size() > stored || heard.refusals.size() > refused;
    });
    return heard.entries.size() > stored;
  }
};

TEST_F(RaftDisk, ThatIsFullRefusesAndIsOpenedAgainWhenThereIsRoom) {
  std::size_t stored = 0;
  RaftLog log(options());
  log.listen(heard.listener());
  {
    const FileSizeLimit limit(4 << 20);
    // Those segments that were prepared before take some more.
    while (write(log, 1 << 20)) ASSERT_LT(++stored, 40U);
    EXPECT_EQ(heard.refusals[0].second.code, ErrorCode::kUnavailable);
    EXPECT_EQ(log.last_seq(), stored);
  }
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!write(log, 100)) ASSERT_LT(std::chrono::steady_clock::now(), until);
  EXPECT_EQ(heard.entries.size(), stored + 1);
  for (std::size_t i = 0; i < heard.entries.size(); ++i) EXPECT_EQ(heard.entries[i].seq, i + 1);
}

TEST_F(RaftDisk, ThatIsFullKeepsWhatWasStored) {
  std::size_t stored = 0;
  {
    RaftLog log(options());
    log.listen(heard.listener());
    const FileSizeLimit limit(4 << 20);
    while (write(log, 1 << 20)) ASSERT_LT(++stored, 40U);
  }
  RaftLog log(options());
  EXPECT_EQ(log.last_seq(), stored);
  EXPECT_EQ(log.size().entries, stored);
}

TEST_F(RaftDisk, ThatFailsStopsTheNode) {
  std::optional<Error> stopped;
  std::mutex mutex;
  auto made = options();
  made.fail_stop = [&](const Error& error) {
    const std::lock_guard lock(mutex);
    stopped = error;
  };
  RaftLog log(std::move(made));
  log.listen(heard.listener());
  ASSERT_TRUE(write(log, 20'000));
  {
    // Its segment has been made: now nothing can be written into it.
    const FileSizeLimit limit(4096);
    EXPECT_FALSE(write(log, 100'000));
  }
  const std::lock_guard lock(mutex);
  ASSERT_TRUE(stopped);
  EXPECT_EQ(log.last_seq(), 1U);
}

}  // namespace
}  // namespace mosaic::replication
