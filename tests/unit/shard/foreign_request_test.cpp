#include "shard/foreign_request.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace mosaic::shard {
namespace {

UpsertRequest with_metadata(std::string metadata) {
  UpsertRequest request{"docs", {}};
  request.documents.resize(2);
  request.documents[1].metadata = std::move(metadata);
  return request;
}

TEST(ForeignRequest, TakesRequestsThatHttpWouldTake) {
  EXPECT_TRUE(check_foreign(SearchRequest{}));
  EXPECT_TRUE(check_foreign(CollectionSettings{}));
  EXPECT_TRUE(check_foreign(DeleteRequest{"docs", {"a"}, "", ""}));
  auto upsert = with_metadata("{ \"a\" : 1.0 }");
  EXPECT_TRUE(check_foreign(upsert));
  EXPECT_EQ(upsert.documents[1].metadata, R"({"a":1.0})");
  EXPECT_EQ(upsert.documents[0].metadata, "");
}

TEST(ForeignRequest, RefusesATraceIdThatIsNone) {
  SearchRequest search;
  search.trace_id = "4bf92f3577b34da6a3ce929d0e0e4736";
  EXPECT_TRUE(check_foreign(search));
  for (const std::string bad : {"x", "4BF92F3577B34DA6A3CE929D0E0E4736"}) {
    search.trace_id = bad;
    EXPECT_FALSE(check_foreign(search)) << bad;
  }
}

TEST(ForeignRequest, RefusesAByteThatIsNoEnumerator) {
  SearchRequest search;
  search.mode = static_cast<SearchMode>(4);
  EXPECT_EQ(check_foreign(search).error().detail, "mode is 4, which is not one of its values");
  search = {};
  search.fusion = static_cast<Fusion>(2);
  EXPECT_FALSE(check_foreign(search));
  CollectionSettings settings;
  settings.metric = static_cast<Metric>(4);
  EXPECT_FALSE(check_foreign(settings));
  settings = {};
  settings.quantization = static_cast<Quantization>(4);
  EXPECT_FALSE(check_foreign(settings));
  settings = {};
  settings.index.type = static_cast<IndexType>(2);
  EXPECT_FALSE(check_foreign(settings));
}

TEST(ForeignRequest, RefusesARetentionThatNoSignedNumberHolds) {
  CollectionSettings settings;
  settings.retention_s = std::numeric_limits<std::int64_t>::max();
  EXPECT_TRUE(check_foreign(settings));
  ++settings.retention_s;
  EXPECT_FALSE(check_foreign(settings));
}

TEST(ForeignRequest, RefusesANameThatWouldBeKeptTooLong) {
  EXPECT_TRUE(check_foreign(RequestId{}));
  EXPECT_TRUE(check_foreign(RequestId{1, 2, kIdempotencyWindowMaxS}));
  EXPECT_EQ(check_foreign(RequestId{1, 2, kIdempotencyWindowMaxS + 1}).error().detail,
            "window_s of the request is 604801, must be at most 604800");
}

TEST(ForeignRequest, ADeletionSaysInOneWayWhatToDelete) {
  EXPECT_FALSE(check_foreign(DeleteRequest{"docs", {}, "", ""}));
  EXPECT_FALSE(check_foreign(DeleteRequest{"docs", {"a"}, "{}", ""}));
  EXPECT_TRUE(check_foreign(DeleteRequest{"docs", {}, "{}", ""}));
  EXPECT_TRUE(check_foreign(DeleteRequest{"docs", {}, "", "seq > 1"}));
}

TEST(ForeignRequest, AWriteHasDocumentsAndNamesTheBadOne) {
  UpsertRequest empty;
  EXPECT_EQ(check_foreign(empty).error().detail, "documents is empty");
  auto bad = with_metadata("[1]");
  EXPECT_EQ(check_foreign(bad).error().detail, "documents[1].metadata is not a JSON object");
}

}  // namespace
}  // namespace mosaic::shard
