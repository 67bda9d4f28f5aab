#include "cluster/document_ledger.hpp"

#include <gtest/gtest.h>

namespace mosaic::cluster {
namespace {

constexpr CollectionId kDocs{7};
constexpr Seq kCut = 1;  ///< that shards in step have applied at least

struct DocumentLedgerTest : testing::Test {
  std::shared_ptr<DocumentLedger> ledger = std::make_shared<DocumentLedger>(10);

  /// Asks the shards, which tell of so many documents, some of which the write brings again.
  DocumentLedger::Verdict enter_with(std::uint64_t documents, DocumentLedger::Count count) {
    return ledger->enter(kDocs, documents, ledger->begin_count(kDocs, kCut), count);
  }

  /// As many as the shards told, with nothing under way.
  void count(std::uint64_t documents) { enter_with(0, {documents, 0, 1'000}); }

  std::size_t full_collections() const {
    std::size_t full = 0;
    ledger->show_full([&](std::size_t shown) { full = shown; });
    return full;
  }

  static DocumentLedger::PlacePtr place_of(DocumentLedger::Verdict verdict) {
    const auto* place = std::get_if<DocumentLedger::PlacePtr>(&verdict);
    return place != nullptr ? *place : nullptr;
  }
};

TEST_F(DocumentLedgerTest, BeforeAnybodyHasCountedTheShardsAreAsked) {
  EXPECT_EQ(ledger->enter(kDocs, 1), nullptr);
  count(0);
  EXPECT_NE(ledger->enter(kDocs, 10), nullptr);
}

TEST_F(DocumentLedgerTest, TheLastPlaceIsGivenAndNoFurther) {
  count(4);
  EXPECT_NE(ledger->enter(kDocs, 6), nullptr);
  EXPECT_EQ(ledger->enter(kDocs, 1), nullptr) << "what was written counts";
}

TEST_F(DocumentLedgerTest, WritesUnderWayCount) {
  count(0);
  const auto first = ledger->enter(kDocs, 6);
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(ledger->enter(kDocs, 5), nullptr);
  EXPECT_NE(ledger->enter(kDocs, 4), nullptr);
}

TEST_F(DocumentLedgerTest, WhatIsThereAlreadyNeedsNoRoom) {
  EXPECT_NE(place_of(enter_with(10, {10, 10, 1})), nullptr);
  EXPECT_NE(place_of(enter_with(5, {8, 3, 1})), nullptr);
  EXPECT_FALSE(ledger->full(kDocs));
}

TEST_F(DocumentLedgerTest, ABatchPastTheLimitIsToldHowManyThereAre) {
  const auto verdict = enter_with(5, {8, 2, 1});
  const auto* full = std::get_if<DocumentLedger::Full>(&verdict);
  ASSERT_NE(full, nullptr);
  EXPECT_EQ(full->documents, 8U);
}

TEST_F(DocumentLedgerTest, OnlyACollectionWithAllItMayHaveIsFull) {
  enter_with(5, {9, 0, 1});
  EXPECT_FALSE(ledger->full(kDocs)) << "a smaller batch fits";
  EXPECT_EQ(ledger->turned(kDocs), std::nullopt);
  enter_with(5, {10, 0, 1});
  EXPECT_TRUE(ledger->full(kDocs));
  EXPECT_EQ(full_collections(), 1U);
  EXPECT_EQ(ledger->turned(kDocs), true);
  EXPECT_EQ(ledger->turned(kDocs), std::nullopt) << "told once";
  ledger->freed(kDocs);
  EXPECT_EQ(full_collections(), 0U);
  EXPECT_EQ(ledger->turned(kDocs), false);
}

TEST_F(DocumentLedgerTest, WhileOthersMayTakeTheLastRoomItIsUnclear) {
  count(0);
  const auto other = ledger->enter(kDocs, 9);
  EXPECT_TRUE(std::holds_alternative<DocumentLedger::Unclear>(enter_with(2, {0, 0, 1})));
  EXPECT_NE(place_of(enter_with(1, {0, 0, 1})), nullptr);
  EXPECT_FALSE(ledger->full(kDocs));
}

TEST_F(DocumentLedgerTest, WhatEndsWhileTheShardsAreAskedIsCounted) {
  count(0);
  auto other = ledger->enter(kDocs, 6);
  const auto begin = ledger->begin_count(kDocs, kCut);
  other->stored(5);
  other.reset();
  // The shards were asked before the other write reached them.
  EXPECT_TRUE(
      std::holds_alternative<DocumentLedger::Unclear>(ledger->enter(kDocs, 5, begin, {0, 0, 4})));
  EXPECT_NE(place_of(ledger->enter(kDocs, 4, begin, {0, 0, 4})), nullptr);
}

TEST_F(DocumentLedgerTest, ALateShardMayBringMoreThanItTells) {
  count(0);
  auto other = ledger->enter(kDocs, 6);
  other->stored(5);
  other.reset();
  EXPECT_TRUE(std::holds_alternative<DocumentLedger::Unclear>(enter_with(5, {0, 0, 4})));
  EXPECT_NE(place_of(enter_with(4, {6, 0, 5})), nullptr);
}

TEST_F(DocumentLedgerTest, ACountBehindTheCutServesOneDecisionFarFromTheLimit) {
  const auto begin = ledger->begin_count(kDocs, 20);
  EXPECT_NE(place_of(ledger->enter(kDocs, 2, begin, {7, 0, 19})), nullptr);
  EXPECT_EQ(ledger->enter(kDocs, 1), nullptr) << "the shards replay the log";
  EXPECT_TRUE(std::holds_alternative<DocumentLedger::Unclear>(
      ledger->enter(kDocs, 1, ledger->begin_count(kDocs, 20), {7, 0, 19})));
  EXPECT_NE(place_of(ledger->enter(kDocs, 1, ledger->begin_count(kDocs, 20), {7, 0, 20})), nullptr);
  EXPECT_NE(ledger->enter(kDocs, 1), nullptr);
}

TEST_F(DocumentLedgerTest, BeforeThereIsACutNoCountIsKept) {
  const auto begin = ledger->begin_count(kDocs, 0);
  EXPECT_TRUE(
      std::holds_alternative<DocumentLedger::Unclear>(ledger->enter(kDocs, 3, begin, {7, 0, 19})));
  EXPECT_NE(place_of(ledger->enter(kDocs, 2, begin, {7, 0, 19})), nullptr);
  EXPECT_EQ(ledger->enter(kDocs, 1), nullptr);
}

TEST_F(DocumentLedgerTest, ANewCollectionMayBeFilledAtOnce) {
  const auto begin = ledger->begin_count(kDocs, 0);
  EXPECT_NE(place_of(ledger->enter(kDocs, 10, begin, {0, 0, 0})), nullptr);
}

TEST_F(DocumentLedgerTest, AGuessLetsInUpToNineTenths) {
  const auto begin = ledger->begin_count(kDocs, kCut);
  const auto first = ledger->enter_guessed(kDocs, 2, begin, 5);
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(ledger->enter_guessed(kDocs, 3, begin, 5), nullptr) << "writes under way count";
  EXPECT_NE(ledger->enter_guessed(kDocs, 2, begin, 5), nullptr);
  EXPECT_EQ(ledger->enter_guessed(kDocs, 2, begin, 5), nullptr) << "so do those since the count";
  EXPECT_EQ(ledger->enter(kDocs, 1), nullptr) << "nothing is counted by a guess";
}

TEST_F(DocumentLedgerTest, AWriteThatFailedCountsUntilTheShardsAreAskedAgain) {
  count(0);
  ledger->enter(kDocs, 10).reset();
  EXPECT_EQ(ledger->enter(kDocs, 1), nullptr);
  EXPECT_NE(place_of(enter_with(1, {0, 0, kCut})), nullptr);
}

TEST_F(DocumentLedgerTest, RoomThatDeletionsMadeIsFoundAgain) {
  enter_with(1, {10, 0, 1});
  EXPECT_TRUE(ledger->full(kDocs));
  ledger->freed(kDocs);
  EXPECT_FALSE(ledger->full(kDocs));
  EXPECT_NE(place_of(enter_with(1, {9, 0, 2})), nullptr);
}

TEST_F(DocumentLedgerTest, AnUpdateAtTheLimitLeavesItFull) {
  enter_with(1, {10, 0, 1});
  enter_with(1, {10, 1, 1});
  EXPECT_TRUE(ledger->full(kDocs));
}

TEST_F(DocumentLedgerTest, CollectionsDoNotShareTheirRoom) {
  count(10);
  const CollectionId other{8};
  EXPECT_NE(place_of(ledger->enter(other, 10, ledger->begin_count(other, kCut), {0, 0, 1})),
            nullptr);
}

TEST_F(DocumentLedgerTest, ADroppedCollectionIsForgottenAlsoWithWritesUnderWay) {
  count(0);
  auto under_way = ledger->enter(kDocs, 5);
  enter_with(6, {5, 0, 1});
  ledger->forget(kDocs);
  EXPECT_EQ(full_collections(), 0U);
  under_way.reset();
  EXPECT_EQ(ledger->enter(kDocs, 1), nullptr);
}

TEST_F(DocumentLedgerTest, ACountThatComesAfterTheDropBringsNothingBack) {
  const auto begin = ledger->begin_count(kDocs, kCut);
  ledger->forget(kDocs);
  EXPECT_TRUE(
      std::holds_alternative<DocumentLedger::Gone>(ledger->enter(kDocs, 1, begin, {10, 0, 1})));
  EXPECT_EQ(ledger->enter_guessed(kDocs, 1, begin, 0), nullptr);
  EXPECT_FALSE(ledger->full(kDocs));
  EXPECT_EQ(full_collections(), 0U);
}

TEST_F(DocumentLedgerTest, APlaceOutlivesTheOwnerOfTheLedger) {
  count(0);
  auto place = ledger->enter(kDocs, 5);
  ledger.reset();
  place->stored(3);
  place.reset();
}

}  // namespace
}  // namespace mosaic::cluster
