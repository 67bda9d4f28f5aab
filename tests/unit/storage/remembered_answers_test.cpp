#include "storage/remembered_answers.hpp"

#include <gtest/gtest.h>

#include "storage/catalog.hpp"
#include "support/temporary_folder.hpp"

namespace mosaic::storage {
namespace {

constexpr std::int64_t kNow = 1'000'000'000;

RememberedAnswer answer_of(std::uint64_t number, std::size_t bytes = 10) {
  return {{number, ~number, 60}, "digest", 201,
          "application/json",    "/there", std::string(bytes, 'x')};
}

struct RememberedAnswersTest : ::testing::Test {
  test::TemporaryFolder folder;
  std::unique_ptr<Catalog> catalog;
  Seq seq = 0;

  void SetUp() override { open(); }
  void open() {
    catalog.reset();
    catalog = std::make_unique<Catalog>(folder / "catalog.db");
  }

  void remember(const RememberedAnswer& answer, std::int64_t time_ms = kNow) {
    ASSERT_TRUE(
        catalog->apply(++seq, EntryKind::kRemember, {}, encode_remembered(answer), {time_ms, {}}));
  }

  std::optional<RememberedAnswer> find(std::uint64_t number, std::int64_t now_ms = kNow) {
    AnswerReader reader(folder / "catalog.db");
    const auto found = reader.find({number, ~number}, now_ms);
    EXPECT_TRUE(found) << found.error().detail;
    return found ? *found : std::nullopt;
  }
};

TEST_F(RememberedAnswersTest, AnAnswerOutlivesTheNode) {
  remember(answer_of(1));
  open();
  EXPECT_EQ(find(1), answer_of(1));
  EXPECT_FALSE(find(2));
  EXPECT_EQ(catalog->applied_seq(), 1U);
}

TEST_F(RememberedAnswersTest, ItIsKnownUntilItsWindowHasPassed) {
  remember(answer_of(1));
  EXPECT_TRUE(find(1, kNow + 60'000));
  EXPECT_FALSE(find(1, kNow + 60'001));
}

TEST_F(RememberedAnswersTest, AnEntryThatComesAgainChangesNothing) {
  remember(answer_of(1));
  --seq;
  auto other = answer_of(1);
  other.body = "another";
  remember(other);
  EXPECT_EQ(find(1), answer_of(1));
}

TEST_F(RememberedAnswersTest, WhatIsOverMakesRoom) {
  for (std::uint64_t i = 1; i <= 50; ++i)
    remember(answer_of(i), kNow + static_cast<std::int64_t>(i) * 10'000);
  Database database(folder / "catalog.db", OpenMode::kReadOnly);
  EXPECT_LE(database.query_int("SELECT count(*) FROM answers"), 8);
  EXPECT_TRUE(find(50, kNow + 500'000));
}

TEST_F(RememberedAnswersTest, TheOldestGoWhenTheBytesRunOut) {
  Database database(folder / "other.db", OpenMode::kCreate);
  database.execute(kRememberedAnswersSchema);
  RememberedAnswers answers(database);
  constexpr std::size_t kMebibyte = 1 << 20;
  for (std::uint64_t i = 1; i <= 70; ++i) {
    answers.keep(i, kNow, answer_of(i, kMebibyte));
    EXPECT_LE(answers.bytes(), kAnswersBytesMax);
  }
  AnswerReader reader(folder / "other.db");
  EXPECT_FALSE(*reader.find({1, ~1ULL}, kNow));
  EXPECT_TRUE(*reader.find({70, ~70ULL}, kNow));
  const auto before = std::pair(answers.count(), answers.bytes());
  answers.recount();
  EXPECT_EQ(std::pair(answers.count(), answers.bytes()), before);
}

TEST_F(RememberedAnswersTest, ANewAnswerOfAnOldNameTakesItsPlace) {
  remember(answer_of(1));
  auto later = answer_of(1);
  later.body = "later";
  remember(later, kNow + 70'000);
  EXPECT_EQ(find(1, kNow + 70'000), later);
}

TEST_F(RememberedAnswersTest, DamagedBytesAreSaid) {
  remember(answer_of(1));
  Database database(folder / "catalog.db", OpenMode::kReadWrite);
  database.execute("UPDATE answers SET answer = x'0102'");
  AnswerReader reader(folder / "catalog.db");
  EXPECT_EQ(reader.find({1, ~1ULL}, kNow).error().code, ErrorCode::kCorruptData);
}

/// Catalog entries that were written for a request.
struct CatalogRequestsTest : RememberedAnswersTest {
  const RequestId id{5, 6, 60};

  static CollectionEntry collection() {
    CollectionSettings settings;
    settings.name = "docs";
    return {settings, {}};
  }
  Result<CollectionRecord> make(const RequestId& request, std::int64_t time_ms = kNow) {
    return catalog->apply(++seq, EntryKind::kCreateCollection, {}, encode_collection(collection()),
                          {time_ms, request});
  }
  Result<CollectionRecord> drop(CollectionId collection, const RequestId& request) {
    return catalog->apply(++seq, EntryKind::kDropCollection, collection, "", {kNow, request});
  }
};

TEST_F(CatalogRequestsTest, TheSameRequestMakesOneCollection) {
  ASSERT_EQ(make(id)->id.value, 1U);
  EXPECT_EQ(make(id)->id.value, 1U);
  ASSERT_TRUE(catalog->applied(id, kNow));
  EXPECT_EQ(catalog->applied(id, kNow)->seq, 1U);
  EXPECT_EQ(catalog->applied(id, kNow)->outcome, 1U);
}

TEST_F(CatalogRequestsTest, ADropThatComesAgainLeavesTheCollectionMadeSinceAlone) {
  ASSERT_TRUE(make({}));
  ASSERT_TRUE(drop({1}, id));
  ASSERT_TRUE(make({}));
  const auto again = drop({3}, id);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->id.value, 1U);
  EXPECT_NE(catalog->find("docs"), nullptr);
  open();
  EXPECT_EQ(catalog->applied(id, kNow)->seq, 2U);
}

TEST_F(CatalogRequestsTest, APatchThatComesAgainDoesNotUndoALaterOne) {
  ASSERT_TRUE(make({}));
  auto settings = collection().settings;
  const auto patch = [&](std::uint64_t retention_s, const RequestId& request) {
    settings.retention_s = retention_s;
    ASSERT_TRUE(catalog->apply(++seq, EntryKind::kPatchCollection, {1}, encode_settings(settings),
                               {kNow, request}));
  };
  patch(10, id);
  patch(20, {});
  patch(10, id);
  EXPECT_EQ(catalog->find("docs")->settings.retention_s, 20U);
}

TEST_F(CatalogRequestsTest, WhatWasRefusedIsNotTakenForDone) {
  ASSERT_TRUE(make({}));
  auto other = collection();
  other.settings.shards = 3;
  EXPECT_FALSE(catalog->apply(++seq, EntryKind::kCreateCollection, {}, encode_collection(other),
                              {kNow, id}));
  EXPECT_FALSE(catalog->applied(id, kNow));
  ASSERT_TRUE(drop({1}, {}));
  EXPECT_FALSE(catalog->applied(id, kNow)) << "and no other entry is taken for its own";
}

TEST_F(CatalogRequestsTest, PastTheWindowItIsARequestOfItsOwn) {
  ASSERT_TRUE(make(id));
  ASSERT_TRUE(drop({1}, {}));
  EXPECT_EQ(make(id, kNow + 60'001)->id.value, 3U);
}

}  // namespace
}  // namespace mosaic::storage
