#include <gtest/gtest.h>

#include "base/checksum.hpp"

#include "unit/check/sample_folder.hpp"
#include "unit/index/graph_sample.hpp"

namespace mosaic::check {
namespace {

using test::execute;
using test::flip;
using test::query;
using test::SampleFolder;
namespace fs = std::filesystem;
using test::told;

class Repair : public ::testing::Test {
 protected:
  /// One finding of this kind is repaired, and the folder is sound then.
  void expect_repaired(const std::string& word) {
    const auto found = folder_.check();
    ASSERT_FALSE(found.sound());
    for (const auto& finding : found.findings) {
      EXPECT_EQ(finding.severity, Severity::kDerived) << told(found);
      EXPECT_EQ(finding.repaired, "");
    }
    EXPECT_NE(told(found).find(word), std::string::npos) << told(found);
    const auto repaired = folder_.check(true);
    EXPECT_TRUE(repaired.sound()) << told(repaired);
    EXPECT_EQ(repaired.findings.size(), found.findings.size()) << told(repaired);
    EXPECT_EQ(told(folder_.check()), "");
  }

  std::int64_t page_of(const fs::path& file, const std::string& table) {
    return query(file, fmt::format("SELECT rootpage FROM sqlite_schema WHERE name = '{}'", table));
  }

  /// Everything that a shard's rows say, as one number.
  std::int64_t rows_of(const fs::path& file) {
    return query(file,
                 "SELECT (SELECT sum(row * length(text) + seq + length(metadata)) FROM versions) + "
                 "(SELECT sum(edge * length(target)) FROM edges) + (SELECT count(*) FROM ended) + "
                 "(SELECT sum(row * length(vector)) FROM vectors) + "
                 "(SELECT sum(seq) FROM sqlite_sequence)");
  }

