#include <fstream>

#include "base/checksum.hpp"
#include "node_fixture.hpp"

namespace mosaic::actors {
namespace {

using namespace std::chrono_literals;

std::vector<std::string> many_ids(int count) {
  std::vector<std::string> ids;
  for (int i = 0; i < count; ++i) ids.push_back("d" + std::to_string(i));
  return ids;
}

ListRequest list_of(std::string collection) {
  ListRequest request;
  request.collection = std::move(collection);
  return request;
}

using NodeTest = NodeFixture;

TEST_F(NodeTest, WhatIsWrittenIsFound) {
  make_collection(4);
  const auto written = upsert(many_ids(20));
  EXPECT_TRUE(written.applied);
  const auto found = search();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->hits.size(), 20U);
  EXPECT_EQ(found->hits[0].stored.document.id, "d0");
  EXPECT_EQ(found->seq, written.seq);
  EXPECT_EQ(found->shards_searched, 4U);
}

TEST_F(NodeTest, TextScoresDoNotDependOnTheNumberOfShards) {
  make_collection(3);
  upsert(many_ids(12));
  SearchRequest request;
  request.collection = "docs";
  request.query = "d3 text";
  request.mode = SearchMode::kText;
  const auto found = ask<SearchReply>(reader, search_atom_v, request);
  ASSERT_EQ(found->hits.size(), 10U);
  EXPECT_EQ(found->hits[0].stored.document.id, "d3");
  // All others hold the one common word in texts of one length: equal under common statistics only.
  for (std::size_t i = 2; i < found->hits.size(); ++i)
    EXPECT_DOUBLE_EQ(found->hits[i].score, found->hits[1].score);
}

TEST_F(NodeTest, ADeadShardIsNamedAndTheOthersAnswer) {
  make_collection(2);
  upsert(many_ids(20));
  kill_shard({1});
  const auto found = search();
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->partial);
  ASSERT_EQ(found->failed.size(), 1U);
  EXPECT_EQ(found->failed[0].shard, ShardId{1});
  EXPECT_EQ(found->failed[0].node, "n1");
  EXPECT_GT(found->hits.size(), 0U);
}

TEST_F(NodeTest, ARestartedShardCatchesUpWithWhatItMissed) {
  make_collection(2);
  upsert({"a"});
  kill_shard({1});
  const auto written = upsert(many_ids(20));
  EXPECT_FALSE(written.applied);
  pass(20ms);
  const auto found = search();
  EXPECT_FALSE(found->partial);
  EXPECT_EQ(found->hits.size(), 21U);
  EXPECT_TRUE(upsert({"later"}).applied);
}

TEST_F(NodeTest, AShardThatKeepsFailingIsParkedAndTheOthersGoOn) {
  make_collection(2);
  upsert(many_ids(20));
  broken = true;
  kill_shard({1});
  pass(20ms);
  pass(40ms);
  EXPECT_EQ(ask<CollectionInfo>(reader, info_atom_v, std::string("docs"))->shards.at(1).state,
            ShardState::kParked);
  EXPECT_TRUE(search()->partial);
  broken = false;
  pass(30s);
  EXPECT_FALSE(search()->partial);
}

TEST_F(NodeTest, AWriteIsAppliedWhenTheShardsItTouchesAre) {
  make_collection(2);
  kill_shard({1});
  for (const auto& id : many_ids(10)) {
    EXPECT_EQ(upsert({id}).applied, home_shard(id, 2) == ShardId{0}) << id;
  }
}

TEST_F(NodeTest, AListWithAShardMissingIsAnError) {
  make_collection(2);
  upsert(many_ids(20));
  kill_shard({0});
  const auto listed = ask<ListReply>(reader, list_atom_v, list_of("docs"));
  ASSERT_FALSE(listed);
  EXPECT_EQ(listed.error().code, ErrorCode::kUnavailable);
}

TEST_F(NodeTest, ListsEverythingOnceInPages) {
  make_collection(3);
  upsert(many_ids(25));
  auto request = list_of("docs");
  request.limit = 7;
  std::vector<std::string> seen;
  do {
    auto page = ask<ListReply>(reader, list_atom_v, request);
    ASSERT_TRUE(page);
    for (const auto& stored : page->documents) seen.push_back(stored.document.id);
    request.cursor = page->next_cursor;
  } while (!request.cursor.empty());
  auto expected = many_ids(25);
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(seen, expected);
}

TEST_F(NodeTest, AWriteThatTheLogRefusesIsAnError) {
  make_collection(1);
  memory->refuse = true;
  EXPECT_EQ(try_upsert({"a"}).error().detail, "disk is full");
  memory->refuse = false;
  EXPECT_TRUE(upsert({"a"}).applied);
}

TEST_F(NodeTest, DeletesByIdAndByFilter) {
  make_collection(2);
  upsert(many_ids(10));
  EXPECT_EQ(ask<DeleteReply>(writer, remove_atom_v, DeleteRequest{"docs", {"d1", "gone"}, "", ""},
                             RequestId{})
                ->deleted,
            1U);
  EXPECT_EQ(
      ask<DeleteReply>(writer, remove_atom_v,
                       DeleteRequest{"docs", {}, R"({"$id":{"$in":["d2","d3"]}})", ""}, RequestId{})
          ->deleted,
      2U);
  EXPECT_EQ(ask<DeleteReply>(writer, remove_atom_v, DeleteRequest{"docs", {}, "", "id = 'd4'"},
                             RequestId{})
                ->deleted,
            1U);
  EXPECT_EQ(search()->hits.size(), 6U);
}

