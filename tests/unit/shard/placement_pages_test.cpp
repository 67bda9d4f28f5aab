#include "routing/placement.hpp"
#include "unit/shard/shard_fixture.hpp"

#include <fmt/format.h>

namespace mosaic::shard {
namespace {

constexpr auto kAllLots = std::numeric_limits<std::uint64_t>::max();

struct PlacementPages : ShardFixture {
  std::shared_ptr<const Centroids> centroids =
      std::make_shared<const Centroids>(Centroids{1, {{0, 0}, {100, 0}}, false, {}});

  void SetUp() override { open(); }

  void write_documents(int count) {
    WriteBatch batch;
    for (int i = 0; i < count; ++i) {
      const auto x = static_cast<float>(i % 2 == 0 ? 1 : 99);
      batch.documents.push_back(make_document(fmt::format("d{}", i), {x, static_cast<float>(i)}));
    }
    write(batch);
  }

  std::vector<Drawn> sample(std::uint64_t seed, std::uint64_t lot_max) {
    std::vector<Drawn> drawn;
    for (Row after = 0;;) {
      auto page = searcher().sample(after, seed, lot_max, {});
      EXPECT_TRUE(page) << page.error().detail;
      std::move(page->drawn.begin(), page->drawn.end(), std::back_inserter(drawn));
      after = page->next;
      if (!page->more) return drawn;
    }
  }
};

TEST_F(PlacementPages, AllVectorsAreDrawnWhenEveryLotWins) {
  write_documents(static_cast<int>(kPlacementRowsMax) + 10);
  write({{make_document("without", {})}, {{"d0", 0}}});
  EXPECT_EQ(sample(1, kAllLots).size(), kPlacementRowsMax + 9);
}

TEST_F(PlacementPages, ADrawDependsOnSeedAndIdAlone) {
  write_documents(1'000);
  const auto first = sample(1, kAllLots / 4);
  EXPECT_NEAR(static_cast<double>(first.size()), 250, 80);
  write({{make_document("d0", {5, 5})}, {}});
  const auto again = sample(1, kAllLots / 4);
  EXPECT_EQ(again.size(), first.size());
  std::set<std::uint64_t> lots, other;
  for (const auto& one : first) lots.insert(one.lot);
  for (const auto& one : again) EXPECT_TRUE(lots.contains(one.lot));
  for (const auto& one : sample(2, kAllLots / 4)) other.insert(one.lot);
  EXPECT_NE(lots, other);
}

TEST_F(PlacementPages, WhatBelongsElsewhereComesWithEverythingThatMoves) {
  write_documents(10);
  const auto page = searcher().misplaced(0, centroids, {});
  ASSERT_TRUE(page) << page.error().detail;
  EXPECT_FALSE(page->more);
  EXPECT_EQ(page->move.read_at, 1U);
  ASSERT_EQ(page->move.documents.size(), 5U);
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(page->move.homes[i], ShardId{1});
    EXPECT_EQ(page->move.written[i], 1U);
    EXPECT_EQ(page->move.documents[i].id, fmt::format("d{}", 2 * i + 1));
    EXPECT_EQ(page->move.documents[i].vector[0], 99);
  }
}

TEST_F(PlacementPages, PagesEndByTheirLimitsAndGoOnWhereTheyEnded) {
  write_documents(2 * static_cast<int>(kMoveDocumentsMax) + 30);
  std::set<std::string> ids;
  int pages = 0;
  for (Row after = 0;; ++pages) {
    const auto page = searcher().misplaced(after, centroids, {});
    ASSERT_TRUE(page) << page.error().detail;
    EXPECT_LE(page->move.documents.size(), kMoveDocumentsMax);
    for (const auto& document : page->move.documents) EXPECT_TRUE(ids.insert(document.id).second);
    after = page->next;
    if (!page->more) break;
  }
  EXPECT_EQ(ids.size(), kMoveDocumentsMax + 15);
  EXPECT_EQ(pages, 1);
}

}  // namespace
}  // namespace mosaic::shard
