#include "actors/routes.hpp"

#include <gtest/gtest.h>

#include "actor_fixture.hpp"

namespace mosaic::actors {
namespace {

using std::chrono::milliseconds;

constexpr CollectionId kDocs{7};
constexpr shard_key kFirst{kDocs, {0}};

/// Routes call nobody, so empty handles do.
struct RoutesTest : ::testing::Test {
  Routes routes{"n1"};

  static collection_opened docs(std::uint32_t shards = 1, CollectionId id = kDocs) {
    collection_opened opened{id, {}};
    opened.settings.name = "docs";
    opened.settings.shards = shards;
    return opened;
  }

  void open(std::size_t searchers) {
    routes.opened(docs());
    routes.up(kFirst, std::vector<searcher_actor>(searchers));
  }

  collection_route& route() { return **routes.find("docs"); }
  Result<std::shared_ptr<searcher_route>> searcher() { return route().searcher({0}); }
  searcher_route& at(std::size_t i) { return *route().shards.at(0).searchers.at(i); }

  static void time_out(searcher_route& searcher, std::size_t times,
                       milliseconds waited = kSilenceMin) {
    for (std::size_t i = 0; i < times; ++i) {
      ++searcher.waiting;
      searcher.timed_out(waited);
    }
  }
};

TEST_F(RoutesTest, TheLeastBusySearcherIsAsked) {
  open(3);
  at(0).waiting = 2;
  at(1).waiting = 1;
  at(2).waiting = 2;
  const auto least = route().shards[0].searchers[1];
  for (int i = 0; i < 5; ++i) EXPECT_EQ(*searcher(), least);
}

TEST_F(RoutesTest, SearchersThatAreEquallyBusyTakeTurns) {
  open(3);
  std::set<std::shared_ptr<searcher_route>> asked;
  for (int i = 0; i < 3; ++i) asked.insert(*searcher());
  EXPECT_EQ(asked.size(), 3U);
}

TEST_F(RoutesTest, SilenceTakesSoManyTimeoutsInARow) {
  open(1);
  time_out(at(0), kSearcherTimeoutsMax - 1);
  EXPECT_FALSE(at(0).silent());
  ++at(0).waiting;
  at(0).answered();
  time_out(at(0), kSearcherTimeoutsMax - 1);
  EXPECT_FALSE(at(0).silent());
  time_out(at(0), 1);
  EXPECT_TRUE(at(0).silent());
  EXPECT_EQ(at(0).waiting, 0U);
}

TEST_F(RoutesTest, AShortWaitSaysNothingAboutASearcher) {
  open(1);
  time_out(at(0), 2 * kSearcherTimeoutsMax, kSilenceMin - milliseconds(1));
  EXPECT_FALSE(at(0).silent());
}

TEST_F(RoutesTest, ASilentSearcherIsAskedAfterAllOthers) {
  open(2);
  const auto other = route().shards[0].searchers[1];
  time_out(at(0), kSearcherTimeoutsMax);
  other->waiting = kSearcherWaitingMax - 1;
  for (int i = 0; i < 4; ++i) EXPECT_EQ(*searcher(), other);
}

TEST_F(RoutesTest, ASilentSearcherGetsOneRequestAtATime) {
  open(1);
  time_out(at(0), kSearcherTimeoutsMax);
  ASSERT_TRUE(searcher());
  at(0).waiting = 1;
  EXPECT_EQ(searcher().error(),
            (Error{ErrorCode::kDeadlineExceeded, "shard 0 of collection 'docs' does not answer"}));
  at(0).answered();
  EXPECT_FALSE(at(0).silent());
  at(0).waiting = 1;
  EXPECT_TRUE(searcher());
}

TEST_F(RoutesTest, AShardIsOverloadedAtTheBoundOfEachSearcher) {
  open(2);
  at(0).waiting = kSearcherWaitingMax;
  at(1).waiting = kSearcherWaitingMax - 1;
  const auto last = route().shards[0].searchers[1];
  EXPECT_EQ(*searcher(), last);
  last->waiting = kSearcherWaitingMax;
  EXPECT_EQ(searcher().error(),
            (Error{ErrorCode::kOverloaded, "512 requests wait for shard 0 of collection 'docs'"}));
}

TEST_F(RoutesTest, ALostShardIsNamedWithItsReasonUntilItIsUpAgain) {
  open(1);
  routes.lost({kFirst, ShardState::kParked, {ErrorCode::kInternal, "disk on fire"}});
  EXPECT_EQ(searcher().error(), (Error{ErrorCode::kUnavailable,
                                       "shard 0 of collection 'docs' is parked: disk on fire"}));
  routes.up(kFirst, {searcher_actor()});
  EXPECT_TRUE(searcher());
  EXPECT_EQ(route().shards[0].state, ShardState::kUp);
  EXPECT_EQ(route().shards[0].error, Error{});
}

TEST_F(RoutesTest, DamageIsCalledDamage) {
  open(1);
  routes.lost({kFirst, ShardState::kDown, {ErrorCode::kCorruptData, "checksum"}});
  EXPECT_EQ(searcher().error().code, ErrorCode::kCorruptData);
}

TEST_F(RoutesTest, AShardThatWasNeverUpIsStarting) {
  routes.opened(docs());
  EXPECT_EQ(searcher().error(),
            (Error{ErrorCode::kUnavailable, "shard 0 of collection 'docs' is starting"}));
}

TEST_F(RoutesTest, NewSearchersStartWithoutTheirPredecessorsRecord) {
  open(1);
  time_out(at(0), kSearcherTimeoutsMax);
  at(0).waiting = 1;
  routes.up(kFirst, {searcher_actor()});
  EXPECT_TRUE(searcher());
}

TEST_F(RoutesTest, AnAnswerOfASearcherThatWasReplacedHarmsNobody) {
  open(1);
  const auto old = *searcher();
  ++old->waiting;
  routes.up(kFirst, {searcher_actor()});
  old->answered();
  EXPECT_EQ(at(0).waiting, 0U);
}

TEST_F(RoutesTest, ACutMayComeBeforeItsCollection) {
  routes.cut({kDocs, 9});
  routes.opened(docs(2));
  EXPECT_EQ(route().cut, 9U);
  EXPECT_EQ(route().search_cut(), 9U);
}

TEST_F(RoutesTest, ACutNeverGoesBack) {
  routes.opened(docs(2));
  routes.cut({kDocs, 9});
  routes.cut({kDocs, 4});
  EXPECT_EQ(route().cut, 9U);
  routes.opened(docs(2));
  EXPECT_EQ(route().cut, 9U);
}

TEST_F(RoutesTest, OneShardIsSearchedAtItsNewestView) {
  open(1);
  routes.cut({kDocs, 9});
  EXPECT_EQ(route().search_cut(), 0U);
}

TEST_F(RoutesTest, ChangedSettingsLeaveSearchersAndCutAlone) {
  open(1);
  routes.cut({kDocs, 9});
  auto changed = docs();
  changed.settings.indexed = {"section"};
  routes.opened(changed);
  EXPECT_EQ(route().settings.indexed, std::vector<std::string>{"section"});
  EXPECT_TRUE(searcher());
  EXPECT_EQ(route().cut, 9U);
}

TEST_F(RoutesTest, ASearcherThatIsGoneIsNotAskedAgain) {
  open(2);
  at(0).gone = true;
  EXPECT_TRUE(route().serves({0}));
  for (int i = 0; i < 3; ++i) EXPECT_FALSE((*searcher())->gone);
  at(0).gone = true;
  EXPECT_FALSE(route().serves({0}));
  EXPECT_EQ(searcher().error(),
            (Error{ErrorCode::kUnavailable, "shard 0 of collection 'docs' is down"}));
  routes.up(kFirst, {searcher_actor()});
  EXPECT_TRUE(route().serves({0}));
}

TEST_F(RoutesTest, ADroppedCollectionIsGoneWithItsCut) {
  open(1);
  routes.cut({kDocs, 9});
  routes.introduced();
  routes.dropped(kDocs);
  EXPECT_EQ(routes.find("docs").error(),
            (Error{ErrorCode::kNotFound, "collection 'docs' does not exist"}));
  EXPECT_TRUE(routes.all()->empty());
  routes.opened(docs(2));
  EXPECT_EQ(route().cut, 0U);
}

TEST_F(RoutesTest, ANameThatIsFreeAgainLeadsToTheNewCollection) {
  routes.opened(docs());
  routes.dropped(kDocs);
  routes.opened(docs(3, {8}));
  EXPECT_EQ(route().id, CollectionId{8});
  EXPECT_EQ(route().shards.size(), 3U);
}

TEST_F(RoutesTest, NewsOfUnknownCollectionsChangeNothing) {
  routes.up(kFirst, {searcher_actor()});
  routes.lost({kFirst, ShardState::kDown, {}});
  routes.dropped(kDocs);
  routes.introduced();
  EXPECT_TRUE(routes.all()->empty());
}

TEST_F(RoutesTest, WhoeverHasNotBeenIntroducedDoesNotSayThatACollectionIsMissing) {
  open(1);
  EXPECT_TRUE(routes.find("docs"));
  EXPECT_EQ(routes.find("more").error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(routes.all().error().code, ErrorCode::kUnavailable);
  routes.introduced();
  EXPECT_EQ(routes.find("more").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(routes.all()->size(), 1U);
}

TEST_F(RoutesTest, WhatIsBehindIsAskedElsewhereWhereOthersHoldIt) {
  routes.behind(kFirst, true);
  open(1);
  EXPECT_EQ(*searcher(), route().shards[0].searchers[0]) << "nobody else holds it";
  routes.far_up(kFirst, {});
  EXPECT_EQ(*searcher(), route().shards[0].far);
  routes.behind(kFirst, false);
  EXPECT_EQ(*searcher(), route().shards[0].searchers[0]);
}

TEST_F(RoutesTest, OneShardIsSearchedAtTheCutWhereSomeNodeLacksIt) {
  open(1);
  routes.cut({kDocs, 7});
  EXPECT_EQ(route().search_cut(), 0U);
  auto spread = docs();
  spread.spread = true;
  routes.opened(spread);
  EXPECT_EQ(route().search_cut(), 7U);
}

}  // namespace
}  // namespace mosaic::actors
