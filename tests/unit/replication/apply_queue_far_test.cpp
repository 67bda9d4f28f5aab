// Shards that live on other nodes, as the apply queue of a collection knows them.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "replication/apply_queue.hpp"

namespace mosaic::replication {
namespace {

Entry grouped(Seq seq, bool goes_on = false) {
  Entry made;
  made.seq = seq;
  made.collection = {1};
  made.bytes = std::make_shared<const std::string>("x");
  made.goes_on = goes_on;
  return made;
}

/// Shard 0 is here and level, shard 1 on another node.
ApplyQueue spread_queue() {
  ApplyQueue queue(2, 0);
  queue.live({{1}}, true);
  queue.shard_up({0}, 0);
  return queue;
}

TEST(FarShards, AreHandedNothing) {
  auto queue = spread_queue();
  queue.far_is({1}, 0);
  const auto actions = queue.committed(grouped(1));
  ASSERT_EQ(actions.send.size(), 1U);
  EXPECT_EQ(actions.send[0].shard, ShardId{0});
}

TEST(FarShards, TheCutWaitsForThem) {
  auto queue = spread_queue();
  queue.far_is({1}, 0);
  queue.committed(grouped(1));
  auto actions = queue.applied({0}, 1);
  EXPECT_EQ(actions.cut, 0U);
  EXPECT_TRUE(actions.settled.empty());
  actions = queue.far_is({1}, 1);
  EXPECT_EQ(actions.cut, 1U);
  EXPECT_EQ(actions.settled, std::vector<Seq>{1});
  EXPECT_TRUE(queue.level());
}

TEST(FarShards, MayBeAheadOfThisNode) {
  auto queue = spread_queue();
  queue.far_is({1}, 5);
  queue.committed(grouped(1));
  EXPECT_EQ(queue.applied({0}, 1).cut, 1U);
}

TEST(FarShards, ThoseHereGoAheadOfTheCutByAFewGroups) {
  auto queue = spread_queue();
  queue.far_is({1}, 0);
  Seq handed = 0;
  for (Seq seq = 1; seq <= 10; ++seq) {
    const auto actions = queue.committed(grouped(seq));
    if (!actions.send.empty()) handed = actions.send[0].entries.back().seq;
    if (handed == seq) queue.applied({0}, seq);
  }
  EXPECT_EQ(handed, kGroupsAhead);
  EXPECT_EQ(queue.held_up_by(), std::vector<ShardId>{{1}});
  const auto actions = queue.far_is({1}, 3);
  EXPECT_EQ(actions.cut, 3U);
  ASSERT_EQ(actions.send.size(), 1U);
  EXPECT_EQ(actions.send[0].entries.front().seq, 5U);
}

TEST(FarShards, OneThatIsPassedOverCountsAgainOnceItIsThere) {
  auto queue = spread_queue();
  queue.far_is({1}, 0);
  queue.committed(grouped(1));
  queue.applied({0}, 1);
  EXPECT_EQ(queue.pass_over({1}).cut, 1U);
  EXPECT_EQ(queue.missing(), std::vector<ShardId>{{1}});
  EXPECT_TRUE(queue.not_level().empty()) << "none of this node";
  queue.far_is({1}, 1);
  EXPECT_TRUE(queue.level());
  queue.committed(grouped(2));
  EXPECT_EQ(queue.applied({0}, 2).cut, 0U);
}

TEST(FarShards, OneThatIsLostHoldsNobodyUp) {
  auto queue = spread_queue();
  queue.far_is({1}, 0);
  queue.committed(grouped(1));
  queue.applied({0}, 1);
  const auto actions = queue.far_is({1}, std::nullopt);
  EXPECT_EQ(actions.cut, 1U);
  EXPECT_EQ(actions.settled, std::vector<Seq>{1});
  EXPECT_FALSE(queue.level({1}));
}

TEST(FarShards, StandInForOneOfThisNodeThatIsDown) {
  ApplyQueue queue(1, 0);
  queue.live({}, true);
  queue.far_is({0}, 0);
  EXPECT_TRUE(queue.level({0}));
  EXPECT_EQ(queue.not_level(), std::vector<ShardId>{{0}});
  EXPECT_TRUE(queue.committed(grouped(1)).send.empty());
  EXPECT_EQ(queue.far_is({0}, 1).cut, 1U);
  queue.shard_up({0}, 0);
  queue.applied({0}, 1);
  EXPECT_TRUE(queue.not_level().empty());
  EXPECT_EQ(queue.committed(grouped(2)).send.size(), 1U);
}

TEST(FarShards, GiveTheCutWhereNoShardLives) {
  ApplyQueue queue(1, 7);
  queue.live({{0}}, true);
  EXPECT_EQ(queue.far_is({0}, 7).cut, 7U);
  EXPECT_EQ(queue.committed(grouped(8)).cut, 0U);
  const auto actions = queue.far_is({0}, 8);
  EXPECT_EQ(actions.cut, 8U);
  EXPECT_EQ(actions.settled, std::vector<Seq>{8});
  EXPECT_EQ(queue.lag(), 0U);
}

TEST(FarShards, OfANewCollectionAreWaitedForUntilTheFirstWord) {
  ApplyQueue queue(2, 0, true);
  queue.live({{1}}, true);
  queue.shard_up({0}, 0);
  EXPECT_TRUE(queue.waits_for_first_word());
  queue.committed(grouped(1));
  EXPECT_EQ(queue.applied({0}, 1).cut, 0U);
  EXPECT_EQ(queue.held_up_by(), std::vector<ShardId>{{1}});
  EXPECT_EQ(queue.far_is({1}, 1).cut, 1U);
  EXPECT_FALSE(queue.waits_for_first_word());
}

TEST(FarShards, AfterAWhileANewCollectionGoesOnWithoutThem) {
  ApplyQueue queue(1, 0, true);
  queue.live({{0}}, true);
  EXPECT_TRUE(queue.committed(grouped(1)).settled.empty());
  EXPECT_EQ(queue.pass_over({0}).settled, std::vector<Seq>{1});
}

TEST(FarShards, GroupsAreThoseOfTheLeader) {
  auto queue = spread_queue();
  queue.far_is({1}, 9);
  EXPECT_TRUE(queue.committed(grouped(1, true)).send.empty());
  auto actions = queue.committed(grouped(2));
  ASSERT_EQ(actions.send.size(), 1U);
  EXPECT_EQ(actions.send[0].entries.size(), 2U);
  queue.committed(grouped(3));
  queue.committed(grouped(4, true));
  queue.committed(grouped(5));
  actions = queue.applied({0}, 2);
  ASSERT_EQ(actions.send.size(), 1U);
  EXPECT_EQ(actions.send[0].entries.back().seq, 3U) << "no more than one, however many wait";
}

TEST(FarShards, ABatchWhoseLeaderIsGoneEndsWhereItIs) {
  auto queue = spread_queue();
  queue.far_is({1}, 9);
  queue.committed(grouped(1, true));
  EXPECT_EQ(queue.end_batch().send.size(), 1U);
  queue.applied({0}, 1);
  EXPECT_TRUE(queue.committed(grouped(2, true)).send.empty()) << "only that one";
}

TEST(FarShards, ShardsComeAndGo) {
  auto queue = spread_queue();
  queue.far_is({1}, 0);
  queue.live({}, true);
  EXPECT_EQ(queue.not_level(), std::vector<ShardId>{{1}});
  EXPECT_TRUE(queue.level({1})) << "others still have it";
  queue.shard_up({1}, 0);
  EXPECT_EQ(queue.committed(grouped(1)).send.size(), 2U);
  queue.live({{0}}, true);
  EXPECT_FALSE(queue.level({0}));
  EXPECT_TRUE(queue.not_level().empty());
}

/// Shards 0 and 1 are here, shard 2 on another node; events come at random.
struct RandomEvents {
  explicit RandomEvents(std::uint32_t seed) : random(seed) { queue.live({{2}}, true); }

