#include <gtest/gtest.h>

#include "base/checksum.hpp"
#include "storage/shard_reader.hpp"
#include "storage/shard_writer.hpp"
#include "support/temporary_folder.hpp"

namespace mosaic::storage {
namespace {

struct PageRankTable : ::testing::Test {
  test::TemporaryFolder folder;
  std::filesystem::path path = folder / "shard-0.db";

  void open(std::uint32_t shards = 1) {
    const ShardIdentity identity{{1}, {0}, shards, 1};
    create_shard_file(path, identity);
    writer = std::make_unique<ShardWriter>(path, identity);
  }

  void set(const PageRankValues& values, Seq seq) {
    writer->begin();
    writer->set_pagerank(values, seq);
    writer->commit(seq);
  }

  std::int64_t count(const std::string& where) {
    Database database(path, OpenMode::kReadOnly);
    return database.query_int("SELECT count(*) FROM pagerank WHERE " + where);
  }

  std::unique_ptr<ShardWriter> writer;
};

TEST_F(PageRankTable, HoldsTheValuesOfTheLastEntryOnly) {
  open();
  set({1, {"a", "b"}, {0.25, 0.75}}, 2);
  set({3, {"b", "c"}, {0.5, 0.5}}, 4);
  EXPECT_EQ(count("true"), 2);
  EXPECT_EQ(count("id IN ('b', 'c') AND value = 0.5 AND seq = 4"), 2);
}

TEST_F(PageRankTable, KeepsWhatHasItsHomeHere) {
  open(3);
  PageRankValues values;
  std::int64_t here = 0;
  for (char id = 'a'; id <= 'z'; ++id) {
    values.ids.emplace_back(1, id);
    values.values.push_back(1.0 / 26);
    here += home_shard(values.ids.back(), 3) == ShardId{0} ? 1 : 0;
  }
  set(values, 1);
  EXPECT_EQ(count("true"), here);
}

TEST_F(PageRankTable, ShowsInTheDocumentsView) {
  open();
  Document document;
  document.id = "a";
  RowChanges changes;
  writer->begin();
  writer->apply({{document}, {}}, 1, changes);
  writer->set_pagerank({1, {"a", "gone"}, {0.25, 0.75}}, 2);
  writer->commit(2);
  Database database(path, OpenMode::kReadOnly);
  EXPECT_EQ(database.query_int("SELECT count(*) FROM documents"), 1);
  EXPECT_EQ(database.query_int("SELECT count(*) FROM documents WHERE pagerank = 0.25"), 1);
}

TEST_F(PageRankTable, RollsBackWithItsGroup) {
  open();
  set({1, {"a"}, {1}}, 2);
  writer->begin();
  writer->set_pagerank({3, {"b"}, {1}}, 4);
  writer->rollback();
  EXPECT_EQ(count("id = 'a'"), 1);
  EXPECT_EQ(count("true"), 1);
}

}  // namespace
}  // namespace mosaic::storage
