// A shard and its index file: found again, followed, replaced, given up.
#include "index_fixture.hpp"

namespace mosaic::shard {
namespace {

struct IndexTest : IndexFixture {};

TEST_F(IndexTest, WantsNoGraphForFewVectors) {
  upsert(names(0, 100));
  EXPECT_FALSE(shard->next_index_step());
  EXPECT_EQ(shard->sizes().tail_vectors, 100U);
  expect_right_answers();
}

TEST_F(IndexTest, SearchesByAGraphAndFindsItAgainAtTheNextStart) {
  upsert(names(0, kDocuments));
  build();
  ASSERT_TRUE(graph());
  EXPECT_EQ(shard->sizes().graph_nodes, kDocuments);
  EXPECT_EQ(shard->sizes().tail_vectors, 0U);
  expect_right_answers();
  reopen();
  EXPECT_FALSE(shard->index_damage());
  ASSERT_TRUE(graph());
  EXPECT_EQ(shard->views()->take(0)->vectors.tail(), 0U);
  EXPECT_FALSE(shard->next_index_step());
  expect_right_answers();
}

TEST_F(IndexTest, ReadsWhatCameAfterTheGraphFromTheShardFile) {
  upsert(names(0, kDocuments));
  build();
  upsert(names(kDocuments, kDocuments + 300));
  upsert(names(0, 50));                        // replaced
  remove(names(100, 150));                     // ended nodes
  remove(names(kDocuments, kDocuments + 10));  // ended in the tail
  expect_right_answers();
  reopen();
  EXPECT_EQ(shard->views()->take(0)->vectors.tail(), 340U);
  EXPECT_EQ(shard->views()->take(0)->vectors.live(), documents.size());
  EXPECT_EQ(shard->sizes().graph_nodes, kDocuments);
  expect_right_answers();
  EXPECT_EQ(searcher().info()->indexed, documents.size());
}

TEST_F(IndexTest, CountsItsFileAmongTheBytesOnDisk) {
  upsert(names(0, kDocuments));
  build();
  const auto index = std::filesystem::file_size(file());
  EXPECT_GT(index, kDocuments * kDimension * sizeof(float));
  const auto rest = storage::bytes_on_disk(options.path);
  EXPECT_EQ(searcher().info()->bytes, rest + index);
  EXPECT_EQ(shard->sizes().file_bytes, rest + index);
}

TEST_F(IndexTest, GoesOnWithWhatEndedWhileTheGraphWasMade) {
  upsert(names(0, kDocuments));
  const auto begun = task();
  const auto ready = made(begun);
  upsert(names(0, 200));
  remove(names(300, 500));
  ASSERT_TRUE(shard->adopt(ready, begun.wish.generation));
  EXPECT_EQ(shard->sizes().tail_vectors, 200U);
  expect_right_answers();
  reopen();
  expect_right_answers();
}

TEST_F(IndexTest, ForgetsNoEndThatMemoryHasLetGoOf) {
  upsert(names(0, kDocuments));
  const auto begun = task();
  const auto ready = made(begun);
  // Replaced so often that the tail is compacted: their rows leave the memory before the graph,
  // which holds them as live, comes.
  for (int i = 0; i < 3; ++i) upsert(names(0, kDocuments));
  ASSERT_LT(shard->views()->take(0)->vectors.tail(), 3 * kDocuments);
  ASSERT_TRUE(shard->adopt(ready, begun.wish.generation));
  EXPECT_EQ(graph()->live(), 0U);
  expect_right_answers();
}

TEST_F(IndexTest, AdoptingChangesNothingForWhoHasAViewAlready) {
  // Whoever asks from the beginning on has a reader of each view.
  auto asking = searcher();
  ShardQuery query = query_of(random_vector(), false);
  query.text = "none";
  ASSERT_TRUE(asking.search(0, query, {}));
  upsert(names(0, kDocuments));
  const auto view = shard->views()->take(0);
  const Seq oldest = seq < kViewsMax ? 1 : seq - kViewsMax + 1;
  for (Seq older = oldest; older <= seq; ++older) EXPECT_TRUE(asking.search(older, query, {}));
  build();
  const auto lease = shard->views()->lease(view);
  EXPECT_EQ(view->seq, shard->applied_seq());
  EXPECT_FALSE(view->vectors.graph());
  for (Seq older = oldest; older <= seq; ++older) EXPECT_TRUE(asking.search(older, query, {}));
  EXPECT_TRUE(shard->views()->take(seq)->vectors.graph());
}

TEST_F(IndexTest, ExtendsTheGraphByWhatItsTailHasBecome) {
  upsert(names(0, kDocuments));
  build();
  upsert(names(kDocuments, 2 * kDocuments));
  EXPECT_EQ(shard->next_index_step()->what, index::BuildStep::What::kExtend);
  build();
  EXPECT_EQ(shard->sizes().graph_nodes, 2 * kDocuments);
  EXPECT_EQ(shard->sizes().tail_vectors, 0U);
  expect_right_answers();
}

TEST_F(IndexTest, BuildsAnewWithoutWhatEnded) {
  upsert(names(0, 2 * kDocuments));
  build();
  remove(names(0, kDocuments - 100));
  EXPECT_EQ(shard->next_index_step()->what, index::BuildStep::What::kBuild);
  build();
  EXPECT_EQ(shard->sizes().graph_nodes, documents.size());
  expect_right_answers();
  reopen();
  expect_right_answers();
}

TEST_F(IndexTest, ForgetsTheGraphOnceLittleIsLeftOfIt) {
  upsert(names(0, kDocuments));
  build();
  remove(names(0, kDocuments / 2));
  EXPECT_EQ(shard->next_index_step()->what, index::BuildStep::What::kDrop);
  build();
  EXPECT_FALSE(graph());
  EXPECT_FALSE(std::filesystem::exists(file()));
  expect_right_answers();
}

TEST_F(IndexTest, FollowsSettingsThatChangeAtRunTime) {
  upsert(names(0, kDocuments));
  build();
  for (const auto quantization : {Quantization::kFloat16, Quantization::kNone}) {
    patch({}, quantization);
    build();
    EXPECT_EQ(graph()->parameters().codes.quantization, quantization);
    expect_right_answers(5);
  }
  patch({IndexType::kHnsw, 24, 100}, Quantization::kInt8);
  build();
  EXPECT_EQ(graph()->parameters().m, 24U);
  EXPECT_EQ(graph()->parameters().ef_construction, 100U);
  expect_right_answers(5);
  patch({IndexType::kFlat, 16, 200}, Quantization::kInt8);
  build();
  EXPECT_FALSE(graph());
  EXPECT_FALSE(std::filesystem::exists(file()));
  expect_right_answers(5);
  patch({IndexType::kHnsw, 16, 200}, Quantization::kInt8);
  build();
  EXPECT_TRUE(graph());
  expect_right_answers(5);
}

TEST_F(IndexTest, SearchesExactlyWhereCodesSayTooLittle) {
  patch({}, Quantization::kBinary);  // the metric is l2
  upsert(names(0, kDocuments));
  EXPECT_FALSE(shard->next_index_step());
  expect_right_answers(5);
}

TEST_F(IndexTest, TakesSettingsFromItsOptionsAtTheNextStart) {
  upsert(names(0, kDocuments));
  build();
  options.index.type = IndexType::kFlat;
  reopen();
  EXPECT_EQ(shard->next_index_step()->what, index::BuildStep::What::kDrop);
  build();
  EXPECT_FALSE(graph());
  expect_right_answers(5);
}

TEST_F(IndexTest, DoesNotGoOnWithAGraphFromBeforeOneWasGivenUp) {
  upsert(names(0, kDocuments));
  const auto begun = task();
  const auto ready = made(begun);
  shard->drop_index();
  EXPECT_FALSE(shard->adopt(ready, begun.wish.generation));
  EXPECT_FALSE(graph());
  EXPECT_FALSE(std::filesystem::exists(file()));
  build();
  expect_right_answers(5);
}

TEST_F(IndexTest, AStoppedBuildLeavesNothing) {
  upsert(names(0, kDocuments));
  EXPECT_EQ(shard->index_file().build(task(), std::atomic<bool>(true)), nullptr);
  EXPECT_FALSE(std::filesystem::exists(file()));
  reopen();
  EXPECT_FALSE(shard->index_damage());
}

TEST_F(IndexTest, StaysRightThroughRandomWritesBuildsAndStarts) {
  const auto seed = std::random_device()();
  SCOPED_TRACE(fmt::format("seed {}", seed));
  random.seed(seed);
  upsert(names(0, kDocuments));
  for (int round = 0; round < 12; ++round) {
    SCOPED_TRACE(fmt::format("round {}", round));
    std::vector<std::string> some;
    for (std::size_t i = 0; i < random() % 2'000; ++i)
      some.push_back(fmt::format("d{}", random() % (2 * kDocuments)));
    std::sort(some.begin(), some.end());
    some.erase(std::unique(some.begin(), some.end()), some.end());
    switch (random() % 5) {
      case 0:
        remove(some);
        break;
      case 1:
        build();
        break;
      case 2: {  // with writes beside it
        if (!shard->next_index_step()) break;
        const auto begun = task();
        if (begun.step.what == index::BuildStep::What::kDrop) break;
        const auto ready = made(begun);
        upsert(some);
        ASSERT_TRUE(shard->adopt(ready, begun.wish.generation));
        break;
      }
      case 3:
        if (random() % 2 == 0) shard->checkpoint();
        reopen();
        break;
      default:
        upsert(some);
    }
    expect_right_answers(4);
    ASSERT_EQ(shard->views()->take(0)->vectors.live(), documents.size());
  }
}

}  // namespace
}  // namespace mosaic::shard
