// The entry that makes a collection of files, and the state that a backup keeps of one.
#include <gtest/gtest.h>

#include "base/entry.hpp"

namespace mosaic {
namespace {

RestoredCollection restored() {
  CollectionSettings settings;
  settings.name = "docs";
  settings.shards = 2;
  return {{{settings, {5, 0, {}}}, {3, {{1, 2}, {3, 4}}, true, {0.5, 1}}}, "restore-1", {7}, 12};
}

TEST(RestoredEntry, SaysEverythingThatItWasGiven) {
  const auto back = decode_restored(encode_restored(restored()));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->state.collection.settings, restored().state.collection.settings);
  EXPECT_EQ(back->state.collection.origin, restored().state.collection.origin);
  EXPECT_EQ(back->state.centroids, restored().state.centroids);
  EXPECT_EQ(back->token, "restore-1");
  EXPECT_EQ(back->replaces, CollectionId{7});
  EXPECT_EQ(back->node, 12U);
}

TEST(RestoredEntry, OfAVersionThatKnewNoNodesIsRead) {
  auto entry = encode_restored(restored());
  entry.resize(entry.size() - sizeof RestoredCollection::node);
  entry[0] = 3;
  const auto back = decode_restored(entry);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->token, "restore-1");
  EXPECT_EQ(back->replaces, CollectionId{7});
  EXPECT_EQ(back->node, 0U);
}

TEST(RestoredEntry, IsAnEntryThatMakesACollectionLikeThoseWithoutFiles) {
  const auto collection = decode_collection(encode_restored(restored()));
  ASSERT_TRUE(collection);
  EXPECT_EQ(collection->settings, restored().state.collection.settings);
  const auto plain = decode_restored(encode_collection(restored().state.collection));
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->token, "");
  EXPECT_EQ(plain->state.collection.origin.fingerprint, 5U);
  EXPECT_EQ(plain->state.centroids, Centroids{});
  // Of a version that knew no origins, too.
  EXPECT_TRUE(decode_restored(encode_settings(restored().state.collection.settings)));
}

TEST(RestoredEntry, SaysWhichNodesACollectionBeginsWithout) {
  const auto& collection = restored().state.collection;
  EXPECT_EQ(encode_collection(collection, {}), encode_collection(collection));
  const auto back = decode_restored(encode_collection(collection, {3, 8}));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->avoid, (NodeIds{3, 8}));
  EXPECT_EQ(back->token, "");
  EXPECT_EQ(back->state.collection.settings, collection.settings);
}

TEST(RestoredEntry, IsNotReadWhenItIsCutShortOrNewer) {
  auto entry = encode_restored(restored());
  auto state = encode_state(restored().state);
  for (std::size_t size = 0; size < entry.size(); ++size)
    EXPECT_FALSE(decode_restored(entry.substr(0, size))) << size;
  for (std::size_t size = 0; size < state.size(); ++size)
    EXPECT_FALSE(decode_state(state.substr(0, size))) << size;
  entry[0] = state[0] = 9;
  EXPECT_EQ(decode_restored(entry).error().code, ErrorCode::kCorruptData);
  EXPECT_EQ(decode_state(state).error().code, ErrorCode::kCorruptData);
}

}  // namespace
}  // namespace mosaic
