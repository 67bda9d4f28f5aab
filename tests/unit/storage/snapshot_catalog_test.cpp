// What the catalog knows of snapshots, and collections that are made of files.
#include <gtest/gtest.h>

#include "storage/catalog.hpp"
#include "storage/restored_files.hpp"
#include "storage/shard_file.hpp"
#include "support/temporary_folder.hpp"

namespace mosaic::storage {
namespace {

struct SnapshotCatalogTest : ::testing::Test {
  test::TemporaryFolder root;
  std::unique_ptr<DataFolder> folder;
  std::unique_ptr<Catalog> catalog;

  void SetUp() override {
    folder = std::move(*DataFolder::open(root.path()));
    open();
    ASSERT_TRUE(catalog->create(1, {settings(), {}}));
  }

  void open() {
    catalog.reset();
    catalog = std::make_unique<Catalog>(folder->catalog());
  }

  static CollectionSettings settings(const std::string& name = "docs") {
    CollectionSettings made;
    made.name = name;
    made.dimension = 2;
    made.shards = 2;
    return made;
  }

  Status begin(Seq seq, const std::string& name) {
    const auto done =
        catalog->apply(seq, EntryKind::kBeginSnapshot, {1}, encode_snapshot_begin({name}));
    return done ? Status() : Status(done.error());
  }
  Status keep(Seq seq, const Snapshot& snapshot) {
    const auto done = catalog->apply(seq, EntryKind::kKeepSnapshot, {1}, encode_snapshot(snapshot));
    return done ? Status() : Status(done.error());
  }
  Status drop(Seq seq, const std::string& name) {
    const auto done =
        catalog->apply(seq, EntryKind::kDropSnapshot, {1}, encode_snapshot_name(name));
    return done ? Status() : Status(done.error());
  }

  const std::vector<SnapshotRecord>& records() const { return *catalog->find("docs")->snapshots; }

  static Snapshot snapshot(const std::string& name, Seq seq) {
    return {name, seq, 1'000, 7, {{"snapshots/docs-1/" + name + "/shard-0.db", 4'096, "ab"}}};
  }

  void make_incoming(const std::string& token) {
    std::filesystem::create_directories(folder->incoming(token));
    for (std::uint32_t i = 0; i < 2; ++i)
      create_shard_file(folder->incoming(token) / ("shard-" + std::to_string(i) + ".db"),
                        {{0}, {i}, 2, 2});
  }
};

TEST_F(SnapshotCatalogTest, StandOnceTheyAreKeptAndOutliveTheCatalog) {
  ASSERT_TRUE(begin(2, "a"));
  open();
  ASSERT_EQ(records().size(), 1U);
  EXPECT_FALSE(records()[0].kept);
  EXPECT_EQ(records()[0].snapshot.seq, 2U);
  ASSERT_TRUE(keep(3, snapshot("a", 2)));
  open();
  ASSERT_EQ(records().size(), 1U);
  EXPECT_TRUE(records()[0].kept);
  EXPECT_EQ(records()[0].snapshot, snapshot("a", 2));
  ASSERT_TRUE(drop(4, "a"));
  open();
  EXPECT_TRUE(records().empty());
}

