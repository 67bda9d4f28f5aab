// Vectors of another embedder: staged beside those in force, and put in their place at once.
#include <gtest/gtest.h>

#include "storage/shard_reader.hpp"
#include "storage/shard_writer.hpp"
#include "support/temporary_folder.hpp"

namespace mosaic::storage {
namespace {

struct StagingTest : ::testing::Test {
  test::TemporaryFolder folder;
  ShardIdentity identity{{1}, {0}, 1, 2};
  std::unique_ptr<ShardWriter> writer;
  Seq seq = 0;

  void SetUp() override {
    create_shard_file(path(), identity);
    open();
  }

  std::filesystem::path path() const { return folder / "shard.db"; }

  void open() {
    writer.reset();
    writer = std::make_unique<ShardWriter>(path(), identity);
  }

  template <class Apply>
  void entry(Apply&& apply) {
    writer->begin();
    apply(++seq);
    writer->commit(seq);
  }

  Seq write(const std::string& id, Vector vector, Seq space = 0) {
    entry([&](Seq at) {
      RowChanges changes;
      Document document;
      document.id = id;
      document.vector = std::move(vector);
      WriteBatch batch{{document}, {}};
      batch.space = space;
      writer->apply(batch, at, changes);
    });
    return seq;
  }

  void erase(const std::string& id) {
    entry([&](Seq at) {
      RowChanges changes;
      writer->apply(WriteBatch{{}, {{id, 0}}}, at, changes);
    });
  }

  Seq begin(std::uint32_t dimension = 3) {
    entry([&](Seq at) { writer->begin_staging({0, "hash", dimension, 1}, at); });
    return seq;
  }

  void stage(Seq generation, std::vector<StagedVectors::Item> items) {
    entry([&](Seq) { writer->stage({generation, std::move(items)}); });
  }

  bool go_over(Seq generation) {
    bool switched = false;
    entry([&](Seq at) { switched = writer->switch_space(generation, at); });
    return switched;
  }