  void perform(const ApplyActions& actions) {
    for (const auto& send : actions.send)
      handed[send.shard.value].push_back(send.entries.back().seq);
    for (const auto& task : actions.catch_up)
      handed[task.shard.value] = {std::max(task.to, here[task.shard.value])};
    for (const auto seq : actions.settled) ASSERT_TRUE(settled.insert(seq).second) << seq;
    if (actions.cut == 0) return;
    ASSERT_GT(actions.cut, cut);
    cut = actions.cut;
    for (const auto shard : up) ASSERT_LE(cut, queue.level_here({shard}).value_or(cut));
    ASSERT_LE(cut, far_known ? far : cut);
  }

  /// Its file comes from another node, which may be ahead; the log of this one is as far.
  void fetch(std::uint32_t shard) {
    here[shard] = std::max<Seq>(here[shard], written - std::min<Seq>(written, random() % 3));
  }

  void happen_here(std::uint32_t shard) {
    if (!up.contains(shard)) {
      up.insert(shard);
      handed[shard].clear();
      if (random() % 4 == 0) fetch(shard);
      return perform(queue.shard_up({shard}, here[shard]));
    }
    if (random() % 12 == 0) {
      up.erase(shard);
      handed[shard].clear();
      return perform(queue.shard_down({shard}));
    }
    if (handed[shard].empty()) return;
    here[shard] = std::max(here[shard], handed[shard].front());
    handed[shard].erase(handed[shard].begin());
    perform(queue.applied({shard}, here[shard]));
  }

