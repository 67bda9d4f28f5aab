#include "shard/prepare_write.hpp"

#include <gtest/gtest.h>

namespace mosaic::shard {
namespace {

CollectionSettings settings() {
  CollectionSettings made;
  made.name = "docs";
  made.dimension = 2;
  return made;
}

Document with_id(std::string id, Vector vector = {}) {
  Document document;
  document.id = std::move(id);
  document.vector = std::move(vector);
  return document;
}

TEST(PrepareWrite, NamesTheFirstBadDocumentByItsPosition) {
  const auto batch = prepare_upsert({with_id("a"), with_id("")}, settings(), nullptr);
  ASSERT_FALSE(batch);
  EXPECT_EQ(batch.error().detail, "documents[1].id is empty");
}

TEST(PrepareWrite, NamesBothDimensions) {
  const auto batch = prepare_upsert({with_id("a", {1, 2, 3})}, settings(), nullptr);
  ASSERT_FALSE(batch);
  EXPECT_EQ(batch.error().code, ErrorCode::kDimensionMismatch);
  EXPECT_EQ(batch.error().detail,
            "documents[0].vector has 3 dimensions, collection 'docs' expects 2");
}

TEST(PrepareWrite, KeepsTheLastOfTwoDocumentsWithOneId) {
  const auto batch = prepare_upsert({with_id("a", {1, 1}), with_id("b"), with_id("a", {2, 2})},
                                    settings(), nullptr);
  ASSERT_EQ(batch->documents.size(), 2U);
  EXPECT_EQ(batch->documents[1].vector, (Vector{2, 2}));
}

TEST(PrepareWrite, KeepsTheLastOfTwoLinksToOneTarget) {
  auto document = with_id("a");
  document.links = {{"b", "x", 1}, {"c", "x", 1}, {"b", "x", 2}, {"b", "y", 3}};
  const auto batch = prepare_upsert({document}, settings(), nullptr);
  EXPECT_EQ(batch->documents[0].links,
            (std::vector<Link>{{"c", "x", 1}, {"b", "x", 2}, {"b", "y", 3}}));
}

TEST(PrepareWrite, EmbedsOnlyWhatHasNoVector) {
  auto made = settings();
  made.dimension = kBuiltinDimension;
  const auto embedder = text::make_embedder(made);
  auto written = with_id("a");
  written.text = "a few words";
  const auto batch = prepare_upsert(
      {written, with_id("b", Vector(kBuiltinDimension, 1)), with_id("c")}, made, embedder.get());
  EXPECT_EQ(batch->documents[0].vector.size(), kBuiltinDimension);
  EXPECT_EQ(batch->documents[1].vector, Vector(kBuiltinDimension, 1));
  EXPECT_TRUE(batch->documents[2].vector.empty());
}

TEST(PrepareWrite, FillsInTheVectorsOfTextsThatNeedOne) {
  auto both = with_id("a");
  both.title = "title";
  both.text = "text";
  auto has_vector = with_id("b", {1, 1});
  has_vector.text = "text";
  auto blank = with_id("c");
  blank.text = " \n";
  auto title = with_id("e");
  title.title = "title";
  auto batch = *prepare_upsert({both, has_vector, blank, with_id("d"), title}, settings(), nullptr);
  EXPECT_EQ(*texts_to_embed(batch, 2), (std::vector<std::string>{"title\ntext", "title"}));
  fill_vectors(batch, {{2, 2}, {3, 3}});
  EXPECT_EQ(batch.documents[0].vector, (Vector{2, 2}));
  EXPECT_EQ(batch.documents[1].vector, (Vector{1, 1}));
  EXPECT_TRUE(batch.documents[2].vector.empty());
  EXPECT_TRUE(batch.documents[3].vector.empty());
  EXPECT_EQ(batch.documents[4].vector, (Vector{3, 3}));
}

TEST(PrepareWrite, RefusesVectorsThatAreTooLargeBeforeTheyAreMade) {
  WriteBatch batch{std::vector<Document>(kBatchBytesMax / (4 * kDimensionMax), with_id("a")), {}};
  for (auto& document : batch.documents) document.text = "text";
  EXPECT_TRUE(texts_to_embed(batch, kDimensionMax));
  batch.documents.push_back(batch.documents.back());
  EXPECT_EQ(texts_to_embed(batch, kDimensionMax).error(),
            (Error{ErrorCode::kPayloadTooLarge,
                   "the write has 33816576 bytes after embedding, at most 33554432"}));
}

TEST(PrepareWrite, RefusesTooManyDocuments) {
  std::vector<Document> documents(kBatchDocumentsMax + 1, with_id("a"));
  EXPECT_EQ(prepare_upsert(std::move(documents), settings(), nullptr).error().code,
            ErrorCode::kPayloadTooLarge);
}

TEST(PrepareWrite, RefusesABatchThatIsTooLargeOnceEncoded) {
  WriteBatch batch;
  for (int i = 0; i < 33; ++i) {
    batch.documents.push_back(with_id(std::to_string(i)));
    batch.documents.back().text = std::string(kTextBytesMax, 'x');
  }
  EXPECT_EQ(encode_checked(batch).error().code, ErrorCode::kPayloadTooLarge);
}

TEST(PrepareWrite, DeletesEachIdOnce) {
  EXPECT_EQ(prepare_delete({"a", "b", "a"})->deletions.size(), 2U);
  EXPECT_EQ(prepare_delete({"a", "\n"}).error().detail, "ids[1]: id holds a control character");
}

}  // namespace
}  // namespace mosaic::shard
