#include "shard/document_counting.hpp"

#include <gtest/gtest.h>

namespace mosaic::shard {
namespace {

const Error kDown{ErrorCode::kUnavailable, "shard 1 is down"};

TEST(DocumentCounting, AddsUpAndIsAsFarAsTheSlowestShard) {
  DocumentCounting counting;
  EXPECT_TRUE(counting.nobody_told());
  counting.add({.documents = 5, .existing = 2, .seq = 9});
  counting.add({.documents = 7, .existing = 1, .seq = 8});
  EXPECT_EQ(counting.total().documents, 12U);
  EXPECT_EQ(counting.total().existing, 3U);
  EXPECT_EQ(counting.total().seq, 8U);
  EXPECT_FALSE(counting.failure());
  EXPECT_EQ(counting.guess(), 12U);
}

TEST(DocumentCounting, GuessesASilentShardAtTheFullestOrWhatItLastTold) {
  DocumentCounting counting;
  counting.silent(std::nullopt, kDown);
  counting.add({.documents = 5, .existing = 0, .seq = 1});
  counting.silent(9, kDown);
  EXPECT_EQ(counting.guess(), 5U + 5U + 9U);
  EXPECT_EQ(counting.failure(), kDown);
  EXPECT_FALSE(counting.nobody_told());
}

TEST(DocumentCounting, KnowsWhenNobodyTold) {
  DocumentCounting counting;
  counting.silent(3, kDown);
  EXPECT_TRUE(counting.nobody_told());
  EXPECT_EQ(counting.guess(), 3U);
}

TEST(IdsByShard, SendsEveryIdToItsHome) {
  CollectionSettings settings;
  settings.shards = 3;
  WriteBatch batch;
  for (int i = 0; i < 50; ++i) {
    batch.documents.emplace_back();
    batch.documents.back().id = std::to_string(i);
  }
  const auto ids = ids_by_shard(batch, settings);
  ASSERT_EQ(ids.size(), 3U);
  std::size_t count = 0;
  for (std::uint32_t shard = 0; shard < 3; ++shard) {
    for (const auto& id : ids[shard]) EXPECT_EQ(home_shard(id, 3).value, shard);
    count += ids[shard].size();
  }
  EXPECT_EQ(count, 50U);
  settings.routing = "centroid";
  for (const auto& all : ids_by_shard(batch, settings)) EXPECT_EQ(all.size(), 50U);
}

}  // namespace
}  // namespace mosaic::shard
