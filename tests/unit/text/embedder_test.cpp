#include "text/embedder.hpp"

#include <gtest/gtest.h>

#include "base/vector_origin.hpp"
#include "text/hash_embedder.hpp"

namespace mosaic::text {
namespace {

CollectionSettings settings(std::string embedder, std::uint32_t dimension) {
  CollectionSettings made;
  made.name = "docs";
  made.embedder = std::move(embedder);
  made.dimension = dimension;
  return made;
}

TEST(OpenEmbedder, GivesTheHashingOneAtAnyDimension) {
  const auto embedder = *open_embedder("hash", 17);
  ASSERT_NE(embedder, nullptr);
  EXPECT_EQ(embedder->embed_document("title", ""), embed("title", "", 17));
  EXPECT_EQ(embedder->embed_query("x"), embed_query("x", 17));
  EXPECT_EQ((*open_embedder("hash", 0))->dimension(), kBuiltinDimension);
}

TEST(OpenEmbedder, GivesTheBuiltinOneAtItsOwnDimension) {
  EXPECT_EQ((*open_embedder("builtin", 0))->dimension(), kBuiltinDimension);
  EXPECT_EQ((*open_embedder("builtin", kBuiltinDimension))->dimension(), kBuiltinDimension);
}

TEST(OpenEmbedder, GivesNoneWhereVectorsComeFromOutside) {
  EXPECT_EQ(*open_embedder("none", kBuiltinDimension), nullptr);
  EXPECT_EQ(*open_embedder("builtin", 3), nullptr);
  EXPECT_EQ(*open_embedder("openai:http://x", 3), nullptr);
}

TEST(EmbedderOf, IsSharedAsLongAsSomebodyHasIt) {
  const auto made = settings("builtin", kBuiltinDimension);
  const auto fingerprint = fingerprint_of(*open_embedder("builtin", 0));
  const auto first = *embedder_of(made, fingerprint);
  EXPECT_EQ(first, *embedder_of(made, fingerprint));
}

TEST(EmbedderOf, RefusesOneThatMakesOtherVectorsThanTheCollectionHas) {
  const auto hashed = embedder_of(settings("hash", 3), kHashFingerprint);
  ASSERT_TRUE(hashed);
  EXPECT_NE(*hashed, nullptr);
  EXPECT_EQ(embedder_of(settings("hash", 3), 99).error(),
            (Error{ErrorCode::kUnavailable,
                   "the model of collection 'docs' has changed since its vectors were made: POST "
                   "/api/v1/collections/docs/reembed makes them anew"}));
}

TEST(EmbedderOf, SaysWhyAModelCannotBeOpened) {
  const auto found = embedder_of(settings("model:/nowhere", 3), 7);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(found.error().detail.find("model:/nowhere"), std::string::npos);
}

}  // namespace
}  // namespace mosaic::text
