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
    settings.dimension = 2;
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

TEST_F(CatalogTest, GoesOverToAnotherEmbedderByOneEntry) {
  ASSERT_TRUE(set(2, {{1, 2}, {3, 4}}));
  const Reembedding next{0, "hash", 3, kHashFingerprint};
  const auto begin = [&](Seq seq) {
    return catalog->apply(seq, EntryKind::kBeginReembed, {1}, encode_reembedding(next));
  };
  ASSERT_TRUE(begin(3));
  EXPECT_EQ(begin(4).error().code, ErrorCode::kAlreadyExists);
  open();
  EXPECT_EQ(catalog->find("docs")->origin.next->generation, 3U);
  EXPECT_EQ(catalog->find("docs")->settings.embedder, "builtin");
  const auto end = [&](Seq seq, EntryKind kind, Seq generation) {
    return catalog->apply(seq, kind, {1}, encode_generation(generation));
  };
  EXPECT_EQ(end(5, EntryKind::kSwitchSpace, 4).error().code, ErrorCode::kNotFound);
  ASSERT_TRUE(end(6, EntryKind::kSwitchSpace, 3));
  open();
  const auto& record = *catalog->find("docs");
  EXPECT_EQ(record.settings.embedder, "hash");
  EXPECT_EQ(record.settings.dimension, 3U);
  EXPECT_EQ(record.origin, (VectorOrigin{kHashFingerprint, 6, {}}));
  // They were of the old vectors, as are those that come too late.
  EXPECT_EQ(centroids(), Centroids{});
  EXPECT_EQ(set(7, {{1, 2}, {3, 4}}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(end(8, EntryKind::kCancelReembed, 3).error().code, ErrorCode::kNotFound);
}

TEST_F(CatalogTest, ACancelledReembeddingLeavesTheSettingsAlone) {
  const auto before = catalog->find("docs")->settings;
  ASSERT_TRUE(catalog->begin_reembed(2, {1}, {0, "hash", 3, 1}));
  ASSERT_TRUE(catalog->cancel_reembed(3, {1}, 2));
  EXPECT_EQ(catalog->find("docs")->settings, before);
  EXPECT_EQ(catalog->find("docs")->origin, VectorOrigin{});
}

TEST_F(CatalogTest, APatchThatWasPreparedBeforeDoesNotBringTheOldEmbedderBack) {
  auto patch = catalog->find("docs")->settings;
  patch.indexed = {"a"};
  ASSERT_TRUE(catalog->begin_reembed(2, {1}, {0, "hash", 3, 1}));
  ASSERT_TRUE(catalog->switch_space(3, {1}, 2));
  ASSERT_TRUE(catalog->patch(4, {1}, patch));
  EXPECT_EQ(catalog->find("docs")->settings.indexed, patch.indexed);
  EXPECT_EQ(catalog->find("docs")->settings.embedder, "hash");
  EXPECT_EQ(catalog->find("docs")->settings.dimension, 3U);
}

TEST_F(CatalogTest, ACollectionOfAnEarlierVersionIsRewrittenOnce) {
  {
    Database database(folder / "catalog.db", OpenMode::kReadWrite);
    auto settings = catalog->find("docs")->settings;
    settings.dimension = kBuiltinDimension;
    catalog.reset();
    auto write = database.prepare("UPDATE collections SET settings = ?1");
    const auto bytes = encode_settings(settings);
    write.bind_blob(1, bytes);
    write.run();
  }
  open();
  EXPECT_EQ(catalog->find("docs")->settings.embedder, "hash");
  EXPECT_EQ(catalog->find("docs")->origin, (VectorOrigin{kHashFingerprint, 0, {}}));
  catalog.reset();
  Database database(folder / "catalog.db", OpenMode::kReadWrite);
  auto select = database.prepare("SELECT settings FROM collections");
  ASSERT_TRUE(select.step());
  EXPECT_TRUE(has_origin(select.column_blob(0)));
}

}  // namespace
}  // namespace mosaic::storage