  std::map<std::string, Vector> vectors() const {
    ShardReader reader(path());
    reader.pin();
    std::map<std::string, Vector> found;
    for (const auto& [row, id] : reader.live_after(0, 1'000)) found[id] = reader.vector_of(row);
    return found;
  }

  bool has_table() const {
    Database database(path(), OpenMode::kReadOnly);
    return database.query_int("SELECT count(*) FROM sqlite_schema WHERE name = 'staged_vectors'") !=
           0;
  }
};

using Vectors = std::map<std::string, Vector>;

TEST_F(StagingTest, StagedVectorsAreNotSeenUntilTheyTakeThePlaceOfAllOthers) {
  const auto a = write("a", {1, 2});
  const auto b = write("b", {3, 4});
  const auto generation = begin();
  stage(generation, {{"a", a, {1, 1, 1}}, {"b", b, {}}});
  EXPECT_EQ(vectors(), (Vectors{{"a", {1, 2}}, {"b", {3, 4}}}));
  EXPECT_EQ(writer->space(), (VectorSpace{0, 2, generation, 3, 1, 1}));
  EXPECT_TRUE(go_over(generation));
  EXPECT_EQ(vectors(), (Vectors{{"a", {1, 1, 1}}, {"b", {}}}));
  EXPECT_EQ(writer->space(), (VectorSpace{seq, 3, 0, 0, 0, 0}));
  EXPECT_FALSE(has_table());
  ShardReader reader(path());
  reader.pin();
  EXPECT_EQ(reader.seq_of(*reader.find_live("a")), a);
}

TEST_F(StagingTest, AVectorForAVersionThatHasEndedIsOfNoEffect) {
  const auto old = write("a", {1, 2});
  const auto gone = write("b", {1, 2});
  const auto generation = begin();
  stage(generation, {{"b", gone, {9, 9, 9}}});
  const auto fresh = write("a", {3, 4});
  erase("b");
  stage(generation, {{"a", old, {1, 1, 1}}, {"b", gone, {1, 1, 1}}, {"never", 1, {1, 1, 1}}});
  EXPECT_EQ(writer->space().staged, 0U);
  stage(generation, {{"a", fresh, {2, 2, 2}}});
  stage(generation, {{"a", fresh, {2, 2, 2}}});
  EXPECT_EQ(writer->space().staged, 1U);
  EXPECT_TRUE(go_over(generation));
  EXPECT_EQ(vectors(), (Vectors{{"a", {2, 2, 2}}}));
}

TEST_F(StagingTest, ACancelLeavesEverythingAsItWas) {
  const auto a = write("a", {1, 2});
  const auto generation = begin();
  stage(generation, {{"a", a, {1, 1, 1}}});
  entry([&](Seq) { writer->cancel_staging(generation + 1); });
  EXPECT_EQ(writer->space().staging, generation);
  entry([&](Seq) { writer->cancel_staging(generation); });
  EXPECT_EQ(writer->space(), (VectorSpace{0, 2, 0, 0, 0, 0}));
  EXPECT_FALSE(has_table());
  EXPECT_EQ(vectors(), (Vectors{{"a", {1, 2}}}));
  EXPECT_FALSE(go_over(generation));
  EXPECT_NE(begin(), generation);
}

TEST_F(StagingTest, OnlyTheFirstBeginningCounts) {
  const auto generation = begin();
  begin(7);
  EXPECT_EQ(writer->space().staging, generation);
  EXPECT_EQ(writer->space().staging_dimension, 3U);
  EXPECT_FALSE(go_over(seq));
  EXPECT_TRUE(go_over(generation));
}

TEST_F(StagingTest, AnEntryThatIsRolledBackStagesNothing) {
  const auto a = write("a", {1, 2});
  const auto generation = begin();
  writer->begin();
  writer->stage({generation, {{"a", a, {1, 1, 1}}}});
  writer->switch_space(generation, seq + 1);
  writer->rollback();
  EXPECT_EQ(writer->space(), (VectorSpace{0, 2, generation, 3, 0, 0}));
  EXPECT_EQ(vectors(), (Vectors{{"a", {1, 2}}}));
  stage(generation, {{"a", a, {2, 2, 2}}});
  EXPECT_TRUE(go_over(generation));
  EXPECT_EQ(vectors(), (Vectors{{"a", {2, 2, 2}}}));
}

TEST_F(StagingTest, OutlivesTheProcess) {
  const auto a = write("a", {1, 2});
  const auto generation = begin();
  stage(generation, {{"a", a, {1, 1, 1}}});
  open();
  EXPECT_EQ(writer->space(), (VectorSpace{0, 2, generation, 3, 1, 0}));
  EXPECT_TRUE(go_over(generation));
  // The catalog may be behind the file, or ahead of it.
  open();
  EXPECT_EQ(writer->space().dimension, 3U);
  identity.space = seq;
  identity.dimension = 3;
  open();
  identity.dimension = 4;
  EXPECT_THROW(open(), Failure);
}

TEST_F(StagingTest, AReaderOfAStateOfBeforeGoesOnSeeingItsVectors) {
  const auto a = write("a", {1, 2});
  ShardReader reader(path());
  reader.pin();
  const auto row = *reader.find_live("a");
  const auto generation = begin();
  stage(generation, {{"a", a, {1, 1, 1}}});
  EXPECT_TRUE(go_over(generation));
  EXPECT_EQ(reader.vector_of(row), (Vector{1, 2}));
  reader.unpin();
  reader.pin();
  EXPECT_EQ(reader.vector_of(row), (Vector{1, 1, 1}));
}

TEST_F(StagingTest, AWriteOfAnotherSpaceIsNotTaken) {
  write("a", {1, 2});
  EXPECT_TRUE(go_over(begin()));
  const auto space = seq;
  write("b", {1, 2}, 0);
  write("c", {1, 2, 3}, space);
  EXPECT_EQ(vectors(), (Vectors{{"a", {}}, {"c", {1, 2, 3}}}));
}

TEST_F(StagingTest, AStagedVectorOfAnotherDimensionIsDamage) {
  const auto a = write("a", {1, 2});
  const auto generation = begin();
  EXPECT_THROW(stage(generation, {{"a", a, {1, 1}}}), Failure);
  writer->rollback();
}

}  // namespace
}  // namespace mosaic::storage
