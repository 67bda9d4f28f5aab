#include "base/vector_origin.hpp"

#include <gtest/gtest.h>

#include "base/entry.hpp"

namespace mosaic {
namespace {

CollectionSettings settings(std::string embedder, std::uint32_t dimension = kBuiltinDimension) {
  CollectionSettings made;
  made.name = "docs";
  made.embedder = std::move(embedder);
  made.dimension = dimension;
  return made;
}

TEST(VectorOrigin, TravelsInTheEntryThatMakesTheCollection) {
  const CollectionEntry made{settings("model:/m", 3), {7, 9, Reembedding{11, "hash", 4, 1}}};
  const auto bytes = encode_collection(made);
  EXPECT_TRUE(has_origin(bytes));
  const auto read = decode_collection(bytes);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->settings, made.settings);
  EXPECT_EQ(read->origin, made.origin);
}

TEST(VectorOrigin, TheBuiltinEmbedderOfAnEarlierVersionWasTheHashingOne) {
  const auto bytes = encode_settings(settings("builtin"));
  EXPECT_FALSE(has_origin(bytes));
  const auto read = decode_collection(bytes);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->settings, settings("hash"));
  EXPECT_EQ(read->origin, (VectorOrigin{kHashFingerprint, 0, {}}));
}

TEST(VectorOrigin, OthersOfAnEarlierVersionAreWhatTheySay) {
  const auto outside = decode_collection(encode_settings(settings("builtin", 3)));
  EXPECT_EQ(outside->settings, settings("builtin", 3));
  EXPECT_EQ(outside->origin, VectorOrigin{});
  EXPECT_EQ(decode_collection(encode_settings(settings("none")))->origin, VectorOrigin{});
  EXPECT_EQ(decode_collection(encode_settings(settings("openai:http://x")))->origin,
            VectorOrigin{});
  EXPECT_EQ(decode_collection(encode_settings(settings("hash", 5)))->origin.fingerprint,
            kHashFingerprint);
}

TEST(VectorOrigin, EntriesOfAReembeddingComeBackAsTheyWere) {
  const Reembedding next{0, "hash", 4, 1};
  EXPECT_EQ(*decode_reembedding(encode_reembedding(next)), next);
  const auto staged = decode_staged(encode_staged({5, {{"a", 3, {1, 2}}, {"b", 4, {}}}}));
  ASSERT_TRUE(staged);
  EXPECT_EQ(staged->generation, 5U);
  EXPECT_EQ(staged->items, (std::vector<StagedVectors::Item>{{"a", 3, {1, 2}}, {"b", 4, {}}}));
  EXPECT_EQ(*decode_generation(encode_generation(9)), 9U);
  EXPECT_EQ(decode_generation("").error().code, ErrorCode::kCorruptData);
}

TEST(VectorOrigin, AWriteToALaterSpaceSaysWhichOne) {
  Document document;
  document.id = "a";
  WriteBatch batch{{document}, {}};
  batch.space = 8;
  for (const auto& homes : {std::vector<ShardId>{}, std::vector<ShardId>{{2}}}) {
    batch.homes = homes;
    const auto bytes = encode_write(batch);
    EXPECT_EQ(bytes.front(), 3);
    const auto read = decode_write(bytes);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->space, 8U);
    EXPECT_EQ(read->homes, homes);
  }
  batch.homes = {{1}, {2}};
  EXPECT_EQ(decode_write(encode_write(batch)).error().code, ErrorCode::kCorruptData);
}

}  // namespace
}  // namespace mosaic
