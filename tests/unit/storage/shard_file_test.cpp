#include <gtest/gtest.h>

#include "storage/schema.hpp"
#include "storage/shard_reader.hpp"
#include "storage/shard_writer.hpp"
#include "support/temporary_folder.hpp"

namespace mosaic::storage {
namespace {

Document document(std::string id, std::string text = "some text", std::string metadata = "") {
  Document made;
  made.id = std::move(id);
  made.title = "title of " + made.id;
  made.text = std::move(text);
  made.metadata = std::move(metadata);
  made.vector = {1, 2, 3};
  return made;
}

struct ShardFile : ::testing::Test {
  test::TemporaryFolder folder;
  std::filesystem::path path = folder / "shard-0.db";
  ShardIdentity identity{{1}, {0}, 1, 3};

  void SetUp() override { create_shard_file(path, identity); }

  static std::uint64_t write(ShardWriter& writer, const WriteBatch& batch, Seq seq) {
    RowChanges changes;
    writer.begin();
    const auto deleted = writer.apply(batch, seq, changes);
    writer.commit(seq);
    return deleted;
  }
};

TEST_F(ShardFile, KeepsWhatWasCommittedAcrossReopening) {
  {
    ShardWriter writer(path, identity);
    write(writer, {{document("a"), document("b")}, {}}, 4);
  }
  ShardWriter writer(path, identity);
  EXPECT_EQ(writer.applied_seq(), 4U);
  EXPECT_EQ(writer.counts().documents, 2U);
}

TEST_F(ShardFile, EndsTheOldVersionWhenADocumentIsReplaced) {
  ShardWriter writer(path, identity);
  write(writer, {{document("a", "first")}, {}}, 1);
  write(writer, {{document("a", "second")}, {}}, 2);
  EXPECT_EQ(writer.counts().documents, 1U);
  ShardReader reader(path);
  EXPECT_EQ(reader.pin(), 2U);
  const auto row = reader.find_live("a");
  ASSERT_TRUE(row);
  EXPECT_EQ(reader.load(*row, {}).document.text, "second");
  EXPECT_EQ(reader.last_row(), 2);
}

TEST_F(ShardFile, APinnedReaderSeesItsSnapshotForEver) {
  ShardWriter writer(path, identity);
  write(writer, {{document("a")}, {}}, 1);
  ShardReader reader(path);
  ASSERT_EQ(reader.pin(), 1U);
  write(writer, {{document("b")}, {{"a", 0}}}, 2);
  EXPECT_TRUE(reader.find_live("a"));
  EXPECT_FALSE(reader.find_live("b"));
  reader.unpin();
  EXPECT_EQ(reader.pin(), 2U);
  EXPECT_FALSE(reader.find_live("a"));
}

TEST_F(ShardFile, ARolledBackGroupLeavesNothing) {
  ShardWriter writer(path, identity);
  RowChanges changes;
  writer.begin();
  const WriteBatch batch{{document("a")}, {}};
  writer.apply(batch, 1, changes);
  writer.rollback();
  EXPECT_EQ(writer.counts().documents, 0U);
  EXPECT_EQ(writer.applied_seq(), 0U);
}

TEST_F(ShardFile, AConditionalDeletionSparesALaterVersion) {
  ShardWriter writer(path, identity);
  write(writer, {{document("a")}, {}}, 1);
  write(writer, {{document("a")}, {}}, 2);
  EXPECT_EQ(write(writer, {{}, {{"a", 1}}}, 3), 0U);
  EXPECT_EQ(write(writer, {{}, {{"a", 2}}}, 4), 1U);
  EXPECT_EQ(write(writer, {{}, {{"a", 0}}}, 5), 0U);
}

TEST_F(ShardFile, ReplacesLinksWithTheirDocument) {
  ShardWriter writer(path, identity);
  auto linked = document("a");
  linked.links = {{"b", "depends", 1}, {"c", "", 2.5}};
  write(writer, {{linked}, {}}, 1);
  EXPECT_EQ(writer.counts().edges, 2U);
  linked.links = {{"d", "suggests", 1}};
  write(writer, {{linked}, {}}, 2);
  EXPECT_EQ(writer.counts().edges, 1U);
  ShardReader reader(path);
  reader.pin();
  EXPECT_EQ(reader.load(*reader.find_live("a"), {.links = true}).document.links, linked.links);
}

TEST_F(ShardFile, FullTextIndexStaysEqualToTheLiveRows) {
  ShardWriter writer(path, identity);
  write(writer, {{document("a", "alpha"), document("b", "beta")}, {}}, 1);
  write(writer, {{document("a", "gamma")}, {{"b", 0}}}, 2);
  Database database(path, OpenMode::kReadWrite);
  EXPECT_NO_THROW(database.execute(
      "INSERT INTO documents_fts(documents_fts, rank) VALUES('integrity-check', 1)"));
}

TEST_F(ShardFile, RefusesAFileOfANewerFormat) {
  {
    Database database(path, OpenMode::kReadWrite);
    database.execute("PRAGMA user_version = 2");
  }
  try {
    ShardWriter writer(path, identity);
    FAIL() << "opened";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.error().code, ErrorCode::kCorruptData);
    EXPECT_NE(failure.error().detail.find("format version 2"), std::string::npos);
  }
}

TEST_F(ShardFile, RefusesTheFileOfAnotherShard) {
  identity.shard = {1};
  EXPECT_THROW(ShardWriter(path, identity), Failure);
}

TEST_F(ShardFile, ReportsAMissingFile) {
  std::filesystem::remove(path);
  EXPECT_THROW(ShardWriter(path, identity), Failure);
  EXPECT_FALSE(shard_file_complete(path));
}

TEST_F(ShardFile, FindsIndexedValuesWithinTheirType) {
  ShardWriter writer(path, identity);
  writer.begin();
  writer.set_indexed({"size", "a.b"});
  writer.commit(0);
  write(writer,
        {{document("int", "", R"({"size":1})"), document("real", "", R"({"size":1.0})"),
          document("text", "", R"({"size":"1"})"), document("bool", "", R"({"size":true})"),
          document("null", "", R"({"size":null})"), document("deep", "", R"({"a":{"b":"x"}})")},
         {}},
        1);
  ShardReader reader(path);
  reader.pin();
  const auto rows = [&](std::string_view at, IndexTest test, const JsonScalar& value) {
    RowSet found;
    reader.find_indexed(at, test, value, 0, found);
    std::vector<Row> list;
    found.for_each([&](Row row) { list.push_back(row); });
    return list;
  };
  EXPECT_EQ(rows("size", IndexTest::kEqual, std::int64_t{1}), (std::vector<Row>{1, 2}));
  EXPECT_EQ(rows("size", IndexTest::kEqual, std::string("1")), std::vector<Row>{3});
  EXPECT_EQ(rows("size", IndexTest::kEqual, true), std::vector<Row>{4});
  EXPECT_EQ(rows("size", IndexTest::kGreaterOrEqual, 0.5), (std::vector<Row>{1, 2}));
  EXPECT_EQ(rows("size", IndexTest::kExists, true), (std::vector<Row>{1, 2, 3, 4}));
  RowSet between;
  reader.find_between("size", {IndexTest::kGreaterOrEqual, std::int64_t{1}},
                      {IndexTest::kLess, 1.5}, 0, between);
  EXPECT_EQ(between.count(), 2U);
  EXPECT_EQ(rows("a.b", IndexTest::kEqual, std::string("x")), std::vector<Row>{6});
}

TEST_F(ShardFile, IndexesComeAndGo) {
  ShardWriter writer(path, identity);
  for (const auto& paths : {std::vector<std::string>{"size", "Size"}, {"size"}, {}}) {
    writer.begin();
    writer.set_indexed(paths);
    writer.commit(0);
    EXPECT_EQ(writer.indexed_paths().size(), paths.size());
  }
}

TEST_F(ShardFile, ACheckpointReachesTheFileWhileAReaderOfTheNewestStateStays) {
  ShardWriter writer(path, identity);
  write(writer, {{document("a")}, {}}, 1);
  ShardReader reader(path);
  reader.pin();
  EXPECT_TRUE(writer.checkpoint());
  write(writer, {{document("b")}, {}}, 2);
  EXPECT_FALSE(writer.checkpoint());
  reader.unpin();
  EXPECT_TRUE(writer.checkpoint());
}

TEST_F(ShardFile, RanksByCollectionWideStatistics) {
  ShardWriter writer(path, identity);
  write(writer,
        {{document("a", "rare word"), document("b", "common word"), document("c", "common thing")},
         {}},
        1);
  ShardReader reader(path);
  reader.pin();
  const auto words = reader.text().words("Rare, COMMON!");
  EXPECT_EQ(words, (std::vector<std::string>{"rare", "common"}));
  auto stats = reader.text().stats(words, {});
  EXPECT_EQ(stats.documents, 3U);
  EXPECT_EQ(stats.documents_with, (std::vector<std::uint64_t>{1, 2}));
  const auto score_of = [&](Row wanted) {
    double found = 0;
    reader.text().rank(words, stats, [&](Row row, double score) {
      if (row == wanted) found = score;
    });
    return found;
  };
  EXPECT_GT(score_of(1), score_of(2));
  stats += TextStats{100, 500, {90, 0}};
  EXPECT_LT(score_of(1), score_of(2));
}

TEST_F(ShardFile, AWriterStopsWhenAnotherHandHasWritten) {
  ShardWriter first(path, identity);
  ShardWriter second(path, identity);
  write(first, {{document("a", "word")}, {}}, 1);
  EXPECT_THROW(second.begin(), Failure);
  write(first, {{document("b", "word")}, {}}, 2);
  EXPECT_EQ(first.counts().documents, 2U);
}

TEST_F(ShardFile, StopsATextSearchAtItsDeadline) {
  ShardWriter writer(path, identity);
  WriteBatch batch;
  for (int i = 0; i < 3000; ++i)
    batch.documents.push_back(document("d" + std::to_string(i), "word"));
  write(writer, batch, 1);
  ShardReader reader(path);
  reader.pin();
  const Deadline past{TimePoint{}};
  EXPECT_THROW(reader.text().stats({"word"}, past), Failure);
}

}  // namespace
}  // namespace mosaic::storage
