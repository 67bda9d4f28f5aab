#include "storage/catalog.hpp"

#include <gtest/gtest.h>

#include "support/temporary_folder.hpp"

namespace mosaic::storage {
namespace {

struct CatalogTest : ::testing::Test {
  test::TemporaryFolder folder;
  std::unique_ptr<Catalog> catalog;

  void SetUp() override {
    open();
    CollectionSettings settings;
    settings.name = "docs";
    settings.routing = "centroid";
    settings.shards = 2;
    ASSERT_TRUE(catalog->create(1, {settings, {}}));
  }

  void open() {
    catalog.reset();
    catalog = std::make_unique<Catalog>(folder / "catalog.db");
  }

  Centroids centroids() const { return *catalog->find("docs")->centroids; }

  Result<CollectionRecord> set(Seq seq, std::vector<Vector> vectors) {
    Centroids made;
    made.vectors = std::move(vectors);
    return catalog->apply(seq, EntryKind::kSetCentroids, {1}, encode_centroids(made));
  }
  Result<CollectionRecord> settle(Seq seq, const Settlement& settlement) {
    return catalog->apply(seq, EntryKind::kSettleCentroids, {1}, encode_settlement(settlement));
  }
};

TEST_F(CatalogTest, ACollectionBeginsWithoutCentroids) {
  EXPECT_EQ(centroids(), Centroids{});
  open();
  EXPECT_EQ(centroids(), Centroids{});
}

TEST_F(CatalogTest, CentroidsOutliveTheNodeAndAreUnsettledUntilTheMovesAreOver) {
  ASSERT_TRUE(set(2, {{1, 2}, {3, 4}}));
  open();
  EXPECT_EQ(centroids(), (Centroids{2, {{1, 2}, {3, 4}}, false, {}}));
  ASSERT_TRUE(settle(3, {2, {0.5, 1}}));
  open();
  EXPECT_EQ(centroids(), (Centroids{2, {{1, 2}, {3, 4}}, true, {0.5, 1}}));
}

TEST_F(CatalogTest, TheEndOfMovesToOlderCentroidsSettlesNothing) {
  ASSERT_TRUE(set(2, {{1, 2}, {3, 4}}));
  ASSERT_TRUE(set(3, {{5, 6}, {7, 8}}));
  ASSERT_TRUE(settle(4, {2, {0.5, 1}}));
  EXPECT_FALSE(centroids().settled);
  EXPECT_EQ(centroids().seq, 3U);
}

TEST_F(CatalogTest, AnEntryThatIsHandedOutAgainChangesNothing) {
  ASSERT_TRUE(set(2, {{1, 2}, {3, 4}}));
  ASSERT_TRUE(settle(3, {2, {}}));
  ASSERT_TRUE(set(2, {{1, 2}, {3, 4}}));
  EXPECT_TRUE(centroids().settled);
}

TEST_F(CatalogTest, CentroidsStayWhenOtherSettingsChangeAndGoWithTheirCollection) {
  ASSERT_TRUE(set(2, {{1, 2}, {3, 4}}));
  auto settings = catalog->find("docs")->settings;
  settings.quantization = Quantization::kBinary;
  ASSERT_TRUE(catalog->patch(3, {1}, settings));
  open();
  EXPECT_EQ(centroids().seq, 2U);
  ASSERT_TRUE(catalog->drop(4, {1}));
  EXPECT_EQ(set(5, {{1, 2}, {3, 4}}).error().code, ErrorCode::kNotFound);
  ASSERT_TRUE(catalog->create(6, {settings, {}}));
  open();
  EXPECT_EQ(centroids(), Centroids{});
}

TEST_F(CatalogTest, OnlyCatalogEntriesAndWholeOnesAreApplied) {
  EXPECT_FALSE(catalog->apply(2, EntryKind::kWrite, {1}, ""));
  EXPECT_THROW((void)catalog->apply(2, EntryKind::kSetCentroids, {1}, "rubbish"), Failure);
}

}  // namespace
}  // namespace mosaic::storage
