// Entries that were written for one request: the first is applied, the others are told from it.
#include "shard/session.hpp"
#include "shard_fixture.hpp"

namespace mosaic::shard {
namespace {

constexpr std::int64_t kNow = 1'000'000'000;

struct RepeatedRequestsTest : ShardFixture {
  const RequestId id{5, 6, 60};

  void SetUp() override { open(); }

  ShardEntry entry(const WriteBatch& batch, const RequestId& request, std::int64_t time_ms = kNow) {
    return {++seq, EntryKind::kWrite, std::make_shared<const std::string>(encode_write(batch)),
            time_ms, request};
  }
  Deleted write_for(const RequestId& request, const WriteBatch& batch,
                    std::int64_t time_ms = kNow) {
    return shard->apply({entry(batch, request, time_ms)}).at(0);
  }
  std::uint64_t documents() const { return shard->sizes().documents; }
};

TEST_F(RepeatedRequestsTest, ARepeatedWriteKeepsTheSeqOfTheFirst) {
  EXPECT_EQ(write_for(id, {{make_document("a", {0, 0})}, {}}).first, 0U);
  const auto again = write_for(id, {{make_document("a", {0, 0})}, {}});
  EXPECT_EQ(again.seq, 2U);
  EXPECT_EQ(again.first, 1U);
  EXPECT_EQ(shard->applied_seq(), 2U);
  Session session(*shard->views(), 0, {});
  EXPECT_EQ(session.reader().seq_of(*session.reader().find_live("a")), 1U);
}

TEST_F(RepeatedRequestsTest, ARepeatDoesNotUndoWhatCameBetween) {
  write_for(id, {{make_document("a", {0, 0})}, {}});
  write_for({}, {{}, {{"a", 0}}});
  write_for(id, {{make_document("a", {0, 0})}, {}});
  EXPECT_EQ(documents(), 0U);
}

TEST_F(RepeatedRequestsTest, ARepeatedDeletionCountsWhatTheFirstTookAway) {
  write_for({}, {{make_document("a", {0, 0}), make_document("b", {0, 0})}, {}});
  EXPECT_EQ(write_for(id, {{}, {{"a", 0}, {"b", 0}}}).documents, 2U);
  // What a filter matches now is nothing; the request is the same.
  const auto again = write_for(id, {});
  EXPECT_EQ(again.documents, 2U);
  EXPECT_EQ(again.first, 2U);
}

TEST_F(RepeatedRequestsTest, BothMayBeInOneGroup) {
  const WriteBatch batch{{make_document("a", {0, 0})}, {}};
  const auto applied = shard->apply({entry(batch, id), entry(batch, id), entry(batch, {})});
  ASSERT_EQ(applied.size(), 3U);
  EXPECT_EQ(applied[0].first, 0U);
  EXPECT_EQ(applied[1].first, 1U);
  EXPECT_EQ(applied[2].first, 0U);
  EXPECT_EQ(documents(), 1U);
}

TEST_F(RepeatedRequestsTest, TheyAreKnownAfterARestart) {
  write_for(id, {{make_document("a", {0, 0})}, {}});
  shard.reset();
  options.made = true;
  open();
  EXPECT_EQ(write_for(id, {{make_document("b", {0, 0})}, {}}).first, 1U);
  EXPECT_EQ(documents(), 1U);
}

TEST_F(RepeatedRequestsTest, PastTheWindowItIsARequestOfItsOwn) {
  write_for(id, {{make_document("a", {0, 0})}, {}});
  EXPECT_EQ(write_for(id, {{make_document("b", {0, 0})}, {}}, kNow + 60'000).first, 1U);
  EXPECT_EQ(write_for(id, {{make_document("b", {0, 0})}, {}}, kNow + 60'001).first, 0U);
  EXPECT_EQ(documents(), 2U);
}

/// A change of settings reaches the shards as well as the catalog.
TEST_F(RepeatedRequestsTest, ARepeatedPatchDoesNotUndoALaterOne) {
  const auto patch = [&](std::vector<std::string> indexed, const RequestId& request) {
    CollectionSettings settings;
    settings.name = "docs";
    settings.dimension = 2;
    settings.indexed = std::move(indexed);
    shard->apply({{++seq, EntryKind::kPatchCollection,
                   std::make_shared<const std::string>(encode_settings(settings)), kNow, request}});
  };
  patch({"a"}, id);
  patch({"b"}, {});
  patch({"a"}, id);
  Session session(*shard->views(), 0, {});
  EXPECT_EQ(session.view().indexed, std::vector<std::string>{"b"});
}

}  // namespace
}  // namespace mosaic::shard
