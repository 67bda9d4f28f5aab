#include "storage/log_file.hpp"

#include <gtest/gtest.h>

#include "support/temporary_folder.hpp"

namespace mosaic::storage {
namespace {

struct LogFileTest : ::testing::Test {
  test::TemporaryFolder folder;
  std::filesystem::path path = folder / "log.db";

  static LogRow row(Seq collection, std::string bytes, EntryKind kind = EntryKind::kWrite) {
    return {0, {collection}, kind, std::move(bytes)};
  }
};

TEST_F(LogFileTest, GivesEachEntryTheNextSeqAndKeepsItAcrossReopening) {
  {
    LogFile log(path);
    std::vector rows{row(1, "a"), row(1, "b")};
    log.append(rows);
    EXPECT_EQ(rows[1].seq, 2U);
  }
  LogFile log(path);
  EXPECT_EQ(log.last_seq(), 2U);
  const auto kept = log.read(0, std::nullopt, 1 << 20);
  ASSERT_EQ(kept.size(), 2U);
  EXPECT_EQ(kept[1].bytes, "b");
}

TEST_F(LogFileTest, ReadsOneCollectionInPieces) {
  LogFile log(path);
  std::vector rows{row(1, "a"), row(2, "x"), row(1, "b"), row(1, "c")};
  log.append(rows);
  const auto first = log.read(0, CollectionId{1}, 1);
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(log.read(first[0].seq, CollectionId{1}, 100).size(), 2U);
  EXPECT_EQ(log.last_seq_of({1}), 4U);
  EXPECT_EQ(log.last_seq_of({9}), 0U);
}

TEST_F(LogFileTest, NeverGivesASeqTwiceAfterCutting) {
  {
    LogFile log(path);
    std::vector rows{row(1, "a"), row(1, "b")};
    log.append(rows);
    log.truncate(2);
    EXPECT_TRUE(log.read(0, std::nullopt, 100).empty());
  }
  LogFile log(path);
  std::vector rows{row(1, "c")};
  log.append(rows);
  EXPECT_EQ(rows[0].seq, 3U);
}

TEST_F(LogFileTest, TellsCatalogEntriesApart) {
  LogFile log(path);
  std::vector rows{row(0, "make", EntryKind::kCreateCollection), row(1, "write"),
                   row(1, "ranks", EntryKind::kPageRank), row(1, "move", EntryKind::kMove)};
  log.append(rows);
  ASSERT_EQ(log.read_catalog(0).size(), 1U);
  EXPECT_TRUE(log.read_catalog(1).empty());
}

TEST_F(LogFileTest, NoticesAnEntryThatWasChanged) {
  LogFile log(path);
  std::vector rows{row(1, "true words")};
  log.append(rows);
  Database vandal(path, OpenMode::kReadWrite);
  vandal.execute("UPDATE entries SET bytes = x'00'");
  EXPECT_THROW(log.read(0, std::nullopt, 100), Failure);
}

}  // namespace
}  // namespace mosaic::storage
