#include "cluster/replica_plan.hpp"

#include <gtest/gtest.h>

namespace mosaic::cluster {
namespace {

constexpr CollectionId kCollection{5};

std::vector<ReplicaNode> nodes(std::uint64_t count) {
  std::vector<ReplicaNode> all;
  for (std::uint64_t id = 1; id <= count; ++id) all.push_back({id, true, false});
  return all;
}

std::vector<std::uint64_t> homes(std::uint32_t shard, std::uint32_t wanted, std::uint64_t count) {
  std::vector<std::uint64_t> ids;
  for (std::uint64_t id = 1; id <= count; ++id) ids.push_back(id);
  return rendezvous(kCollection.value, shard + 1, wanted, ids).at(shard);
}

/// On these nodes, all of which have all of it.
PlacedShard whole_on(std::uint32_t shard, std::uint32_t wanted,
                     const std::vector<std::uint64_t>& ids) {
  PlacedShard placed{kCollection, {shard}, wanted, {9, {}}, {ids.begin(), ids.end()}};
  for (const auto id : ids) placed.set.replicas.push_back({id, true});
  return placed;
}

std::vector<Replica> next(const std::vector<ReplicaNode>& all,
                          const std::vector<PlacedShard>& shards) {
  const auto step = next_replica_step(all, shards);
  if (!step) return {};
  EXPECT_EQ(step->collection, kCollection);
  EXPECT_EQ(step->change.before, 9U);
  return step->change.replicas;
}

TEST(ReplicaPlan, LeavesAloneWhatIsWhereItShallBe) {
  EXPECT_TRUE(next(nodes(4), {whole_on(0, 2, homes(0, 2, 4))}).empty());
}

TEST(ReplicaPlan, MovesAShardInThreeSteps) {
  const auto target = homes(0, 1, 3).front();
  const std::uint64_t other = target == 1 ? 2 : 1;
  auto shard = whole_on(0, 1, {other});
  shard.set.replicas = next(nodes(3), {shard});
  EXPECT_EQ(shard.set.replicas, (std::vector<Replica>{{other, true}, {target, false}}));
  EXPECT_TRUE(next(nodes(3), {shard}).empty()) << "before the other one has all of it";
  shard.level.insert(target);
  shard.set.replicas = next(nodes(3), {shard});
  EXPECT_EQ(shard.set.replicas, (std::vector<Replica>{{other, true}, {target, true}}));
  EXPECT_EQ(next(nodes(3), {shard}), (std::vector<Replica>{{target, true}}));
}

TEST(ReplicaPlan, TakesNothingAwayWhileWhoShallHaveItIsNotWell) {
  const auto target = homes(0, 1, 3).front();
  const std::uint64_t other = target == 1 ? 2 : 1;
  auto shard = whole_on(0, 1, {other, target});
  shard.level = {other};
  EXPECT_TRUE(next(nodes(3), {shard}).empty());
}

TEST(ReplicaPlan, GivesNothingToANodeThatIsNotReached) {
  const auto wanted = homes(0, 2, 2);
  auto all = nodes(2);
  all[1].reached = false;
  EXPECT_TRUE(next(all, {whole_on(0, 2, {1})}).empty());
}

TEST(ReplicaPlan, CopiesOnlyFromANodeThatIsWell) {
  auto shard = whole_on(0, 2, {1});
  shard.level.clear();
  EXPECT_TRUE(next(nodes(2), {shard}).empty());
}

TEST(ReplicaPlan, WhoLeavesGivesAllAway) {
  auto all = nodes(2);
  all[0].leaves = true;
  EXPECT_EQ(next(all, {whole_on(0, 1, {1})}), (std::vector<Replica>{{1, true}, {2, false}}));
  EXPECT_EQ(next(all, {whole_on(0, 1, {1, 2})}), (std::vector<Replica>{{2, true}}));
}

TEST(ReplicaPlan, WhenAllLeaveTheLastOneKeepsIt) {
  auto all = nodes(1);
  all[0].leaves = true;
  EXPECT_TRUE(next(all, {whole_on(0, 1, {1})}).empty());
}

TEST(ReplicaPlan, WhoIsNoLongerMeantStopsGettingIt) {
  const auto target = homes(0, 1, 3).front();
  const std::uint64_t other = target == 1 ? 2 : 1;
  auto shard = whole_on(0, 1, {target});
  shard.set.replicas.push_back({other, false});
  shard.level.clear();
  EXPECT_EQ(next(nodes(3), {shard}), (std::vector<Replica>{{target, true}}));
}

TEST(ReplicaPlan, WhatIsLostStaysLost) {
  PlacedShard lost{kCollection, {0}, 1, {9, {}}, {}};
  EXPECT_TRUE(next(nodes(3), {lost}).empty());
}

TEST(ReplicaPlan, BoundsWhatIsUnderWay) {
  std::vector<PlacedShard> shards;
  for (std::uint32_t i = 0; i < 100; ++i) shards.push_back(whole_on(i, 2, {1}));
  std::map<std::uint64_t, std::size_t> coming;
  for (std::size_t steps = 0;; ++steps) {
    const auto step = next_replica_step(nodes(9), shards);
    if (!step) {
      EXPECT_EQ(steps, kMovesMax);
      break;
    }
    auto& set = shards[step->change.shard.value].set;
    set.replicas = step->change.replicas;
    EXPECT_LE(++coming[set.replicas.back().node], kMovesPerNodeMax);
    ASSERT_LT(steps, 1'000U);
  }
}

TEST(ReplicaPlan, KnowsWhatANodeLeavesBehind) {
  const auto both = whole_on(0, 2, {1, 2});
  EXPECT_FALSE(is_well_without(both, 1, nodes(3))) << "3 does not have it yet";
  EXPECT_TRUE(is_well_without(both, 1, nodes(2)));
  EXPECT_TRUE(is_well_without(both, 3, nodes(3)));
  EXPECT_FALSE(is_only_on(both, 1));
  auto one = both;
  one.set.replicas[1].whole = false;
  EXPECT_TRUE(is_only_on(one, 1));
  EXPECT_FALSE(is_only_on(one, 2));
  EXPECT_FALSE(is_well_without(one, 1, nodes(2)));
  auto behind = both;
  behind.level = {1};
  EXPECT_FALSE(is_well_without(behind, 1, nodes(2))) << "2 lacks some of it";
  EXPECT_TRUE(is_needed_on(behind, 1));
  EXPECT_FALSE(is_needed_on(both, 1));
  EXPECT_FALSE(is_needed_on(one, 2)) << "it counts as having nothing";
}

TEST(ReplicaPlan, KnowsWhetherAnotherNodeHasAllByNow) {
  auto shard = whole_on(0, 1, {2});
  shard.level = {1};
  EXPECT_FALSE(is_level_beside(shard, 1)) << "whole when it was given, and fallen behind since";
  shard.level = {1, 3};
  EXPECT_FALSE(is_level_beside(shard, 1)) << "3 is about to let go, too";
  shard.level = {1, 2, 3};
  EXPECT_TRUE(is_level_beside(shard, 1));
  EXPECT_FALSE(is_level_beside(shard, 2));
}

TEST(ReplicaPlan, KnowsWhoHoldsNothing) {
  const std::vector<PlacedShard> shards{whole_on(0, 2, {1, 2})};
  EXPECT_FALSE(holds_nothing(shards, 2));
  EXPECT_TRUE(holds_nothing(shards, 3));
  EXPECT_TRUE(holds_nothing({}, 3));
}

TEST(ReplicaPlan, TheLogIsKeptForThoseThatAreFarthestWithAShard) {
  auto all = nodes(3);
  all[0].seq = 40;
  all[1].seq = 20;
  all[2].seq = 30;
  const std::vector<PlacedShard> shards{whole_on(0, 1, {2}), whole_on(1, 2, {2, 3}),
                                        whole_on(2, 1, {1})};
  constexpr auto kNothing = std::numeric_limits<Seq>::max();
  EXPECT_EQ(farthest_of_all_shards(all, shards), 20U) << "for shard 0, which 2 alone has";
  EXPECT_EQ(farthest_of_all_shards(all, {shards[1], shards[2]}), 30U) << "of shard 1, 3 has more";
  all[2].reached = false;
  EXPECT_EQ(farthest_of_all_shards(all, {shards[1]}), 20U) << "3 may never come back";
  all[1].reached = false;
  EXPECT_EQ(farthest_of_all_shards(all, {shards[1]}), 30U) << "one of them must";
  EXPECT_EQ(farthest_of_all_shards({all[0]}, {shards[0]}), 0U) << "nothing is known of it";
  auto lost = whole_on(0, 1, {1});
  lost.set.replicas = {{2, false}};
  EXPECT_EQ(farthest_of_all_shards(all, {lost}), kNothing)
      << "what nobody has, nobody can go on with";
}

}  // namespace
}  // namespace mosaic::cluster
