#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "unit/check/sample_folder.hpp"

namespace mosaic::check {
namespace {

using test::execute;
using test::flip;
using test::overwrite;
using test::SampleFolder;
namespace fs = std::filesystem;
using test::told;

bool is_free(const fs::path& file) {
  // Neither holds anything that could be damaged: SQLite makes the one anew, the other is empty.
  return file.filename() == "LOCK" || file.string().ends_with("-shm");
}

std::vector<fs::path> files_of(const SampleFolder& folder) {
  std::vector<fs::path> files;
  for (const auto& [name, bytes] : folder.contents()) {
    if (!is_free(name) && !bytes.empty()) files.emplace_back(name);
  }
  return files;
}

class Detection : public ::testing::Test {
 protected:
  void expect_damage(const std::string& what) {
    const auto report = folder_.check();
    EXPECT_FALSE(report.sound()) << what;
  }

  SampleFolder folder_;
  std::mt19937 random_ = test::seeded();
};

TEST_F(Detection, FindsNothingInASoundFolderAndCountsWhatItHolds) {
  const auto report = folder_.check();
  EXPECT_TRUE(report.sound());
  EXPECT_EQ(told(report), "");
  EXPECT_EQ(report.collections, 1U);
  EXPECT_EQ(report.documents, static_cast<std::uint64_t>(test::kDocuments));
  EXPECT_EQ(report.links, static_cast<std::uint64_t>(test::kDocuments));
  EXPECT_EQ(report.entries, SampleFolder::last_seq());
}

TEST_F(Detection, FindsNothingAfterAKillAndChangesNothing) {
  folder_.kill();
  const auto before = folder_.contents();
  EXPECT_TRUE(before.contains(folder_.shard(0).string() + "-wal"));
  const auto report = folder_.check();
  EXPECT_EQ(told(report), "");
  EXPECT_EQ(folder_.contents(), before);
}

TEST_F(Detection, AFileThatIsDerivedMayBeMissing) {
  folder_.kill();
  fs::remove(folder_.shard(0).string() + "-shm");
  EXPECT_TRUE(folder_.check().sound());
}

TEST_F(Detection, SeesAFlippedBitInEveryFile) {
  folder_.kill();
  for (const auto& file : files_of(folder_)) {
    const auto whole = *read_whole(file);
    for (int i = 0; i < 12; ++i) {
      const auto at = random_() % whole.size();
      // Behind the entries of a segment there are zeros that nothing reads; a set bit among them is
      // seen all the same.
      flip(file, at, static_cast<int>(random_() % 8));
      expect_damage(fmt::format("{} byte {} of {}", file.filename().string(), at, whole.size()));
      overwrite(file, 0, whole);
    }
  }
}

TEST_F(Detection, SeesAZeroedPageInEveryFile) {
  for (const auto& file : files_of(folder_)) {
    const auto whole = *read_whole(file);
    for (std::size_t at = 0; at < whole.size(); at += test::kPage) {
      const auto page = whole.substr(at, test::kPage);
      if (page.find_first_not_of('\0') == std::string::npos) continue;
      overwrite(file, at, std::string(page.size(), '\0'));
      expect_damage(fmt::format("{} page at {}", file.filename().string(), at));
      overwrite(file, at, page);
      if (whole.size() > 40 * test::kPage) at += (random_() % 20) * test::kPage;
    }
  }
}

TEST_F(Detection, SeesATruncatedFile) {
  for (const auto& file : files_of(folder_)) {
    const auto whole = *read_whole(file);
    for (const auto size : {std::size_t{0}, whole.size() / 3, whole.size() / 2}) {
      // Of a segment that is being written, the end may be zeros: nothing is gone with them.
      if (whole.find_first_not_of('\0', size) == std::string::npos) continue;
      fs::resize_file(file, size);
      expect_damage(
          fmt::format("{} cut to {} of {}", file.filename().string(), size, whole.size()));
      std::ofstream(file, std::ios::binary) << whole;
    }
  }
}

TEST_F(Detection, SeesAMissingFile) {
  for (const auto& file : files_of(folder_)) {
    const auto whole = *read_whole(file);
    fs::remove(file);
    expect_damage(fmt::format("{} removed", file.filename().string()));
    std::ofstream(file, std::ios::binary) << whole;
  }
}

TEST_F(Detection, SeesAMissingWriteAheadLogThatHeldSomething) {
  folder_.kill();
  fs::remove(folder_.shard(1).string() + "-wal");
  const auto report = folder_.check();
  ASSERT_EQ(report.findings.size(), 1U) << told(report);
  EXPECT_EQ(report.findings[0].severity, Severity::kDerived);
  EXPECT_NE(report.findings[0].what.find("it is missing"), std::string::npos);
}

TEST_F(Detection, TakesFramesOfBeforeARecoveryForNoDamage) {
  folder_.kill();
  const fs::path wal = folder_.shard(1).string() + "-wal";
  // A transaction that was not committed, as a crash leaves it: SQLite writes over its frames.
  const auto frames = *read_whole(wal);
  std::ofstream(wal, std::ios::binary | std::ios::app)
      << frames.substr(32, 24) << std::string(test::kPage, 'x');
  EXPECT_EQ(told(folder_.check()), "");
  fs::remove(folder_.shard(1).string() + "-shm");
  EXPECT_TRUE(folder_.check().sound());
}

TEST_F(Detection, NamesTheDocumentsOnADamagedPage) {
  const auto file = folder_.shard(0);
  const auto lost = test::query(file, "SELECT min(row) FROM versions WHERE seq = 4");
  const auto id = [&](std::int64_t row) {
    storage::Database database(file, storage::OpenMode::kReadOnly);
    auto select = database.prepare("SELECT id FROM versions WHERE row = ?1");
    select.bind(1, row);
    select.step();
    return std::string(select.column_text(0));
  };
  const auto name = id(lost);
  // The text of that document is on the page of its row.
  const auto bytes = *read_whole(file);
  const auto at = bytes.find("common word" + name.substr(1) + " ");
  ASSERT_NE(at, std::string::npos);
  flip(file, at, 3);
  const auto report = folder_.check();
  ASSERT_EQ(report.findings.size(), 1U) << told(report);
  EXPECT_EQ(report.findings[0].severity, Severity::kTruth);
  EXPECT_EQ(report.findings[0].place, fmt::format("page {}", at / test::kPage + 1));
  EXPECT_NE(report.findings[0].lost.find("table versions"), std::string::npos) << told(report);
  EXPECT_NE(report.findings[0].lost.find(name), std::string::npos) << told(report);
}

TEST_F(Detection, SeesAnOlderCopyOfAShard) {
  storage::Catalog(folder_.root() / "catalog.db")
      .set_shard({1}, {2}, {true, SampleFolder::last_seq()});
  const auto report = folder_.check();
  ASSERT_EQ(report.findings.size(), 1U) << told(report);
  EXPECT_NE(report.findings[0].what.find("older copy"), std::string::npos);
}

TEST_F(Detection, SeesShardsThatChangedPlaces) {
  fs::copy_file(folder_.shard(0), folder_.shard(1), fs::copy_options::overwrite_existing);
  expect_damage("shard 0 in the place of shard 1");
}

TEST_F(Detection, SeesAShardThatIsAheadOfTheLog) {
  execute(folder_.shard(0), "UPDATE meta SET value = 99 WHERE key = 'applied_seq'");
  const auto report = folder_.check();
  ASSERT_FALSE(report.findings.empty());
  EXPECT_NE(told(report).find("the log ends at"), std::string::npos) << told(report);
}

TEST_F(Detection, RefusesWhatIsNoDataFolderOrIsInUse) {
  CheckProgress progress;
  const auto missing = check_folder(folder_.root() / "nothing", false, progress);
  EXPECT_EQ(missing.error().code, ErrorCode::kInvalidArgument);
  const auto strange = check_folder(folder_.root() / "collections" / "docs-1", false, progress);
  EXPECT_EQ(strange.error().code, ErrorCode::kInvalidArgument);
  const int lock = ::open((folder_.root() / "LOCK").c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_EQ(::flock(lock, LOCK_EX | LOCK_NB), 0);
  const auto used = check_folder(folder_.root(), false, progress);
  EXPECT_EQ(used.error().code, ErrorCode::kUnavailable);
  ::close(lock);
}

}  // namespace
}  // namespace mosaic::check
