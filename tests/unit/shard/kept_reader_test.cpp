// Readers that a shard keeps at the states that its file is to be copied at.
#include "shard_fixture.hpp"

namespace mosaic::shard {
namespace {

struct KeptReaderTest : ShardFixture {
  void SetUp() override {
    open();
    write({{make_document("before", {0, 0})}, {}});
  }

  /// Several entries as one group, from the next seq on.
  void apply(const std::vector<std::pair<EntryKind, std::string>>& entries) {
    std::vector<ShardEntry> group;
    for (const auto& [kind, bytes] : entries)
      group.push_back({++seq, kind, std::make_shared<const std::string>(bytes)});
    shard->apply(group);
  }

  Seq begin(const std::string& name) {
    apply({{EntryKind::kWrite, encode_write({{make_document("with", {0, 0})}, {}})},
           {EntryKind::kBeginSnapshot, encode_snapshot_begin({name})}});
    return seq;
  }

  Result<std::shared_ptr<KeptReader>> kept(const std::string& name, Seq at) {
    return searcher().kept(name, at);
  }
};

TEST_F(KeptReaderTest, SeesTheStateOfItsEntryHoweverFarTheShardGoesOn) {
  const auto begun = begin("s");
  EXPECT_EQ(kept("s", begun + 1).error().code, ErrorCode::kUnavailable);
  for (int i = 0; i < 3 * static_cast<int>(kViewsMax); ++i)
    write({{make_document("after" + std::to_string(i), {0, 0})}, {}});
  EXPECT_EQ(kept("s", begun + 1).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(kept("t", begun).error().code, ErrorCode::kNotFound);
  const auto reader = kept("s", begun);
  ASSERT_TRUE(reader) << reader.error().detail;
  EXPECT_EQ((*reader)->view().seq, begun);
  EXPECT_EQ((*reader)->view().counts.documents, 2U);
  EXPECT_EQ((**reader)->last_row(), 2);
  // It is lent once.
  EXPECT_EQ(kept("s", begun).error().code, ErrorCode::kNotFound);
}

TEST_F(KeptReaderTest, GoesWhenTheSnapshotIsKeptOrDropped) {
  const auto first = begin("first");
  const auto second = begin("second");
  apply({{EntryKind::kDropSnapshot, encode_snapshot_name("first")}});
  EXPECT_EQ(kept("first", first).error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(shard->views()->is_being_copied());
  apply({{EntryKind::kKeepSnapshot, encode_snapshot({"second", second, 0, 0, {}})}});
  EXPECT_EQ(kept("second", second).error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(shard->views()->is_being_copied());
}

TEST_F(KeptReaderTest, DoesNotKeepTheShardFromSavingWhatItHas) {
  const auto begun = begin("s");
  write({{make_document("after", {0, 0})}, {}});
  EXPECT_EQ(shard->checkpoint(), seq);
  auto reader = *kept("s", begun);
  write({{make_document("later", {0, 0})}, {}});
  EXPECT_EQ(shard->checkpoint(), seq);
  EXPECT_GT(std::filesystem::file_size(options.path.string() + "-wal"), 0U);
  reader.reset();
  EXPECT_FALSE(shard->views()->is_being_copied());
  EXPECT_EQ(shard->checkpoint(), seq);
}

TEST_F(KeptReaderTest, OutlivesItsShardWhenItIsLent) {
  const auto begun = begin("s");
  auto reader = *kept("s", begun);
  begin("t");
  shard.reset();
  EXPECT_EQ((*reader)->last_row(), 2);
}

}  // namespace
}  // namespace mosaic::shard
