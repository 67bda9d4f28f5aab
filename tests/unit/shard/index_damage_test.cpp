// An index file that is not what was written, at the start or while it is in use: noticed, and
// answers stay right.
#include "index_fixture.hpp"

namespace mosaic::shard {
namespace {

struct IndexDamage : IndexFixture {
  void SetUp() override {
    IndexFixture::SetUp();
    upsert(names(0, kDocuments));
    build();
    good = bytes_of_file();
  }

  /// The next start finds the damage, goes on without, and makes the file anew.
  void expect_noticed_at_start() {
    reopen();
    ASSERT_TRUE(shard->index_damage());
    EXPECT_EQ(shard->index_damage()->code, ErrorCode::kCorruptData);
    EXPECT_FALSE(graph());
    EXPECT_FALSE(std::filesystem::exists(file()));
    expect_right_answers(3);
    build();
    EXPECT_TRUE(graph());
    expect_right_answers(3);
    reopen();
    EXPECT_FALSE(shard->index_damage());
  }

  /// Searches meet it, answer rightly all the same, and what they report can be repaired.
  void expect_noticed_by_searches() {
    const auto present = graph();
    damages.clear();
    expect_right_answers(3);
    ASSERT_FALSE(damages.empty());
    EXPECT_EQ(damages.front().code, ErrorCode::kCorruptData);
    EXPECT_TRUE(shard->repair_index(present));
    EXPECT_FALSE(shard->repair_index(present)) << "once";
    EXPECT_FALSE(graph());
    EXPECT_FALSE(std::filesystem::exists(file()));
    damages.clear();
    expect_right_answers(3);
    EXPECT_TRUE(damages.empty());
    build();
    EXPECT_TRUE(graph());
    expect_right_answers(3);
    EXPECT_TRUE(damages.empty());
  }

