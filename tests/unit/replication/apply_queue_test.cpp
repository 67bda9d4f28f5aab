#include "replication/apply_queue.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace mosaic::replication {
namespace {

Entry entry(Seq seq, std::size_t bytes = 10) {
  return {seq, {1}, EntryKind::kWrite, std::make_shared<const std::string>(bytes, 'x'), 0};
}

ApplyQueue level_queue(std::uint32_t shards) {
  ApplyQueue queue(shards, 0);
  for (std::uint32_t i = 0; i < shards; ++i) queue.shard_up({i}, 0);
  return queue;
}

TEST(ApplyQueue, SendsAnEntryToEveryShardAtOnce) {
  auto queue = level_queue(2);
  const auto actions = queue.committed(entry(1));
  ASSERT_EQ(actions.send.size(), 2U);
  EXPECT_EQ(actions.send[1].shard, ShardId{1});
  EXPECT_EQ(actions.send[1].entries.at(0).seq, 1U);
}

TEST(ApplyQueue, HoldsTheNextGroupUntilEveryShardHasThisOne) {
  auto queue = level_queue(2);
  queue.committed(entry(1));
  EXPECT_TRUE(queue.committed(entry(2)).send.empty());
  EXPECT_TRUE(queue.applied({0}, 1).send.empty());
  const auto actions = queue.applied({1}, 1);
  EXPECT_EQ(actions.cut, 1U);
  ASSERT_EQ(actions.settled.size(), 1U);
  EXPECT_EQ(actions.send.size(), 2U);
}

TEST(ApplyQueue, GroupsWhatHasGatheredUpToTheLimit) {
  auto queue = level_queue(1);
  queue.committed(entry(1));
  for (Seq seq = 2; seq <= 6; ++seq) queue.committed(entry(seq, kApplyGroupBytesMax / 2));
  const auto actions = queue.applied({0}, 1);
  ASSERT_EQ(actions.send.size(), 1U);
  EXPECT_EQ(actions.send[0].entries.size(), 2U);
}

TEST(ApplyQueue, EndsAGroupWithAnEntryThatFilesAreCopiedAt) {
  auto queue = level_queue(2);
  queue.committed(entry(1));
  queue.committed(entry(2));
  auto begin = entry(3);
  begin.kind = EntryKind::kBeginSnapshot;
  queue.committed(begin);
  queue.committed(entry(4));
  queue.applied({0}, 1);
  auto actions = queue.applied({1}, 1);
  ASSERT_EQ(actions.send.size(), 2U);
  EXPECT_EQ(actions.send[0].entries.size(), 2U);
  EXPECT_EQ(actions.send[0].entries.back().seq, 3U);
  queue.applied({0}, 3);
  actions = queue.applied({1}, 3);
  EXPECT_EQ(actions.cut, 3U);
  ASSERT_EQ(actions.send.size(), 2U);
  EXPECT_EQ(actions.send[0].entries.at(0).seq, 4U);
}

TEST(ApplyQueue, GoesOnWithoutAShardThatDies) {
  auto queue = level_queue(2);
  queue.committed(entry(1));
  queue.applied({0}, 1);
  const auto actions = queue.shard_down({1});
  EXPECT_EQ(actions.cut, 1U);
  ASSERT_EQ(actions.settled.size(), 1U);
  EXPECT_FALSE(queue.level({1}));
}

TEST(ApplyQueue, MissesAShardOfANewCollectionOnlyOnceItHasFailed) {
  ApplyQueue queue(3, 0, true);
  EXPECT_TRUE(queue.level());
  EXPECT_FALSE(queue.level({0}));
  queue.committed(entry(1));
  queue.shard_up({0}, 0);  // Must be led through the log: no failure.
  EXPECT_TRUE(queue.level());
  queue.applied({0}, 1);
  queue.shard_up({1}, 1);
  queue.shard_down({1});
  queue.shard_down({2});
  EXPECT_EQ(queue.not_level(), (std::vector<ShardId>{{1}, {2}}));
}

TEST(ApplyQueue, LeadsAReturningShardThroughTheLog) {
  auto queue = level_queue(2);
  queue.shard_down({1});
  for (Seq seq = 1; seq <= 3; ++seq) {
    queue.committed(entry(seq));
    queue.applied({0}, seq);
  }
  auto actions = queue.shard_up({1}, 0);
  ASSERT_EQ(actions.catch_up.size(), 1U);
  EXPECT_EQ(actions.catch_up[0].after, 0U);
  actions = queue.applied({1}, 2);
  ASSERT_EQ(actions.catch_up.size(), 1U);
  EXPECT_EQ(actions.catch_up[0].after, 2U);
  queue.applied({1}, 3);
  EXPECT_TRUE(queue.level());
  EXPECT_EQ(queue.committed(entry(4)).send.size(), 2U);
}

TEST(ApplyQueue, LeadsAShardNoFurtherThanTheOthersAre) {
  auto queue = level_queue(2);
  queue.shard_down({1});
  queue.committed(entry(1));
  queue.committed(entry(2));  // waits until the first is applied
  const auto task = queue.shard_up({1}, 0).catch_up.at(0);
  EXPECT_EQ(task.after, 0U);
  EXPECT_EQ(task.to, 1U);
}

TEST(ApplyQueue, AnswersWritersWhenEveryShardIsDown) {
  ApplyQueue queue(1, 0);
  const auto actions = queue.committed(entry(1));
  ASSERT_EQ(actions.settled.size(), 1U);
  EXPECT_FALSE(queue.level({0}));
  EXPECT_EQ(queue.waiting_bytes(), 0U);
  EXPECT_EQ(queue.shard_up({0}, 0).catch_up.size(), 1U);
}

TEST(ApplyQueue, AReplayedShardGivesTheCutOfTheLog) {
  ApplyQueue queue(1, 7);
  EXPECT_EQ(queue.shard_up({0}, 3).catch_up.at(0).after, 3U);
  EXPECT_EQ(queue.applied({0}, 7).cut, 7U);
}

TEST(ApplyQueue, IgnoresNewsOfAShardThatIsDown) {
  auto queue = level_queue(2);
  queue.committed(entry(1));
  queue.shard_down({1});
  queue.applied({1}, 1);
  EXPECT_EQ(queue.not_level(), std::vector<ShardId>{{1}});
}

/// Whatever happens when: each shard sees each entry once and in order, and every writer hears
/// once.
TEST(ApplyQueue, DeliversEverythingOnceUnderRandomCrashes) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  constexpr std::uint32_t kShards = 3;
  ApplyQueue queue(kShards, 0);
  std::vector<Entry> log;
  std::vector<Seq> applied(kShards, 0);
  std::vector<bool> up(kShards, false);
  std::vector<std::vector<Entry>> inbox(kShards);
  std::vector<int> heard;
  const auto perform = [&](const ApplyActions& actions) {
    for (const auto& send : actions.send) inbox[send.shard.value] = send.entries;
    for (const auto& lead : actions.catch_up) {
      auto& box = inbox[lead.shard.value];
      box.clear();
      for (const auto& e : log) {
        if (e.seq > lead.after && e.seq <= lead.to && box.size() < 2) box.push_back(e);
      }
    }
    for (const auto seq : actions.settled) ++heard.at(seq - 1);
  };
  const auto work = [&](std::uint32_t shard) {
    for (const auto& e : inbox[shard]) {
      if (e.seq <= applied[shard]) continue;
      ASSERT_EQ(e.seq, applied[shard] + 1);
      applied[shard] = e.seq;
    }
    inbox[shard].clear();
    perform(queue.applied({shard}, applied[shard]));
  };
  for (int step = 0; step < 5000; ++step) {
    const auto shard = static_cast<std::uint32_t>(random() % kShards);
    switch (random() % 4) {
      case 0:
        log.push_back(entry(log.size() + 1));
        heard.push_back(0);
        perform(queue.committed(log.back()));
        break;
      case 1:
        if (up[shard] && random() % 5 == 0) {
          up[shard] = false;
          inbox[shard].clear();
          perform(queue.shard_down({shard}));
        } else if (!up[shard]) {
          up[shard] = true;
          perform(queue.shard_up({shard}, applied[shard]));
        }
        break;
      default:
        if (up[shard] && !inbox[shard].empty()) work(shard);
    }
    ASSERT_EQ(queue.lag(), log.size() - *std::min_element(applied.begin(), applied.end()));
  }
  for (std::uint32_t shard = 0; shard < kShards; ++shard) {
    if (!up[shard]) perform(queue.shard_up({shard}, applied[shard]));
    up[shard] = true;
  }
  for (bool busy = true; busy;) {
    busy = false;
    for (std::uint32_t shard = 0; shard < kShards; ++shard) {
      if (inbox[shard].empty()) continue;
      work(shard);
      busy = true;
    }
  }
  EXPECT_TRUE(queue.level());
  EXPECT_EQ(queue.cut(), log.size());
  for (const auto count : heard) EXPECT_EQ(count, 1);
}

