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
  const auto batch = prepare_upsert({with_id("a"), with_id("")}, settings());
  ASSERT_FALSE(batch);
  EXPECT_EQ(batch.error().detail, "documents[1].id is empty");
}

TEST(PrepareWrite, NamesBothDimensions) {
  const auto batch = prepare_upsert({with_id("a", {1, 2, 3})}, settings());
  ASSERT_FALSE(batch);
  EXPECT_EQ(batch.error().code, ErrorCode::kDimensionMismatch);
  EXPECT_EQ(batch.error().detail,
            "documents[0].vector has 3 dimensions, collection 'docs' expects 2");
}

TEST(PrepareWrite, KeepsTheLastOfTwoDocumentsWithOneId) {
  const auto write =
      prepare_upsert({with_id("a", {1, 1}), with_id("b"), with_id("a", {2, 2})}, settings());
  ASSERT_EQ(write->batch.documents.size(), 2U);
  EXPECT_EQ(write->batch.documents[1].vector, (Vector{2, 2}));
}

TEST(PrepareWrite, KeepsTheLastOfTwoLinksToOneTarget) {
  auto document = with_id("a");
  document.links = {{"b", "x", 1}, {"c", "x", 1}, {"b", "x", 2}, {"b", "y", 3}};
  const auto batch = prepare_upsert({document}, settings());
  EXPECT_EQ(batch->batch.documents[0].links,
            (std::vector<Link>{{"c", "x", 1}, {"b", "x", 2}, {"b", "y", 3}}));
}

TEST(PrepareWrite, EmbedsOnlyWhatHasNoVector) {
  auto made = settings();
  made.dimension = kBuiltinDimension;
  const auto embedder = *text::open_embedder("hash", kBuiltinDimension);
  auto written = with_id("a");
  written.text = "a few words";
  auto write =
      *prepare_upsert({written, with_id("b", Vector(kBuiltinDimension, 1)), with_id("c")}, made);
  embed(write, *embedder);
  EXPECT_EQ(write.batch.documents[0].vector.size(), kBuiltinDimension);
  EXPECT_EQ(write.batch.documents[1].vector, Vector(kBuiltinDimension, 1));
  EXPECT_TRUE(write.batch.documents[2].vector.empty());
}

TEST(PrepareWrite, IsDoneAgainForAnotherEmbedder) {
  auto made = settings();
  auto text = with_id("a");
  text.text = "text";
  auto write = *prepare_upsert({text, with_id("b", {1, 2})}, made);
  fill_vectors(write, {{3, 4}});
  write.batch.homes = {{0}, {0}};
  const auto again = *prepare_again(write, made);
  EXPECT_TRUE(again.batch.documents[0].vector.empty());
  EXPECT_EQ(again.batch.documents[1].vector, (Vector{1, 2}));
  EXPECT_TRUE(again.batch.homes.empty());
  EXPECT_EQ(again.to_embed, (std::vector<std::size_t>{0}));
  made.dimension = 3;
  EXPECT_EQ(prepare_again(write, made).error().detail,
            "documents[1].vector has 2 dimensions, collection 'docs' expects 3");
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
  auto write = *prepare_upsert({both, has_vector, blank, with_id("d"), title}, settings());
  EXPECT_EQ(*texts_to_embed(write, 2), (std::vector<std::string>{"title\ntext", "title"}));
  fill_vectors(write, {{2, 2}, {3, 3}});
  const auto& documents = write.batch.documents;
  EXPECT_EQ(documents[0].vector, (Vector{2, 2}));
  EXPECT_EQ(documents[1].vector, (Vector{1, 1}));
  EXPECT_TRUE(documents[2].vector.empty());
  EXPECT_TRUE(documents[3].vector.empty());
  EXPECT_EQ(documents[4].vector, (Vector{3, 3}));
}

TEST(PrepareWrite, RefusesVectorsThatAreTooLargeBeforeTheyAreMade) {
  const auto write = [](std::size_t count) {
    std::vector<Document> documents;
    for (std::size_t i = 0; i < count; ++i) {
      documents.push_back(with_id(std::to_string(i)));
      documents.back().text = "text";
    }
    return *prepare_upsert(std::move(documents), settings());
  };
  constexpr auto kFit = kBatchBytesMax / (4 * kDimensionMax);
  EXPECT_TRUE(texts_to_embed(write(kFit), kDimensionMax));
  EXPECT_EQ(texts_to_embed(write(kFit + 1), kDimensionMax).error(),
            (Error{ErrorCode::kPayloadTooLarge,
                   "the write has 33816576 bytes after embedding, at most 33554432"}));
}

TEST(PrepareWrite, RefusesTooManyDocuments) {
  std::vector<Document> documents(kBatchDocumentsMax + 1, with_id("a"));
  EXPECT_EQ(prepare_upsert(std::move(documents), settings()).error().code,
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