  void happen_elsewhere() {
    far_known = random() % 8 != 0;
    if (!far_known) return perform(queue.far_is({2}, std::nullopt));
    if (far < written) ++far;
    perform(queue.far_is({2}, far));
  }

  void commit(bool goes_on) { perform(queue.committed(grouped(++written, goes_on))); }

  /// Everybody gets what is there.
  void come_to_rest() {
    commit(false);
    for (int round = 0; round < 1'000 && cut < written; ++round) {
      far_known = true;
      far = written;
      perform(queue.far_is({2}, far));
      for (const std::uint32_t shard : {0, 1}) {
        if (!up.contains(shard) || !handed[shard].empty()) happen_here(shard);
      }
    }
    EXPECT_EQ(cut, written);
    EXPECT_EQ(settled.size(), written);
  }

  void happen() {
    switch (random() % 7) {
      case 0:
      case 1:
        return commit(random() % 3 == 0);
      case 2:
        return happen_elsewhere();
      case 3:
        return perform(queue.end_batch());
      default:
        return happen_here(static_cast<std::uint32_t>(random() % 2));
    }
  }

  std::mt19937 random;
  ApplyQueue queue{3, 0};
  Seq written = 0;
  Seq cut = 0;
  std::map<std::uint32_t, Seq> here{{0, 0}, {1, 0}};
  std::map<std::uint32_t, std::vector<Seq>> handed;
  std::set<std::uint32_t> up;
  std::set<Seq> settled;
  Seq far = 0;
  bool far_known = false;
};

/// Whatever happens when: each writer hears once, the cut never falls, it never lies beyond a shard
/// that answers, and in the end it is where the log is.
TEST(FarShards, KeepTheCutSoundWhateverTheySay) {
  const auto seed = std::random_device{}();
  for (std::uint32_t round = 0; round < 300; ++round) {
    SCOPED_TRACE(testing::Message() << "seed " << seed + round);
    RandomEvents events(seed + round);
    for (int event = 0; event < 200; ++event) {
      events.happen();
      if (testing::Test::HasFatalFailure()) return;
    }
    events.come_to_rest();
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace mosaic::replication