TEST(ApplyQueue, LagsByWhatItsSlowestShardLacks) {
  auto queue = level_queue(2);
  EXPECT_EQ(queue.lag(), 0U);
  for (Seq seq = 1; seq <= 3; ++seq) queue.committed(entry(seq));
  EXPECT_EQ(queue.lag(), 3U);
  queue.applied({0}, 1);
  EXPECT_EQ(queue.lag(), 3U);
  queue.applied({1}, 1);
  EXPECT_EQ(queue.lag(), 2U);
}

TEST(ApplyQueue, AShardThatIsDownOrCatchesUpLagsByEntriesOfItsCollection) {
  auto queue = level_queue(2);
  queue.shard_down({1});
  for (const Seq seq : {10, 20, 30}) {  // what lies between is of other collections
    queue.committed(entry(seq));
    queue.applied({0}, seq);
  }
  EXPECT_EQ(queue.lag(), 3U);
  queue.shard_up({1}, 0);
  EXPECT_EQ(queue.lag(), 3U);
  queue.applied({1}, 20);
  EXPECT_EQ(queue.lag(), 1U);
  queue.applied({1}, 30);
  EXPECT_EQ(queue.lag(), 0U);
}

TEST(ApplyQueue, LagCountsWhatNobodyWaitsForWhenEveryShardIsDown) {
  ApplyQueue queue(1, 0);
  queue.committed(entry(5));
  EXPECT_EQ(queue.lag(), 1U);
}

