#include "storage/document_lengths.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "storage/schema.hpp"
#include "storage/shard_reader.hpp"
#include "storage/shard_writer.hpp"
#include "support/temporary_folder.hpp"

namespace mosaic::storage {
namespace {

using Scores = std::map<Row, double>;

Scores scores(ShardReader& reader, const std::vector<std::string>& terms) {
  Scores found;
  const auto stats = reader.text().stats(terms, Deadline{TimePoint::max()});
  reader.text().rank(terms, stats, [&](Row row, double score) { found[row] = score; });
  return found;
}

TEST(DocumentLengths, HoldNothingUntilTheyAreTold) {
  DocumentLengths lengths;
  LengthCursor cursor(lengths);
  EXPECT_EQ(cursor.at(1).load(), DocumentLengths::kUnknown);
  EXPECT_EQ(cursor.at(10 * DocumentLengths::kChunkRows).load(), DocumentLengths::kUnknown);
}

TEST(DocumentLengths, AreSharedByCursorsAndKeptPerRow) {
  DocumentLengths lengths;
  constexpr auto kEdge = DocumentLengths::kChunkRows;
  LengthCursor writing(lengths);
  for (const Row row : {Row{1}, kEdge - 1, kEdge, kEdge + 1, 5 * kEdge})
    writing.at(row).store(static_cast<std::uint32_t>(row));
  LengthCursor reading(lengths);
  for (const Row row : {5 * kEdge, kEdge + 1, Row{1}, kEdge, kEdge - 1})
    EXPECT_EQ(reading.at(row).load(), row);
}

/// Documents come and are replaced; a reader that remembers lengths scores as one that asks FTS5.
TEST(DocumentLengths, RememberedOnesGiveTheScoresOfThoseThatWereRead) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  const std::vector<std::string> words = {"alpha", "beta", "gamma", "delta", "epsilon"};
  const auto text = [&] {
    std::string made;
    for (auto n = 1 + random() % 40; n > 0; --n) made += words[random() % words.size()] + " ";
    return made;
  };
  const test::TemporaryFolder folder;
  const auto path = folder / "shard-0.db";
  const ShardIdentity identity{{1}, {0}, 1, 3};
  create_shard_file(path, identity);
  ShardWriter writer(path, identity);
  const auto lengths = std::make_shared<DocumentLengths>();
  for (Seq seq = 1; seq <= 20; ++seq) {
    WriteBatch batch;
    for (int i = 0; i < 20; ++i) {
      Document made;
      made.id = std::to_string(random() % 100);
      made.text = text();
      batch.documents.push_back(std::move(made));
    }
    RowChanges changes;
    writer.begin();
    writer.apply(batch, seq, changes);
    writer.commit(seq);
    ShardReader remembering(path, lengths);
    ShardReader reading(path);
    remembering.pin();
    reading.pin();
    const auto expected = scores(reading, {"alpha", "delta"});
    ASSERT_FALSE(expected.empty());
    EXPECT_EQ(scores(remembering, {"alpha", "delta"}), expected);
    EXPECT_EQ(scores(remembering, {"alpha", "delta"}), expected) << "all of them known";
  }
}

}  // namespace
}  // namespace mosaic::storage
