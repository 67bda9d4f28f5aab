#include "storage/checksum_vfs.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <fstream>

#include "sample_shard.hpp"
#include "support/temporary_folder.hpp"

namespace mosaic::storage {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_file(const fs::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

/// Reads every page; the words of what was wrong, empty when nothing was.
std::string damage_of(const fs::path& path) {
  try {
    Database database(path, OpenMode::kReadOnly);
    auto check = database.prepare("PRAGMA integrity_check(1)");
    check.step();
    const std::string answer(check.column_text(0));
    return answer == "ok" ? "" : answer;
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.error().code, ErrorCode::kCorruptData) << failure.what();
    return failure.what();
  }
}

/// What somebody who reads all documents gets to see.
std::string failure_of_reading(const fs::path& path) {
  try {
    Database database(path, OpenMode::kReadOnly);
    for (const auto* const table : {"versions", "ended", "vectors", "pagerank", "edges"}) {
      auto select = database.prepare(fmt::format("SELECT * FROM {} NOT INDEXED", table));
      while (select.step()) {
        for (int column = 0; column < 4; ++column) select.column_blob(column);
      }
    }
    return "";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.error().code, ErrorCode::kCorruptData) << failure.what();
    return failure.what();
  }
}

class ChecksumVfsTest : public ::testing::Test {
 protected:
  ChecksumVfsTest() {
    make_sample_file(path_, 3'000, random_);
    whole_ = read_file(path_);
  }

  test::TemporaryFolder folder_;
  fs::path path_ = folder_ / "shard.sqlite";
  std::mt19937 random_{20};
  std::string whole_;
};

TEST_F(ChecksumVfsTest, ReadsBackWhatItWroteThroughWalAndCheckpoint) {
  EXPECT_EQ(damage_of(path_), "");
  Database database(path_, OpenMode::kReadWrite);
  EXPECT_EQ(database.query_int("SELECT count(*) FROM versions"), 3'000);
  EXPECT_GT(database.query_int("SELECT count(*) FROM documents_fts WHERE documents_fts MATCH 'w7'"),
            0);
  database.execute("INSERT INTO documents_fts(documents_fts, rank) VALUES('integrity-check', 1)");
}

TEST_F(ChecksumVfsTest, LeavesAFileThatStockSqliteReads) {
  sqlite3* stock = nullptr;
  ASSERT_EQ(sqlite3_open_v2(path_.c_str(), &stock, SQLITE_OPEN_READONLY, "unix"), SQLITE_OK);
  sqlite3_stmt* select = nullptr;
  ASSERT_EQ(sqlite3_prepare_v2(stock, "SELECT count(*), sum(length(text)) FROM versions", -1,
                               &select, nullptr),
            SQLITE_OK);
  ASSERT_EQ(sqlite3_step(select), SQLITE_ROW);
  EXPECT_EQ(sqlite3_column_int(select, 0), 3'000);
  EXPECT_GT(sqlite3_column_int(select, 1), 3'000 * 60);
  sqlite3_finalize(select);
  EXPECT_EQ(sqlite3_close(stock), SQLITE_OK);
  EXPECT_EQ(damage_of(path_), "");
}

TEST_F(ChecksumVfsTest, NoticesEverySingleChangedByte) {
  for (int i = 0; i < 200; ++i) {
    auto bytes = whole_;
    const auto at = random_() % bytes.size();
    const auto flip = static_cast<char>(1 + random_() % 255);
    bytes[at] = static_cast<char>(bytes[at] ^ flip);
    write_file(path_, bytes);
    EXPECT_NE(damage_of(path_), "") << "byte " << at << " xor " << int{flip};
  }
}

TEST_F(ChecksumVfsTest, NamesTheDamagedPageToWhoReadsTheRows) {
  const auto at = whole_.find("\"section\"");
  ASSERT_NE(at, std::string::npos);
  auto bytes = whole_;
  bytes[at] = '!';
  write_file(path_, bytes);
  const auto words = failure_of_reading(path_);
  const auto expected = fmt::format("page {} does not match its checksum", at / kPageBytes + 1);
  EXPECT_NE(words.find(expected), std::string::npos) << words;
}

TEST_F(ChecksumVfsTest, NoticesAChangedHeader) {
  for (std::size_t at = 0; at < 100; ++at) {
    auto bytes = whole_;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x20);
    write_file(path_, bytes);
    EXPECT_NE(damage_of(path_), "") << "byte " << at;
  }
}

TEST_F(ChecksumVfsTest, NoticesZeroedAndExchangedPages) {
  const auto pages = whole_.size() / kPageBytes;
  for (int i = 0; i < 20; ++i) {
    const auto page = random_() % pages;
    auto bytes = whole_;
    bytes.replace(page * kPageBytes, kPageBytes, kPageBytes, '\0');
    write_file(path_, bytes);
    EXPECT_NE(damage_of(path_), "") << "zeroed page " << page + 1;

    const auto other = (page + 1 + random_() % (pages - 1)) % pages;
    bytes = whole_;
    bytes.replace(page * kPageBytes, kPageBytes, whole_, other * kPageBytes, kPageBytes);
    bytes.replace(other * kPageBytes, kPageBytes, whole_, page * kPageBytes, kPageBytes);
    write_file(path_, bytes);
    EXPECT_NE(damage_of(path_), "") << "exchanged pages " << page + 1 << " and " << other + 1;
  }
}

TEST_F(ChecksumVfsTest, NoticesATruncatedFileWhereverItEnds) {
  for (const auto left :
       {whole_.size() - 1, whole_.size() - kPageBytes, whole_.size() / 2 + 7,
        std::size_t{kPageBytes}, std::size_t{4000}, std::size_t{50}, std::size_t{1}}) {
    write_file(path_, whole_.substr(0, left));
    EXPECT_NE(damage_of(path_), "") << left << " bytes left";
  }
}

TEST_F(ChecksumVfsTest, NoticesATruncatedFileBesideALiveWal) {
  // The WAL knows the database's size, so SQLite itself would take the lost pages for zeros.
  Database writer(path_, OpenMode::kReadWrite);
  writer.execute("UPDATE meta SET value = 1; INSERT INTO meta VALUES('k', 1)");
  fs::resize_file(path_, whole_.size() / 2);
  EXPECT_NE(failure_of_reading(path_), "");
}

TEST_F(ChecksumVfsTest, StaysSoundUnderGrowthDeletesSpillsAndVacuum) {
  for (int round = 0; round < 30; ++round) {
    Database database(path_, OpenMode::kReadWrite);
    database.execute("PRAGMA cache_size = 10");
    {
      Transaction transaction(database);
      database.execute(fmt::format("DELETE FROM vectors WHERE row % 7 = {}", round % 7));
      database.execute(
          fmt::format("INSERT INTO vectors SELECT {0} + value, randomblob({0} % 9000) "
                      "FROM json_each('[1,2,3,4,5,6,7,8,9]')",
                      100'000 + round * 1'000));
      database.execute(fmt::format("DELETE FROM versions WHERE row % 29 = {}", round % 29));
      if (round % 5 != 4) transaction.commit();
    }
    if (round % 3 == 0) database.execute("PRAGMA wal_checkpoint(TRUNCATE)");
    if (round % 10 == 9) database.execute("VACUUM");
    auto check = database.prepare("PRAGMA integrity_check");
    ASSERT_TRUE(check.step());
    ASSERT_EQ(check.column_text(0), "ok") << "round " << round;
  }
  EXPECT_EQ(damage_of(path_), "");
}

TEST_F(ChecksumVfsTest, SurvivesAProcessThatDiesWithAFullWal) {
  test::TemporaryFolder copy;
  {
    Database writer(path_, OpenMode::kReadWrite);
    writer.execute("DELETE FROM vectors WHERE row % 2 = 0");
    for (const auto* const suffix : {"", "-wal"}) {
      fs::copy_file(path_.string() + suffix, (copy / "shard.sqlite").string() + suffix);
    }
  }
  Database database(copy / "shard.sqlite", OpenMode::kReadWrite);
  EXPECT_EQ(database.query_int("SELECT count(*) FROM vectors"), 1'500);
  EXPECT_EQ(damage_of(copy / "shard.sqlite"), "");
}

}  // namespace
}  // namespace mosaic::storage