  SampleFolder folder_;
};

TEST_F(Repair, MakesATextIndexAnewThatDoesNotMatchItsRows) {
  execute(folder_.shard(0),
          "INSERT INTO documents_fts(documents_fts, rowid, title, text) "
          "SELECT 'delete', row, title, text FROM versions WHERE row = 3");
  expect_repaired("the text index does not match the rows");
  EXPECT_EQ(query(folder_.shard(0),
                  "SELECT count(*) FROM documents_fts WHERE documents_fts MATCH 'common'"),
            query(folder_.shard(0), "SELECT count(*) FROM documents"));
}

TEST_F(Repair, CountsAnew) {
  execute(folder_.shard(1),
          "UPDATE meta SET value = value + 1 WHERE key IN ('documents', 'edges')");
  expect_repaired("it counts");
}

TEST_F(Repair, TakesMissingAndForeignMirrorsFromTheHome) {
  // A link whose source is at home elsewhere.
  storage::Database database(folder_.shard(2), storage::OpenMode::kReadWrite);
  auto select = database.prepare("SELECT edge, source FROM edges");
  std::vector<std::int64_t> mirrored;
  while (select.step()) {
    if (home_shard(select.column_text(1), test::kShards).value != 2)
      mirrored.push_back(select.column_int(0));
  }
  ASSERT_GT(mirrored.size(), 3U);
  select.reset();
  database.execute(fmt::format("DELETE FROM edges WHERE edge = {}", mirrored[0]));
  database.execute(fmt::format("UPDATE edges SET weight = 0.5 WHERE edge = {}", mirrored[1]));
  expect_repaired("are missing here");
}

TEST_F(Repair, MakesAFileAnewWhoseIndexIsDamaged) {
  const auto file = folder_.shard(0);
  const auto before = rows_of(file);
  const auto page = page_of(file, "edges_by_target");
  flip(file, static_cast<std::size_t>(page) * test::kPage - 100, 2);
  expect_repaired("they hold no rows");
  EXPECT_EQ(rows_of(file), before);
  EXPECT_FALSE(fs::exists(file.string() + ".tmp"));
}

TEST_F(Repair, MakesAFileAnewWhoseTextIndexIsDamaged) {
  const auto file = folder_.shard(1);
  const auto before = rows_of(file);
  flip(file, static_cast<std::size_t>(page_of(file, "documents_fts_data")) * test::kPage - 50, 1);
  expect_repaired("they hold no rows");
  EXPECT_EQ(rows_of(file), before);
  EXPECT_EQ(query(file, "SELECT count(*) FROM documents_fts WHERE documents_fts MATCH 'common'"),
            query(file, "SELECT count(*) FROM documents"));
}

TEST_F(Repair, EndsAWriteAheadLogThatIsCutShort) {
  folder_.kill();
  const fs::path wal = folder_.shard(0).string() + "-wal";
  fs::resize_file(wal, fs::file_size(wal) - test::kPage);
  expect_repaired("were committed");
  // As before its last transaction; the node's log repeats that.
  EXPECT_EQ(query(folder_.shard(0), "SELECT value FROM meta WHERE key = 'applied_seq'"),
            static_cast<std::int64_t>(SampleFolder::last_seq() - 1));
}

/// An index file over the first rows of shard 0; its vectors are `move`d away from the shard's.
fs::path write_index(const SampleFolder& folder, float moved) {
  constexpr index::Node kNodes = 20;
  std::mt19937_64 random(7);
  auto sample = index::test::random_graph(
      random, {Metric::kL2, Quantization::kNone, test::kDimension, kNodes});
  storage::Database database(folder.shard(0), storage::OpenMode::kReadOnly);
  auto select = database.prepare(
      "SELECT v.row, id, vector FROM versions v JOIN vectors x USING (row) ORDER BY v.row LIMIT "
      "20");
  for (index::Node node = 0; node < kNodes && select.step(); ++node) {
    auto& source = sample.contents.sources[node];
    source.row = select.column_int(0);
    sample.ids[node] = select.column_text(1);
    source.id = sample.ids[node];
    std::memcpy(sample.vectors[node].data(), select.column_blob(2).data(),
                test::kDimension * sizeof(float));
    sample.vectors[node][0] += moved;
    sample.contents.parameters.last_row = source.row;
  }
  sample.contents.parameters.collection = {1};
  sample.contents.parameters.shard = {0};
  sample.contents.parameters.seq = SampleFolder::last_seq() - 1;
  const auto file = fs::path(folder.shard(0)).replace_extension(".index");
  index::write_graph_file(file, sample.contents);
  return file;
}

TEST_F(Repair, DescribesASnapshotAnew) {
  const auto list = folder_.root() / "snapshots" / "docs-1" / "then" / "snapshot.json";
  const auto whole = *read_whole(list);
  for (const std::string hurt : {"", "{}\n"}) {
    std::ofstream(list) << hurt;
    const auto report = folder_.check(true);
    EXPECT_TRUE(report.sound()) << told(report);
    EXPECT_EQ(*read_whole(list), whole);
  }
  fs::remove(list);
  EXPECT_FALSE(folder_.check().sound());
  EXPECT_TRUE(folder_.check(true).sound());
}

TEST_F(Repair, RemovesADamagedIndexFile) {
  const auto index = write_index(folder_, 0);
  EXPECT_EQ(told(folder_.check()), "");
  auto random = test::seeded();
  const auto bytes = *read_whole(index);
  for (int i = 0; i < 20; ++i) {
    const auto at = random() % bytes.size();
    flip(index, at, static_cast<int>(random() % 8));
    const auto found = folder_.check();
    // The format's own number and what fills a section up are all that nothing covers.
    EXPECT_FALSE(found.findings.empty()) << "byte " << at << " of " << bytes.size();
    test::overwrite(index, 0, bytes);
  }
  flip(index, bytes.size() - 40, 3);
  expect_repaired(".index");
  EXPECT_FALSE(fs::exists(index));
}

TEST_F(Repair, RemovesAnIndexOfOtherVectors) {
  write_index(folder_, 1);
  expect_repaired("its vector is not that of row");
}

TEST_F(Repair, LeavesAFileAsItIsWhoseRowsAreDamaged) {
  const auto file = folder_.shard(0);
  const auto bytes = *read_whole(file);
  flip(file, bytes.find("common word"), 4);
  execute(folder_.shard(1), "UPDATE meta SET value = value + 1 WHERE key = 'documents'");
  const auto damaged = *read_whole(file);
  const auto report = folder_.check(true);
  EXPECT_FALSE(report.sound());
  EXPECT_EQ(*read_whole(file), damaged);
  for (const auto& finding : report.findings) {
    EXPECT_EQ(finding.repaired.empty(), finding.severity == Severity::kTruth) << told(report);
  }
}

}  // namespace
}  // namespace mosaic::check