  std::string good;
};

TEST_F(IndexDamage, AFileThatWasCutShortIsMadeAnew) {
  put_file(good.substr(0, good.size() / 2));
  expect_noticed_at_start();
}

TEST_F(IndexDamage, AnEmptyFileIsMadeAnew) {
  put_file("");
  expect_noticed_at_start();
}

TEST_F(IndexDamage, AFileOfZerosIsMadeAnew) {
  put_file(std::string(good.size(), '\0'));
  expect_noticed_at_start();
}

TEST_F(IndexDamage, AFlippedHeaderIsMadeAnew) {
  spoil(12, 1);
  expect_noticed_at_start();
}

TEST_F(IndexDamage, AFileOfAnotherFormatIsNoneAndMadeAnew) {
  spoil(8, 1);
  reopen();
  EXPECT_FALSE(shard->index_damage());
  EXPECT_FALSE(graph());
  EXPECT_FALSE(std::filesystem::exists(file()));
  expect_right_answers(3);
  build();
  EXPECT_TRUE(graph());
  expect_right_answers(3);
}

TEST_F(IndexDamage, TheFileOfAnotherShardIsNotUsed) {
  auto other = options;
  other.path = folder / "shard-1.db";
  other.identity.shard = {1};
  other.identity.shards = 2;
  Shard second(other);
  std::filesystem::copy_file(file(), index_path(other.path));
  Shard again([&] {
    auto made = other;
    made.made = true;
    return made;
  }());
  ASSERT_TRUE(again.index_damage());
  EXPECT_FALSE(std::filesystem::exists(index_path(other.path)));
}

TEST_F(IndexDamage, AFileThatIsAheadOfItsShardIsNotUsed) {
  shard.reset();
  const auto ahead = bytes_of_file();
  for (const auto* suffix : {"", "-wal", "-shm"})
    std::filesystem::remove(options.path.string() + suffix);
  options.made = false;
  documents.clear();
  seq = 0;
  open();
  upsert(names(0, 10));
  shard.reset();
  put_file(ahead);
  options.made = true;
  open();
  ASSERT_TRUE(shard->index_damage());
  expect_right_answers(3);
}

TEST_F(IndexDamage, AnOlderCopyIsMadeAnew) {
  upsert(names(kDocuments - 100, 2 * kDocuments));
  remove(names(0, 100));
  build();
  put_file(good);
  expect_noticed_at_start();
}

TEST_F(IndexDamage, AFileThatAStopLeftBehindTheShardIsUsedAndFollowed) {
  upsert(names(kDocuments - 100, 2 * kDocuments));
  remove(names(0, 100));
  reopen();
  EXPECT_FALSE(shard->index_damage());
  ASSERT_TRUE(graph());
  EXPECT_EQ(shard->sizes().graph_nodes, kDocuments);
  expect_right_answers();
  build();
  expect_right_answers();
}

TEST_F(IndexDamage, AnUnfinishedFileIsRemoved) {
  const auto beside = file().string() + ".tmp";
  std::ofstream(beside) << "half";
  reopen();
  EXPECT_FALSE(std::filesystem::exists(beside));
  EXPECT_FALSE(shard->index_damage());
  EXPECT_TRUE(graph());
}

TEST_F(IndexDamage, AFileThatIsDeletedWhileItIsOpenIsMadeAnewAtTheNextStart) {
  std::filesystem::remove(file());
  expect_right_answers(3);
  EXPECT_TRUE(damages.empty());
  reopen();
  EXPECT_FALSE(shard->index_damage());
  EXPECT_FALSE(graph());
  build();
  expect_right_answers(3);
}

TEST_F(IndexDamage, EveryByteThatChangesBetweenStartsIsNoticedOrHarmless) {
  for (int i = 0; i < 12; ++i) {
    put_file(good);
    const auto at = random() % good.size();
    SCOPED_TRACE(fmt::format("byte {} of {}", at, good.size()));
    spoil(at, 1);
    reopen();
    expect_right_answers(2);
    if (graph()) shard->repair_index(graph());
  }
}

TEST_F(IndexDamage, DamageWhileItIsOpenIsMetBySearches) {
  reopen();  // so that nothing of it is in memory
  spoil(good.size() / 8, good.size() / 2);
  expect_noticed_by_searches();
}

TEST_F(IndexDamage, AFileCutShortWhileItIsOpenIsMetBySearches) {
  reopen();
  std::filesystem::resize_file(file(), good.size() / 3);
  expect_noticed_by_searches();
}

TEST_F(IndexDamage, TextHitsKeepTheirDistances) {
  WriteBatch batch{{make_document("text", random_vector(), "apple")}, {}};
  documents["text"] = batch.documents[0].vector;
  write(batch);
  upsert(names(kDocuments, 2 * kDocuments));
  build();
  reopen();
  spoil(good.size() / 8, std::filesystem::file_size(file()) - good.size() / 8);
  ShardQuery query = query_of(documents["text"], false);
  query.text = "apple";
  query.vector_arm = false;
  const auto found = listening_searcher().search(0, query, {});
  ASSERT_TRUE(found) << found.error().detail;
  ASSERT_EQ(found->text_arm.size(), 1U);
  EXPECT_EQ(found->text_arm[0].distance, 0);
  EXPECT_EQ(damages.size(), 1U);
}

TEST_F(IndexDamage, APlanSaysThatTheFileIsDamaged) {
  reopen();
  std::filesystem::resize_file(file(), 4'096);
  const auto found = listening_searcher().search(0, query_of(random_vector(), false), {});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->plan->way, "scan");
  EXPECT_EQ(found->plan->reason, "the index file is damaged");
  EXPECT_EQ(found->plan->compared, kDocuments);
}

TEST_F(IndexDamage, ABuildFromADamagedGraphIsRefused) {
  upsert(names(kDocuments, 2 * kDocuments));
  const auto next = task();
  spoil(good.size() / 8, good.size() / 2);
  std::optional<Error> error;
  try {
    made(next);
  } catch (const Failure& failure) {
    error = failure.error();
  }
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, ErrorCode::kCorruptData);
  EXPECT_TRUE(shard->repair_index(graph()));
  expect_right_answers(3);
}

TEST_F(IndexDamage, GivingADamagedGraphUpReadsTheShardFile) {
  reopen();
  spoil(good.size() / 8, good.size() / 2);
  shard->drop_index();
  expect_right_answers(3);
}

}  // namespace
}  // namespace mosaic::shard
