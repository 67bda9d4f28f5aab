#include "base/entry.hpp"

#include <gtest/gtest.h>

namespace mosaic {
namespace {

Document document(std::string id) {
  Document made;
  made.id = std::move(id);
  made.vector = {1, 2};
  return made;
}

TEST(Entry, AWriteByHashKeepsTheBytesOfTheFirstVersion) {
  const auto bytes = encode_write({{document("a")}, {{"b", 3}}});
  EXPECT_EQ(bytes.front(), 1);
  const auto read = decode_write(bytes);
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->homes.empty());
  EXPECT_EQ(read->documents, (std::vector{document("a")}));
}

TEST(Entry, AWriteByCentroidSaysWhereItsDocumentsLive) {
  const auto read = decode_write(encode_write({{document("a"), document("b")}, {}, {{3}, {1}}}));
  ASSERT_TRUE(read) << read.error().detail;
  EXPECT_EQ(read->homes, (std::vector<ShardId>{{3}, {1}}));
}

TEST(Entry, PlacesThatAreNotAsManyAsDocumentsAreDamage) {
  const auto write = encode_write({{document("a"), document("b")}, {}, {{3}}});
  EXPECT_EQ(decode_write(write).error().code, ErrorCode::kCorruptData);
  const auto move = encode_move({1, 2, {document("a")}, {{1}, {2}}, {1}});
  EXPECT_EQ(decode_move(move).error().code, ErrorCode::kCorruptData);
  const auto unversioned = encode_move({1, 2, {document("a")}, {{1}}, {}});
  EXPECT_EQ(decode_move(unversioned).error().code, ErrorCode::kCorruptData);
}

TEST(Entry, OfALaterVersionIsNotGuessedAt) {
  auto bytes = encode_write({{document("a")}, {}, {{0}}});
  bytes.front() = 4;
  EXPECT_EQ(decode_write(bytes).error().code, ErrorCode::kCorruptData);
  bytes = encode_settlement({4, {0.5, 1}});
  bytes.front() = 2;
  EXPECT_EQ(decode_settlement(bytes).error().code, ErrorCode::kCorruptData);
}

TEST(Entry, CentroidsMovesAndTheirEndComeBackAsTheyWere) {
  const Centroids centroids{5, {{1, 2}, {3, 4}}, false, {0.5, 1}};
  EXPECT_EQ(*decode_centroids(encode_centroids(centroids)), centroids);
  const auto settlement = decode_settlement(encode_settlement({4, {0.5, 1}}));
  EXPECT_EQ(settlement->centroids, 4U);
  EXPECT_EQ(settlement->recall, (std::vector<double>{0.5, 1}));
  const auto move = decode_move(encode_move({1, 2, {document("a")}, {{1}}, {7}}));
  ASSERT_TRUE(move);
  EXPECT_EQ(move->centroids, 1U);
  EXPECT_EQ(move->read_at, 2U);
  EXPECT_EQ(move->documents, (std::vector{document("a")}));
  EXPECT_EQ(move->homes, (std::vector<ShardId>{{1}}));
  EXPECT_EQ(move->written, (std::vector<Seq>{7}));
}

TEST(Entry, PurgesAndSnapshotsComeBackAsTheyWere) {
  EXPECT_EQ(*decode_purge(encode_purge({1'700'000'000'123, 500})), (Purge{1'700'000'000'123, 500}));
  EXPECT_EQ(decode_snapshot_begin(encode_snapshot_begin({"before"}))->name, "before");
  const Snapshot kept{"before", 7, 1'700'000'000'123, 3, {{"shard-0.db", 4'096, "ab"}}};
  EXPECT_EQ(*decode_snapshot(encode_snapshot(kept)), kept);
  EXPECT_EQ(*decode_snapshot_name(encode_snapshot_name("before")), "before");
}

TEST(Entry, ASnapshotThatIsCutShortIsDamage) {
  auto bytes = encode_snapshot({"before", 7, 1, 3, {{"shard-0.db", 4'096, "ab"}}});
  bytes.pop_back();
  EXPECT_EQ(decode_snapshot(bytes).error().code, ErrorCode::kCorruptData);
}

TEST(Entry, AChangeOfReplicasComesBackAsItWas) {
  const ReplicaChange change{{3}, 17, {{1, true}, {0xffff'ffff'ffff'fffe, false}}};
  const auto back = decode_replica_change(encode_replica_change(change));
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, change);
}

}  // namespace
}  // namespace mosaic
