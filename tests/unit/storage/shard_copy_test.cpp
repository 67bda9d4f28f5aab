// Copies of a shard file that are made while it is written, and what they go through to become
// files of another collection.
#include "storage/shard_copy.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <fstream>

#include "base/checksum.hpp"
#include "base/digest.hpp"
#include "storage/checksum_vfs.hpp"
#include "storage/page_walk.hpp"
#include "storage/shard_reader.hpp"
#include "storage/shard_restore.hpp"
#include "storage/shard_writer.hpp"
#include "support/temporary_folder.hpp"

namespace mosaic::storage {
namespace {

constexpr auto kGoOn = [](std::uint64_t, std::uint64_t) { return true; };

std::string content(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> pages_of(const std::filesystem::path& path) {
  const auto bytes = content(path);
  std::vector<std::string> pages;
  for (std::size_t at = 0; at < bytes.size(); at += kPageBytes)
    pages.push_back(bytes.substr(at, kPageBytes));
  return pages;
}

struct ShardCopyTest : ::testing::Test {
  test::TemporaryFolder folder;
  ShardIdentity identity{{7}, {0}, 2, 2};
  std::unique_ptr<ShardWriter> writer;
  Seq seq = 7;

  void SetUp() override {
    create_shard_file(source(), identity);
    writer = std::make_unique<ShardWriter>(source(), identity);
  }

  std::filesystem::path source() const { return folder / "shard.db"; }
  std::filesystem::path copy() const { return folder / "copy.db"; }

  static std::string id(int number) {
    // Of ids, those that live on the first of two shards.
    for (int i = number * 100;; ++i) {
      if (auto name = "d" + std::to_string(i); home_shard(name, 2).value == 0) return name;
    }
  }

  void write(const std::vector<std::string>& ids, const std::string& text) {
    WriteBatch batch;
    for (const auto& each : ids) {
      Document document;
      document.id = each;
      document.text = text + " " + std::string(500, 'x');
      document.vector = {1, 2};
      document.metadata = R"({"n":1})";
      document.links = {{"elsewhere", "k", 2}};
      batch.documents.push_back(document);
    }
    writer->begin();
    RowChanges changes;
    writer->apply(batch, ++seq, changes);
    writer->commit(seq);
  }

  void write_many(int count, const std::string& text) {
    std::vector<std::string> ids;
    for (int i = 0; i < count; ++i) ids.push_back(id(i));
    write(ids, text);
  }

  /// The text of a document, in any file.
  static std::string text_of(const std::filesystem::path& path, const std::string& document) {
    ShardReader reader(path);
    reader.pin();
    const auto row = reader.find_live(document);
    return row ? reader.load(*row, Include{.text = true}).document.text.value_or("") : "none";
  }

  static std::int64_t number(const std::filesystem::path& path, const std::string& sql) {
    Database database(path, OpenMode::kReadOnly);
    return database.query_int(sql);
  }
};

TEST_F(ShardCopyTest, ShowsTheStateThatItsReaderIsPinnedToWhileTheWriterGoesOn) {
  write_many(9'000, "before");
  ShardReader reader(source());
  const auto pinned = reader.pin();
  int steps = 0;
  const auto copied = reader.copy_to(copy(), [&](std::uint64_t done, std::uint64_t pages) {
    EXPECT_LE(done, pages);
    write({id(steps)}, "after");
    if (++steps == 1) writer->checkpoint();
    return true;
  });
  EXPECT_GE(steps, 3) << "the writer has not come in between";
  EXPECT_EQ(text_of(copy(), id(0)).substr(0, 6), "before");
  EXPECT_EQ(text_of(source(), id(0)).substr(0, 5), "after");
  EXPECT_EQ(number(copy(), "SELECT value FROM meta WHERE key = 'applied_seq'"),
            static_cast<std::int64_t>(pinned));
  EXPECT_EQ(number(copy(), "SELECT count(*) FROM documents"), 9'000);
  EXPECT_EQ(copied.bytes, std::filesystem::file_size(copy()));
  EXPECT_EQ(copied.sha256, sha256(content(copy())));
}

TEST_F(ShardCopyTest, IsPageForPageTheSourceAndStandsAlone) {
  write_many(300, "same");
  writer->checkpoint();
  ShardReader reader(source());
  reader.pin();
  reader.copy_to(copy(), kGoOn);
  const auto there = pages_of(source());
  const auto here = pages_of(copy());
  ASSERT_EQ(here.size(), there.size());
  // The first page tells how the file is opened.
  for (std::size_t i = 1; i < here.size(); ++i) ASSERT_EQ(here[i], there[i]) << "page " << i + 1;
  for (const auto* suffix : {"-wal", "-shm", "-journal"})
    EXPECT_FALSE(std::filesystem::exists(copy().string() + suffix)) << suffix;
  EXPECT_TRUE(walk_pages(copy(), {}, [](std::uint64_t) {}).damaged.empty());
  // Also for SQLite without our file layer.
  sqlite3* stock = nullptr;
  ASSERT_EQ(sqlite3_open_v2(copy().c_str(), &stock, SQLITE_OPEN_READONLY, "unix"), SQLITE_OK);
  sqlite3_stmt* check = nullptr;
  ASSERT_EQ(sqlite3_prepare_v2(stock, "PRAGMA integrity_check", -1, &check, nullptr), SQLITE_OK);
  ASSERT_EQ(sqlite3_step(check), SQLITE_ROW);
  EXPECT_STREQ(reinterpret_cast<const char*>(sqlite3_column_text(check, 0)), "ok");
  sqlite3_finalize(check);
  sqlite3_close(stock);
}

TEST_F(ShardCopyTest, LeavesNothingWhenItIsStoppedOrMeetsDamage) {
  write_many(300, "text");
  writer->checkpoint();
  {
    ShardReader reader(source());
    reader.pin();
    EXPECT_THROW(reader.copy_to(copy(), [](std::uint64_t, std::uint64_t) { return false; }),
                 Failure);
    EXPECT_FALSE(std::filesystem::exists(copy()));
  }
  writer.reset();
  std::fstream file(source(), std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(std::filesystem::file_size(source())) - 2'000);
  file.put('!');
  file.close();
  ShardReader reader(source());
  reader.pin();
  try {
    reader.copy_to(copy(), kGoOn);
    FAIL() << "the damage went unseen";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.error().code, ErrorCode::kCorruptData) << failure.what();
  }
  EXPECT_FALSE(std::filesystem::exists(copy()));
}

TEST_F(ShardCopyTest, TakesNoPlaceWhilePartOfItStandsInAJournal) {
  copy_state(source(), copy(), kGoOn);
  std::ofstream(copy().string() + "-wal") << "pages";
  const auto place = folder / "place.db";
  EXPECT_THROW(replace_database(copy(), place), Failure);
  EXPECT_FALSE(std::filesystem::exists(place));
}

TEST_F(ShardCopyTest, BecomesAFileOfAnotherCollectionWithLiveDocumentsAlone) {
  write_many(50, "first");
  write({id(1), id(2)}, "second");
  writer->begin();
  RowChanges changes;
  writer->apply(WriteBatch{{}, {{id(3), 0}}}, ++seq, changes);
  writer->begin_moves(seq);
  writer->begin_staging({0, "hash", 3, 1}, seq);
  writer->stage({seq, {{id(4), 8, {1, 2, 3}}}});
  writer->set_pagerank({seq, {id(5)}, {0.5}}, seq);
  writer->commit(seq);
  ShardReader reader(source());
  reader.pin();
  reader.copy_to(copy(), kGoOn);
  verify_copy(copy(), identity);
  rebase_shard(copy(), 3, 5);
  adopt_shard(copy(), {4});

  const ShardIdentity adopted{{4}, {0}, 2, 2};
  ShardWriter moved(copy(), adopted);
  EXPECT_EQ(moved.applied_seq(), 4U);
  EXPECT_EQ(moved.counts().documents, 49U);
  EXPECT_EQ(moved.counts().edges, 49U);
  EXPECT_EQ(moved.space(), (VectorSpace{.dimension = 2}));
  EXPECT_EQ(text_of(copy(), id(1)).substr(0, 6), "second");
  EXPECT_EQ(text_of(copy(), id(3)), "none");
  for (const auto* empty : {"ended", "ended_edges", "arrivals", "written_meanwhile"})
    EXPECT_EQ(number(copy(), std::string("SELECT count(*) FROM ") + empty), 0) << empty;
  EXPECT_EQ(number(copy(), "SELECT count(*) FROM versions WHERE seq = 3"), 49);
  EXPECT_EQ(number(copy(), "SELECT count(*) FROM edges WHERE seq = 3"), 49);
  EXPECT_EQ(number(copy(), "SELECT count(*) FROM vectors"), 49);
  EXPECT_EQ(number(copy(), "SELECT count(*) FROM pagerank WHERE seq = 3"), 1);
  EXPECT_EQ(number(copy(), "SELECT count(*) FROM documents_fts WHERE documents_fts MATCH 'second'"),
            2);
  Database database(copy(), OpenMode::kReadWrite);
  database.execute("INSERT INTO documents_fts(documents_fts, rank) VALUES('integrity-check', 1)");
}

TEST_F(ShardCopyTest, IsRefusedWhenItIsDamagedOrAnotherShardThanItShouldBe) {
  write_many(200, "text");
  ShardReader reader(source());
  reader.pin();
  reader.copy_to(copy(), kGoOn);
  verify_copy(copy(), identity);
  for (const ShardIdentity& wrong : {ShardIdentity{{7}, {1}, 2, 2}, ShardIdentity{{7}, {0}, 3, 2},
                                     ShardIdentity{{7}, {0}, 2, 5}})
    EXPECT_THROW(verify_copy(copy(), wrong), Failure);
  std::filesystem::resize_file(copy(), std::filesystem::file_size(copy()) - kPageBytes);
  EXPECT_THROW(verify_copy(copy(), identity), Failure);
  std::filesystem::resize_file(copy(), std::filesystem::file_size(copy()) - 1);
  EXPECT_THROW(verify_copy(copy(), identity), Failure);
}

}  // namespace
}  // namespace mosaic::storage
