#include "shard/search_merge.hpp"

#include <gtest/gtest.h>

#include "shard/cursor.hpp"

namespace mosaic::shard {
namespace {

query::Candidate candidate(std::uint32_t shard, Row row, std::string id, double score) {
  return {{shard}, row, std::move(id), score, 1 - score, score, std::nullopt};
}

StoredDocument stored(std::string id) {
  StoredDocument document;
  document.document.id = std::move(id);
  return document;
}

SearchRequest vector_request(std::size_t k) {
  SearchRequest request;
  request.vector = {1};
  request.k = k;
  return request;
}

TEST(SearchMerge, TakesTheBestOfAllShards) {
  SearchMerge merge(vector_request(2), 2);
  merge.add({0}, {5, {candidate(0, 1, "a", 0.5), candidate(0, 2, "b", 0.1)}, {}});
  merge.add({1}, {5, {candidate(1, 1, "c", 0.9)}, {}});
  const auto rows = merge.rank();
  EXPECT_EQ(rows.at({0}), std::vector<Row>{1});
  EXPECT_EQ(rows.at({1}), std::vector<Row>{1});
  merge.add_documents({0}, {stored("a")});
  merge.add_documents({1}, {stored("c")});
  const auto reply = merge.finish();
  ASSERT_EQ(reply.hits.size(), 2U);
  EXPECT_EQ(reply.hits[0].stored.document.id, "c");
  EXPECT_FALSE(reply.partial);
  EXPECT_EQ(reply.shards_searched, 2U);
}

TEST(SearchMerge, SaysWhichShardIsMissing) {
  SearchMerge merge(vector_request(2), 2);
  merge.add({0}, {5, {candidate(0, 1, "a", 0.5)}, {}});
  merge.missing({1}, "n1", {ErrorCode::kDeadlineExceeded, "late"});
  merge.rank();
  merge.add_documents({0}, {stored("a")});
  const auto reply = merge.finish();
  EXPECT_TRUE(reply.partial);
  EXPECT_EQ(reply.shards_searched, 1U);
  ASSERT_EQ(reply.failed.size(), 1U);
  EXPECT_EQ(reply.failed[0].shard, ShardId{1});
}

TEST(SearchMerge, LeavesOutHitsWhoseShardFailsBeforeTheirDocumentsCome) {
  SearchMerge merge(vector_request(2), 1);
  merge.add({0}, {5, {candidate(0, 1, "a", 0.5)}, {}});
  merge.rank();
  merge.missing({0}, "n1", {ErrorCode::kUnavailable, "down"});
  const auto reply = merge.finish();
  EXPECT_TRUE(reply.hits.empty());
  EXPECT_TRUE(reply.partial);
}

TEST(SearchMerge, CutsAtTheLowestScoreWanted) {
  auto request = vector_request(5);
  request.min_score = 0.4;
  SearchMerge merge(request, 1);
  merge.add({0}, {5, {candidate(0, 1, "a", 0.5), candidate(0, 2, "b", 0.1)}, {}});
  EXPECT_EQ(merge.rank().at({0}).size(), 1U);
}

TEST(SearchMerge, LooksDeeperWhenArmsAreFused) {
  SearchRequest request;
  request.query = "words";
  request.k = 10;
  EXPECT_EQ(arm_depth(request), kFusionDepthMin);
  request.mode = SearchMode::kText;
  EXPECT_EQ(arm_depth(request), 10U);
}

Page page(std::vector<std::string> ids, bool more) {
  Page made;
  for (auto& id : ids) made.documents.push_back(stored(std::move(id)));
  made.more = more;
  return made;
}

std::vector<std::string> ids_of(const MergedPage& merged) {
  std::vector<std::string> ids;
  for (const auto& document : merged.documents) ids.push_back(document.document.id);
  return ids;
}

TEST(MergePages, OrdersByIdAndStopsAtTheLimit) {
  const auto merged = merge_pages({page({"a", "d"}, false), page({"b", "c"}, false)}, 3);
  EXPECT_EQ(ids_of(merged), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_TRUE(merged.more);
}

TEST(MergePages, NeverGoesPastTheEndOfAPageThatHasMore) {
  const auto merged = merge_pages({page({"a", "b"}, true), page({"c", "z"}, false)}, 10);
  EXPECT_EQ(ids_of(merged), (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(merged.more);
}

TEST(MergePages, TheLastPageHasNoMore) {
  EXPECT_FALSE(merge_pages({page({"a"}, false), page({}, false)}, 10).more);
}

TEST(Cursor, ComesBackAsTheIdItWasMadeOf) {
  for (const std::string id : {"a", "päckchen/1", "\xf0\x9f\x90\x98"})
    EXPECT_EQ(*decode_cursor(encode_cursor(id)), id);
  EXPECT_EQ(*decode_cursor(""), "");
}

TEST(Cursor, RefusesWhatNoListGave) {
  for (const auto* bad : {"zz", "abc", "61 6"})
    EXPECT_EQ(decode_cursor(bad).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace mosaic::shard
