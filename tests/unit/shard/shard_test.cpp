#include "shard/shard.hpp"

#include <fmt/format.h>

#include <fstream>

#include "shard/session.hpp"
#include "shard_fixture.hpp"

namespace mosaic::shard {
namespace {

struct ShardTest : ShardFixture {
  void SetUp() override { open(); }

  ShardQuery near(Vector vector, std::size_t depth = 10) {
    ShardQuery query;
    query.vector = std::move(vector);
    query.vector_arm = true;
    query.depth = depth;
    return query;
  }
};

TEST_F(ShardTest, AnswersFromTheStateItWasAskedFor) {
  write({{make_document("a", {0, 0})}, {}});
  write({{make_document("b", {1, 0})}, {{"a", 0}}});
  auto s = searcher();
  EXPECT_EQ(ids(s.search(1, near({0, 0}), {})->vector_arm), std::vector<std::string>{"a"});
  EXPECT_EQ(ids(s.search(2, near({0, 0}), {})->vector_arm), std::vector<std::string>{"b"});
  EXPECT_EQ(s.search(0, near({0, 0}), {})->seq, 2U);
}

TEST_F(ShardTest, TextOfAnOlderCutIsThatOfItsOwnTime) {
  write({{make_document("a", {}, "apple")}, {}});
  // A searcher that was there before keeps a reader of each view.
  auto s = searcher();
  ShardQuery query;
  query.text = "apple";
  ASSERT_EQ(s.search(0, query, {})->text_arm.size(), 1U);
  write({{make_document("a", {}, "pear")}, {}});
  EXPECT_EQ(s.search(1, query, {})->text_arm.size(), 1U);
  EXPECT_EQ(s.search(2, query, {})->text_arm.size(), 0U);
}

TEST_F(ShardTest, WhoAsksForTheNewestStateIsAnsweredHoweverFarTheShardMovesOnMeanwhile) {
  write({{make_document("a", {0, 0})}, {}});
  Session session(*shard->views(), 0, {});
  for (std::size_t i = 0; i < kViewsMax + 2; ++i) write({{make_document("a", {0, 0})}, {}});
  EXPECT_EQ(session.reader().seq_of(*session.reader().find_live("a")), session.view().seq);
}

TEST_F(ShardTest, SaysWhenACutIsGone) {
  for (std::size_t i = 0; i < kViewsMax + 2; ++i) write({{make_document("a", {0, 0})}, {}});
  auto s = searcher();
  const auto reply = s.search(1, near({0, 0}), {});
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, ErrorCode::kUnavailable);
}

TEST_F(ShardTest, TakesUpWhereItStoodAfterReopening) {
  write({{make_document("a", {0, 0}), make_document("b", {3, 4})}, {}});
  write({{make_document("a", {6, 8})}, {}});
  shard.reset();
  options.made = true;
  open();
  EXPECT_EQ(shard->applied_seq(), 2U);
  const auto found = searcher().search(0, near({0, 0}), {});
  EXPECT_EQ(ids(found->vector_arm), (std::vector<std::string>{"b", "a"}));
  EXPECT_DOUBLE_EQ(*found->vector_arm[0].distance, 5);
}

TEST_F(ShardTest, CountsItsDocumentsAndThoseOfSomeIdsInOneState) {
  write({{make_document("a", {0, 0}), make_document("b", {3, 4})}, {}});
  write({{make_document("a", {6, 8})}, {{"b", 0}}});
  const auto count = searcher().count(0, {"a", "b", "none"}, {});
  ASSERT_TRUE(count);
  EXPECT_EQ(count->documents, 1U);
  EXPECT_EQ(count->existing, 1U);
  EXPECT_EQ(count->seq, 2U);
}

TEST_F(ShardTest, SkipsEntriesItHasApplied) {
  const auto bytes =
      std::make_shared<const std::string>(encode_write({{make_document("a", {0, 0})}, {}}));
  const std::vector<ShardEntry> entries{{7, EntryKind::kWrite, bytes}};
  shard->apply(entries);
  EXPECT_TRUE(shard->apply(entries).empty());
  EXPECT_EQ(searcher().info()->documents, 1U);
}

TEST_F(ShardTest, AnEntryThatCannotBeReadChangesNothing) {
  const std::vector<ShardEntry> entries{
      {1, EntryKind::kWrite, std::make_shared<const std::string>("\x01junk")}};
  EXPECT_THROW(shard->apply(entries), Failure);
  EXPECT_EQ(shard->applied_seq(), 0U);
  EXPECT_EQ(write({{make_document("a", {0, 0})}, {}}), 0U);
}

TEST_F(ShardTest, RefusesAnOlderCopyOfItsFile) {
  shard.reset();
  options.made = true;
  options.durable = 5;
  EXPECT_THROW(open(), Failure);
}

TEST_F(ShardTest, RefusesToMakeAFileThatOnceWas) {
  shard.reset();
  std::filesystem::remove(options.path);
  options.made = true;
  EXPECT_THROW(open(), Failure);
}

TEST_F(ShardTest, CheckpointsBesideSearchers) {
  write({{make_document("a", {0, 0})}, {}});
  auto s = searcher();
  ASSERT_TRUE(s.search(0, near({0, 0}), {}));
  EXPECT_EQ(shard->checkpoint(), 1U);
  write({{make_document("b", {0, 0})}, {}});
  EXPECT_EQ(s.search(0, near({0, 0}), {})->vector_arm.size(), 2U);
  EXPECT_EQ(shard->checkpoint(), 2U);
}

TEST_F(ShardTest, DeletesWhatAFilterMatchesAndNothingLater) {
  write({{make_document("a", {}, "", R"({"n":1})"), make_document("b", {}, "", R"({"n":2})")}, {}});
  const auto matches = searcher().matches(0, R"({"n":{"$gte":1}})", "", {});
  ASSERT_EQ(matches->size(), 2U);
  write({{make_document("a", {}, "", R"({"n":1})")}, {}});
  EXPECT_EQ(write({{}, *matches}), 1U);
  EXPECT_EQ(searcher().get(0, "a", {}, {})->documents.size(), 1U);
  EXPECT_TRUE(searcher().get(0, "b", {}, {})->documents.empty());
}

TEST_F(ShardTest, ListsPagesByIdWithAFilter) {
  WriteBatch batch;
  for (int i = 0; i < 50; ++i) {
    batch.documents.push_back(make_document(fmt::format("d{:02}", i), {}, "",
                                            fmt::format(R"({{"odd":{}}})", i % 2 == 1)));
  }
  write(batch);
  ListRequest request;
  request.limit = 10;
  request.filter = R"({"odd":true})";
  const auto page = searcher().list(0, request, "d10", {});
  ASSERT_EQ(page->documents.size(), 10U);
  EXPECT_EQ(page->documents.front().document.id, "d11");
  EXPECT_TRUE(page->more);
  EXPECT_FALSE(searcher().list(0, request, "d29", {})->more);
}

TEST_F(ShardTest, WhereSeesLiveDocumentsOnly) {
  write({{make_document("a", {0, 0}, "", R"({"n":1})")}, {}});
  write({{make_document("a", {0, 0}, "", R"({"n":2})")}, {}});
  auto query = near({0, 0});
  query.where = "metadata->>'n' >= 1";
  EXPECT_EQ(searcher().search(0, query, {})->vector_arm.size(), 1U);
  query.where = "metadata->>'n' = 1";
  EXPECT_TRUE(searcher().search(0, query, {})->vector_arm.empty());
}

TEST_F(ShardTest, ReportsDamageInsteadOfServingIt) {
  WriteBatch batch;
  for (int i = 0; i < 500; ++i) {
    batch.documents.push_back(
        make_document("d" + std::to_string(i), {1, 1}, "some longer text of a document"));
  }
  write(batch);
  shard->checkpoint();
  shard.reset();
  {
    std::fstream file(options.path, std::ios::in | std::ios::out | std::ios::binary);
    const auto pages = std::filesystem::file_size(options.path) / 4096;
    for (std::size_t page = 1; page < pages; ++page) {
      file.seekp(static_cast<std::streamoff>(page * 4096 + 2000));
      file.put('!');
    }
  }
  options.made = true;
  try {
    open();
    FAIL() << "opened";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.error().code, ErrorCode::kCorruptData) << failure.what();
  }
}

}  // namespace
}  // namespace mosaic::shard