TEST_F(NodeTest, ACollectionOfTheSameNameStandsOrConflicts) {
  make_collection(1);
  CollectionSettings same;
  same.name = "docs";
  same.dimension = 2;
  same.metric = Metric::kL2;
  EXPECT_FALSE(ask<CollectionPut>(writer, create_atom_v, same, RequestId{})->created);
  same.dimension = 3;
  EXPECT_EQ(ask<CollectionPut>(writer, create_atom_v, same, RequestId{}).error().code,
            ErrorCode::kAlreadyExists);
}

TEST_F(NodeTest, ADroppedCollectionIsGoneAndItsNameFree) {
  make_collection(2);
  upsert(many_ids(5));
  ASSERT_TRUE(ask<append_reply>(writer, drop_atom_v, std::string("docs"), RequestId{}));
  EXPECT_EQ(search().error().code, ErrorCode::kNotFound);
  make_collection(1);
  EXPECT_TRUE(search()->hits.empty());
}

TEST_F(NodeTest, WhatALateShardMakesInTheFolderOfADroppedCollectionGoesToo) {
  make_collection(1);
  const auto docs = supervision.folder->collection(catalog->find("docs")->id, "docs");
  ASSERT_TRUE(ask<append_reply>(writer, drop_atom_v, std::string("docs"), RequestId{}));
  EXPECT_FALSE(std::filesystem::exists(docs));
  std::filesystem::create_directories(docs);
  std::ofstream(docs / "shard-0.db") << "late";
  pass(1s);
  EXPECT_FALSE(std::filesystem::exists(docs));
}

TEST_F(NodeTest, PatchedSettingsAreInForce) {
  make_collection(1);
  patch_request patch{"docs", {}};
  patch.patch.indexed = {"section"};
  ASSERT_TRUE(ask<CollectionInfo>(writer, patch_atom_v, patch, RequestId{}));
  EXPECT_EQ(ask<CollectionInfo>(reader, info_atom_v, std::string("docs"))->settings.indexed,
            std::vector<std::string>{"section"});
}

TEST_F(NodeTest, HealthNamesWhatIsMissing) {
  make_collection(2);
  EXPECT_TRUE(ask<Health>(supervisor, health_atom_v)->ready);
  kill_shard({1});
  const auto health = ask<Health>(supervisor, health_atom_v);
  EXPECT_FALSE(health->ready);
  EXPECT_EQ(health->shards_down, 1U);
  ASSERT_EQ(health->missing.size(), 1U);
  EXPECT_NE(health->missing[0].find("shard 1 of collection 'docs'"), std::string::npos);
}

TEST_F(NodeTest, BadRequestsAreRefusedByName) {
  make_collection(1);
  SearchRequest request;
  request.collection = "docs";
  request.vector = {1, 2, 3};
  EXPECT_EQ(ask<SearchReply>(reader, search_atom_v, request).error().code,
            ErrorCode::kDimensionMismatch);
  request.vector = {1, 2};
  request.filter = R"({"a":{"$near":1}})";
  EXPECT_EQ(ask<SearchReply>(reader, search_atom_v, request).error().code,
            ErrorCode::kInvalidArgument);
  request.filter.clear();
  request.where = "1) OR (1";
  EXPECT_EQ(ask<SearchReply>(reader, search_atom_v, request).error().code,
            ErrorCode::kInvalidArgument);
  request.where = "no_such_column = 1";
  EXPECT_EQ(ask<SearchReply>(reader, search_atom_v, request).error().code,
            ErrorCode::kInvalidArgument);
}

TEST_F(NodeTest, TheLogIsCutOncePastWhatEveryShardHasOnDisk) {
  make_collection(2);
  upsert(many_ids(10));
  pass(4s);
  caf::anon_send(shards.at({0}), checkpoint_atom_v);
  run();
  EXPECT_LT(memory->floor, memory->last_seq());
  caf::anon_send(shards.at({1}), checkpoint_atom_v);
  run();
  EXPECT_EQ(memory->floor, memory->last_seq());
}

TEST_F(NodeTest, ACheckpointWaitsUntilTheOtherShardsHaveTheNewestState) {
  make_collection(2);
  upsert(many_ids(10));
  const auto floor = memory->floor;
  for (const auto shard : {ShardId{0}, ShardId{1}})
    caf::anon_send(shards.at(shard), checkpoint_atom_v);
  run();
  EXPECT_EQ(memory->floor, floor);
  upsert(many_ids(10));
  EXPECT_GT(memory->floor, floor) << "the log hands out a group when all have the one before";
  EXPECT_LT(memory->floor, memory->last_seq());
  pass(4s);
  EXPECT_EQ(memory->floor, memory->last_seq());
}

}  // namespace
}  // namespace mosaic::actors