TEST_F(SnapshotCatalogTest, HaveNamesOfTheirOwn) {
  ASSERT_TRUE(begin(2, "a"));
  EXPECT_EQ(begin(3, "a").error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(keep(4, snapshot("a", 3)).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(keep(4, snapshot("b", 2)).error().code, ErrorCode::kNotFound);
  ASSERT_TRUE(keep(4, snapshot("a", 2)));
  // An entry that was appended twice says the same twice; another one is refused.
  EXPECT_TRUE(keep(5, snapshot("a", 2)));
  auto other = snapshot("a", 2);
  other.documents = 8;
  EXPECT_EQ(keep(6, other).error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(begin(7, "a").error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(drop(8, "b").error().code, ErrorCode::kNotFound);
}

TEST_F(SnapshotCatalogTest, RememberTheCollectionAsItWas) {
  ASSERT_TRUE(begin(2, "a"));
  auto changed = settings();
  changed.indexed = {"later"};
  ASSERT_TRUE(catalog->patch(3, {1}, changed));
  ASSERT_TRUE(keep(4, snapshot("a", 2)));
  const auto state = decode_state(records()[0].state);
  ASSERT_TRUE(state);
  EXPECT_EQ(state->collection.settings, settings());
  EXPECT_EQ(catalog->find("docs")->settings, changed);
}

TEST_F(SnapshotCatalogTest, GoWithTheirCollection) {
  ASSERT_TRUE(begin(2, "a"));
  ASSERT_TRUE(catalog->drop(3, {1}));
  EXPECT_EQ(begin(4, "b").error().code, ErrorCode::kNotFound);
  ASSERT_TRUE(catalog->create(5, {settings(), {}}));
  open();
  EXPECT_TRUE(records().empty());
}

TEST_F(SnapshotCatalogTest, ACollectionOfFilesTakesThePlaceOfTheOneItNamesAndOfNoOther) {
  const Centroids centroids{9, {{1, 2}, {3, 4}}, true, {0.5, 1}};
  RestoredCollection restored{{{settings(), {}}, centroids}, "token", {}};
  const auto apply = [&](Seq seq) {
    return catalog->apply(seq, EntryKind::kCreateCollection, {}, encode_restored(restored));
  };
  EXPECT_EQ(apply(2).error().code, ErrorCode::kAlreadyExists);
  restored.replaces = {4};
  EXPECT_EQ(apply(3).error().code, ErrorCode::kAlreadyExists);
  restored.replaces = {1};
  ASSERT_TRUE(begin(4, "of the old one"));
  const auto made = apply(5);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->id, CollectionId{5});
  EXPECT_EQ(catalog->collections().size(), 1U);
  EXPECT_TRUE(records().empty());
  EXPECT_EQ(made->centroids->vectors, centroids.vectors);
  EXPECT_EQ(made->centroids->seq, 5U);
  // Appended once more, for nobody knew what became of the first: it is the same collection.
  const auto again = apply(6);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->id, CollectionId{5});
  open();
  EXPECT_EQ(catalog->find("docs")->token, "token");
  EXPECT_EQ(catalog->find("docs")->centroids->seq, 5U);
  // Others are refused as ever.
  restored.token = "another";
  EXPECT_EQ(apply(7).error().code, ErrorCode::kAlreadyExists);
}

TEST_F(SnapshotCatalogTest, FilesAreTakenOverOnceWhateverCameInBetween) {
  make_incoming("token");
  RestoredCollection restored{{{settings("restored"), {}}, {}}, "token", {}};
  const auto made = catalog->apply(2, EntryKind::kCreateCollection, {}, encode_restored(restored));
  ASSERT_TRUE(made);
  for (int again = 0; again < 2; ++again) take_restored_files(*folder, *catalog, *made);
  EXPECT_FALSE(std::filesystem::exists(folder->incoming("token")));
  for (std::uint32_t i = 0; i < 2; ++i) {
    EXPECT_TRUE(catalog->shard({2}, {i}).made);
    Database database(folder->shard({2}, "restored", {i}), OpenMode::kReadOnly);
    check_identity(database, {{2}, {i}, 2, 2});
    EXPECT_EQ(read_meta(database, "applied_seq"), 2);
  }
}

TEST_F(SnapshotCatalogTest, FilesThatAreAtAnotherNodeAreNotTakenForOnesThatAreHere) {
  RestoredCollection restored{{{settings("restored"), {}}, {}}, "token", {}};
  const auto made = catalog->apply(2, EntryKind::kCreateCollection, {}, encode_restored(restored));
  ASSERT_TRUE(made);
  take_restored_files(*folder, *catalog, *made);
  for (std::uint32_t i = 0; i < 2; ++i) EXPECT_FALSE(catalog->shard({2}, {i}).made);
}

TEST_F(SnapshotCatalogTest, FoldersThatBelongToNothingGoAtTheStart) {
  make_incoming("left");
  const auto kept = folder->snapshot({1}, "docs", "kept");
  const auto stray = folder->snapshot({1}, "docs", ".snapshot-1");
  const auto of_dropped = folder->snapshot({9}, "gone", "s");
  for (const auto& each : {kept, stray, of_dropped}) std::filesystem::create_directories(each);
  folder->remove_strays({kept});
  EXPECT_TRUE(std::filesystem::exists(kept));
  for (const auto& each : {stray, of_dropped.parent_path(), folder->incoming("left")})
    EXPECT_FALSE(std::filesystem::exists(each)) << each;
}

}  // namespace
}  // namespace mosaic::storage
