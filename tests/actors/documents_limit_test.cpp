// limits.collection_documents on a whole node without threads.
#include "node_fixture.hpp"

namespace mosaic::actors {
namespace {

struct DocumentsLimitTest : NodeFixture {
  DocumentsLimitTest() { documents = std::make_shared<cluster::DocumentLedger>(4); }

  std::uint64_t stored() {
    const auto info = ask<CollectionInfo>(reader, info_atom_v, std::string("docs"));
    EXPECT_TRUE(info);
    return info ? info->documents : 0;
  }

  void remove(const std::vector<std::string>& ids) {
    const auto reply =
        ask<DeleteReply>(writer, remove_atom_v, DeleteRequest{"docs", ids, "", ""}, RequestId{});
    ASSERT_TRUE(reply) << reply.error().detail;
  }

  bool metrics_say(const std::string& line) {
    return node_metrics->text().find(line + "\n") != std::string::npos;
  }
};

TEST_F(DocumentsLimitTest, ABatchPastTheLimitIsRefusedWholeAndSearchesGoOn) {
  make_collection(3);
  upsert({"a", "b", "c"});
  const auto refused = try_upsert({"d", "e"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kPermissionDenied);
  EXPECT_EQ(refused.error().detail,
            "the write is refused: collection 'docs' has 3 documents and 2 more would come, "
            "limits.collection_documents allows 4");
  EXPECT_EQ(stored(), 3U);
  EXPECT_EQ(search()->hits.size(), 3U);
  EXPECT_TRUE(metrics_say("mosaic_limit_reached{limit=\"documents\"} 0"))
      << "there is room for one";
  EXPECT_TRUE(metrics_say("mosaic_limit_refusals_total{limit=\"documents\"} 1"));
  upsert({"d"});
  EXPECT_EQ(stored(), 4U);
  EXPECT_FALSE(try_upsert({"e"}));
  EXPECT_TRUE(metrics_say("mosaic_limit_reached{limit=\"documents\"} 1"));
}

TEST_F(DocumentsLimitTest, AtTheLimitWhatIsThereCanBeReplaced) {
  make_collection(2);
  upsert({"a", "b", "c", "d"});
  upsert({"d", "c", "b", "a"});
  upsert({"a"});
  EXPECT_FALSE(try_upsert({"a", "e"}));
  EXPECT_EQ(stored(), 4U);
}

TEST_F(DocumentsLimitTest, OneIdTwiceInABatchIsOneDocument) {
  make_collection(1);
  upsert({"a", "b", "c"});
  upsert({"d", "d", "a"});
  EXPECT_EQ(stored(), 4U);
}

TEST_F(DocumentsLimitTest, DeletionsMakeRoom) {
  make_collection(2);
  upsert({"a", "b", "c", "d"});
  EXPECT_FALSE(try_upsert({"e"}));
  remove({"a"});
  EXPECT_TRUE(metrics_say("mosaic_limit_reached{limit=\"documents\"} 0"));
  upsert({"e"});
  EXPECT_FALSE(try_upsert({"a"}));
  EXPECT_EQ(stored(), 4U);
}

TEST_F(DocumentsLimitTest, WritersSideBySideDoNotPassTheLimitTogether) {
  make_collection(2);
  upsert({"a"});
  std::vector<Answer<UpsertReply>> answers;
  for (const std::string id : {"b", "c", "d", "e", "f", "g"}) {
    UpsertRequest request{"docs", {}};
    request.documents.resize(1);
    request.documents[0].id = id;
    answers.push_back(begin<UpsertReply>(writer, upsert_atom_v, request, RequestId{}));
  }
  run();
  std::size_t accepted = 0;
  for (const auto& answer : answers) accepted += answer->answered() && answer->result->ok();
  EXPECT_EQ(accepted, 3U);
  EXPECT_EQ(stored(), 4U);
}

TEST_F(DocumentsLimitTest, WithAShardDownItIsRefusedOnlyWhereItMustBeAsked) {
  make_collection(2);
  upsert({"a"});
  broken = true;
  kill_shard({0});
  upsert({"b"});
  const auto refused = try_upsert({"c", "d", "e"});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().code, ErrorCode::kPermissionDenied);
  EXPECT_NE(refused.error().detail.find("shard 0"), std::string::npos) << refused.error().detail;
}

TEST_F(DocumentsLimitTest, WhatWasNeverCountedTakesWritesWithAShardDown) {
  make_collection(2);
  broken = true;
  kill_shard({0});
  upsert({"a"});
  upsert({"b"});
  EXPECT_FALSE(try_upsert({"c", "d", "e", "f"}));
}

TEST_F(DocumentsLimitTest, ACollectionThatIsMadeAgainBeginsEmpty) {
  make_collection(1);
  upsert({"a", "b", "c", "d"});
  EXPECT_FALSE(try_upsert({"e"}));
  ASSERT_TRUE(ask<append_reply>(writer, drop_atom_v, std::string("docs"), RequestId{}));
  EXPECT_TRUE(metrics_say("mosaic_limit_reached{limit=\"documents\"} 0"));
  make_collection(1);
  upsert({"e", "f", "g", "h"});
}

}  // namespace
}  // namespace mosaic::actors
