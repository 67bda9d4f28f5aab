#include "storage/database.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <limits>

#include "support/temporary_folder.hpp"

namespace mosaic::storage {
namespace {

template <class Work>
Error error_of(Work&& work) {
  try {
    work();
  } catch (const Failure& failure) {
    return failure.error();
  }
  ADD_FAILURE() << "no Failure was thrown";
  return {};
}

class DatabaseTest : public ::testing::Test {
 protected:
  test::TemporaryFolder folder_;
  std::filesystem::path path_ = folder_ / "x.sqlite";
};

TEST_F(DatabaseTest, CreatesAFileWithWalSmallPagesAndRoomForChecksums) {
  Database database(path_, OpenMode::kCreate);
  database.execute("CREATE TABLE t(a); PRAGMA wal_checkpoint(TRUNCATE)");
  EXPECT_EQ(database.query_int("PRAGMA page_size"), 4096);
  EXPECT_EQ(database.query_int("PRAGMA wal_autocheckpoint"), 0);
  EXPECT_EQ(database.query_int("PRAGMA secure_delete"), 0);
  std::ifstream file(path_, std::ios::binary);
  std::string header(100, '\0');
  ASSERT_TRUE(file.read(header.data(), 100));
  EXPECT_EQ(header[18], 2) << "write version: WAL";
  EXPECT_EQ(header[20], 8) << "reserved bytes";
}

TEST_F(DatabaseTest, SaysThatAMissingOrEmptyFileIsMissing) {
  for (const auto mode : {OpenMode::kReadWrite, OpenMode::kReadOnly}) {
    const auto error = error_of([&] { Database database(path_, mode); });
    EXPECT_EQ(error.code, ErrorCode::kCorruptData);
    EXPECT_NE(error.detail.find("x.sqlite' is missing"), std::string::npos) << error.detail;
  }
  std::ofstream(path_).flush();
  EXPECT_EQ(error_of([&] { Database database(path_, OpenMode::kReadWrite); }).code,
            ErrorCode::kCorruptData);
}

TEST_F(DatabaseTest, RefusesToCreateInAFolderThatIsMissing) {
  const auto error =
      error_of([&] { Database database(folder_ / "none/x.sqlite", OpenMode::kCreate); });
  EXPECT_EQ(error.code, ErrorCode::kUnavailable);
}

TEST_F(DatabaseTest, RefusesAFileThatIsNoDatabase) {
  std::ofstream(path_) << std::string(8192, 'x');
  for (const auto mode : {OpenMode::kCreate, OpenMode::kReadWrite, OpenMode::kReadOnly}) {
    EXPECT_EQ(error_of([&] { Database database(path_, mode); }).code, ErrorCode::kCorruptData);
  }
}

TEST_F(DatabaseTest, GivesBackEveryBoundValue) {
  Database database(path_, OpenMode::kCreate);
  auto select = database.prepare("SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7");
  const std::string text("a\0b", 3);
  select.bind(1, std::numeric_limits<std::int64_t>::min()).bind(2, 0.1);
  select.bind_text(3, std::string_view(text)).bind_blob(4, std::string_view("\xff\0", 2));
  select.bind_null(5).bind_text(6, std::optional<std::string>()).bind_text(7, std::string_view());
  ASSERT_TRUE(select.step());
  EXPECT_EQ(select.column_int(0), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(select.column_double(1), 0.1);
  EXPECT_EQ(select.column_text(2), text);
  EXPECT_EQ(select.column_blob(3), std::string_view("\xff\0", 2));
  EXPECT_TRUE(select.is_null(4));
  EXPECT_EQ(select.column_optional_text(5), std::nullopt);
  EXPECT_EQ(select.column_optional_text(6), "") << "an empty view is empty text, not NULL";
  EXPECT_FALSE(select.step());
}

TEST_F(DatabaseTest, KeepsCachedStatementsResetBetweenUses) {
  Database database(path_, OpenMode::kCreate);
  database.execute("CREATE TABLE t(a)");
  for (std::int64_t i = 0; i < 3; ++i) {
    auto insert = database.cached("INSERT INTO t VALUES(?1)");
    insert->bind(1, i).run();
    EXPECT_EQ(database.changes(), 1);
    EXPECT_EQ(database.last_insert_row(), i + 1);
  }
  auto select = database.cached("SELECT a FROM t WHERE a IS ?1");
  EXPECT_FALSE(select->step()) << "a binding of an earlier use must not live on";
  EXPECT_EQ(database.query_int("SELECT count(*) FROM t"), 3);
}

TEST_F(DatabaseTest, RollsBackATransactionThatWasNotCommitted) {
  Database database(path_, OpenMode::kCreate);
  database.execute("CREATE TABLE t(a)");
  {
    Transaction transaction(database);
    database.execute("INSERT INTO t VALUES(1)");
  }
  EXPECT_EQ(database.query_int("SELECT count(*) FROM t"), 0);
  Transaction transaction(database);
  database.execute("INSERT INTO t VALUES(1)");
  transaction.commit();
  EXPECT_EQ(database.query_int("SELECT count(*) FROM t"), 1);
}

TEST_F(DatabaseTest, ReadersSeeOneSnapshotAndCannotWrite) {
  Database writer(path_, OpenMode::kCreate);
  writer.execute("CREATE TABLE t(a); INSERT INTO t VALUES(1)");
  Database reader(path_, OpenMode::kReadOnly);
  reader.execute("BEGIN");
  EXPECT_EQ(reader.query_int("SELECT count(*) FROM t"), 1);
  writer.execute("INSERT INTO t VALUES(2)");
  EXPECT_EQ(reader.query_int("SELECT count(*) FROM t"), 1);
  reader.execute("COMMIT");
  EXPECT_EQ(reader.query_int("SELECT count(*) FROM t"), 2);
  EXPECT_EQ(error_of([&] { reader.execute("INSERT INTO t VALUES(3)"); }).code,
            ErrorCode::kUnavailable);
}

TEST_F(DatabaseTest, TellsAFullDiskByName) {
  Database database(path_, OpenMode::kCreate);
  database.execute("CREATE TABLE t(a); PRAGMA max_page_count = 5");
  const auto error = error_of([&] { database.execute("INSERT INTO t VALUES(zeroblob(100000))"); });
  EXPECT_EQ(error.code, ErrorCode::kUnavailable);
  EXPECT_NE(error.detail.find("disk is full"), std::string::npos) << error.detail;
}

TEST_F(DatabaseTest, NamesFileAndStatementButNotTheMachinesFolders) {
  std::filesystem::create_directory(folder_ / "docs");
  Database database(folder_ / "docs/0.sqlite", OpenMode::kCreate);
  const auto error = error_of([&] { database.prepare("SELECT absent"); });
  EXPECT_EQ(error.code, ErrorCode::kInternal);
  EXPECT_EQ(error.detail, "'docs/0.sqlite': no such column: absent (while: SELECT absent)");
}

TEST_F(DatabaseTest, TakesWordsInDoubleQuotesForNamesOnly) {
  Database database(path_, OpenMode::kCreate);
  EXPECT_EQ(error_of([&] { database.prepare("SELECT \"net\""); }).code, ErrorCode::kInternal);
}

}  // namespace
}  // namespace mosaic::storage
