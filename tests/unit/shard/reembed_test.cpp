// A shard that goes over to the vectors of another embedder: views, index, pages.
#include "index_fixture.hpp"
#include "shard/session.hpp"

namespace mosaic::shard {
namespace {

struct ReembedShard : ShardFixture {
  Seq entry(EntryKind kind, const std::string& bytes) {
    shard->apply({{++seq, kind, std::make_shared<const std::string>(bytes)}});
    return seq;
  }
  Seq begin(std::uint32_t dimension) {
    return entry(EntryKind::kBeginReembed, encode_reembedding({0, "hash", dimension, 1}));
  }

  /// What searchers find of `query` in the newest state, and of which space.
  ShardCandidates found(const Vector& query, Seq space, Seq cut = 0) {
    ShardQuery asked;
    asked.vector = query;
    asked.vector_arm = true;
    asked.space = space;
    const auto candidates = searcher().search(cut, asked, Deadline{});
    EXPECT_TRUE(candidates) << candidates.error().detail;
    return candidates ? *candidates : ShardCandidates{};
  }
};

TEST_F(ReembedShard, AnswersFromTheOldVectorsUntilTheSwitchAndInOldViewsAfterIt) {
  open();
  write({{make_document("a", {1, 0}, "text"), make_document("b", {0, 1}, "text")}, {}});
  const auto written = seq;
  const auto generation = begin(3);
  entry(EntryKind::kStageVectors,
        encode_staged({generation, {{"a", written, {0, 0, 9}}, {"b", written, {0, 0, 1}}}}));
  const auto before = seq;
  EXPECT_EQ(ids(found({1, 0}, 0).vector_arm), (std::vector<std::string>{"a", "b"}));
  const auto space = entry(EntryKind::kSwitchSpace, encode_generation(generation));
  EXPECT_EQ(ids(found({0, 0, 0}, space).vector_arm), (std::vector<std::string>{"b", "a"}));
  EXPECT_EQ(ids(found({1, 0}, 0, before).vector_arm), (std::vector<std::string>{"a", "b"}));
  // A query that was embedded for another space finds nothing, and is told which one this is.
  EXPECT_TRUE(found({1, 0}, 0).vector_arm.empty());
  EXPECT_EQ(found({1, 0}, 0).space, space);
  EXPECT_TRUE(found({0, 0, 0}, space, before).vector_arm.empty());
  EXPECT_EQ(found({0, 0, 0}, space, before).space, 0U);
}

TEST_F(ReembedShard, AGroupOfEntriesMayHoldTheSwitchAndWritesOnBothSides) {
  open();
  write({{make_document("a", {1, 0}), make_document("b", {0, 1})}, {}});
  const auto written = seq;
  const auto generation = begin(3);
  const auto bytes = [](std::string text) {
    return std::make_shared<const std::string>(std::move(text));
  };
  WriteBatch after{{make_document("c", {1, 2, 3})}, {}};
  after.space = seq + 3;
  shard->apply(
      {{seq + 1, EntryKind::kWrite, bytes(encode_write({{make_document("b", {5, 5})}, {}}))},
       {seq + 2, EntryKind::kStageVectors,
        bytes(encode_staged({generation, {{"a", written, {1, 1, 1}}, {"b", seq + 1, {2, 2, 2}}}}))},
       {seq + 3, EntryKind::kSwitchSpace, bytes(encode_generation(generation))},
       {seq + 4, EntryKind::kWrite, bytes(encode_write(after))}});
  seq += 4;
  EXPECT_EQ(ids(found({1, 2, 3}, after.space).vector_arm),
            (std::vector<std::string>{"c", "b", "a"}));
  open();
  EXPECT_EQ(ids(found({1, 2, 3}, after.space).vector_arm),
            (std::vector<std::string>{"c", "b", "a"}));
}

TEST_F(ReembedShard, PagesGiveWhatIsNotStagedYet) {
  open();
  write({{make_document("a", {1, 0}, "one"), make_document("b", {0, 1}, "two"),
          make_document("c", {0, 1}, "three")},
         {}});
  const auto written = seq;
  EXPECT_EQ(searcher().unstaged(1, 0, 10, Deadline{}).error().code, ErrorCode::kUnavailable);
  const auto generation = begin(3);
  entry(EntryKind::kStageVectors, encode_staged({generation, {{"b", written, {}}}}));
  const auto page = searcher().unstaged(generation, 0, 1, Deadline{});
  ASSERT_TRUE(page) << page.error().detail;
  ASSERT_EQ(page->versions.size(), 1U);
  EXPECT_EQ(page->versions[0].id, "a");
  EXPECT_EQ(page->versions[0].text, "one");
  EXPECT_EQ(page->versions[0].written, written);
  EXPECT_TRUE(page->more);
  EXPECT_EQ(page->read_at, seq);
  EXPECT_EQ(page->documents, 3U);
  EXPECT_EQ(page->space.without, 1U);
  const auto rest = searcher().unstaged(generation, page->next, 10, Deadline{});
  ASSERT_EQ(rest->versions.size(), 1U);
  EXPECT_EQ(rest->versions[0].id, "c");
  EXPECT_FALSE(rest->more);
}

}  // namespace
}  // namespace mosaic::shard