TEST(ApplyQueue, AfterTheLogWasCutTheShardsKnowHowFarTheCollectionIs) {
  ApplyQueue queue(2, 0);
  queue.shard_up({0}, 7);
  queue.shard_up({1}, 7);
  EXPECT_EQ(queue.cut(), 7U);
  EXPECT_EQ(queue.committed(entry(8)).send.size(), 2U);
}

TEST(ApplyQueue, AShardThatIsAheadWaitsForTheOthers) {
  ApplyQueue queue(2, 4);
  queue.shard_up({0}, 4);
  for (const Seq seq : {5, 6, 7}) queue.committed(entry(seq));
  queue.shard_up({1}, 6);  // it comes from another node
  const auto actions = queue.applied({0}, 5);
  ASSERT_EQ(actions.send.size(), 2U);
  EXPECT_EQ(actions.send[0].entries.front().seq, 6U);
  queue.applied({0}, 7);
  EXPECT_EQ(queue.applied({1}, 7).cut, 7U);
}

TEST(ApplyQueue, LagFromBeforeTheStartIsAnUpperBound) {
  ApplyQueue queue(2, 100);
  queue.shard_up({0}, 100);
  queue.shard_up({1}, 70);
  EXPECT_EQ(queue.lag(), 30U);
  queue.committed(entry(110));
  EXPECT_EQ(queue.lag(), 31U);
  queue.applied({1}, 100);
  EXPECT_EQ(queue.lag(), 1U);
}

TEST(ApplyQueue, LagSeesAShardThatComesBackOlderThanItWas) {
  auto queue = level_queue(1);
  for (const Seq seq : {1, 2, 3}) {
    queue.committed(entry(seq));
    queue.applied({0}, seq);
  }
  queue.shard_down({0});
  EXPECT_EQ(queue.lag(), 0U);
  queue.shard_up({0}, 1);
  EXPECT_EQ(queue.lag(), 2U);
}

TEST(ApplyQueue, LagIsEstimatedPastItsLimit) {
  ApplyQueue queue(1, 0);
  auto next = entry(0);
  for (std::size_t i = 0; i < kLagMax; ++i) {
    next.seq += 2;
    queue.committed(next);
  }
  EXPECT_EQ(queue.lag(), kLagMax);
  next.seq += 2;
  queue.committed(next);
  EXPECT_EQ(queue.lag(), kLagMax + 2) << "the first is known by its seq alone";
}

}  // namespace
}  // namespace mosaic::replication
