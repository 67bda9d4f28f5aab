// What /ready and mosaic_ready say while collections come and go, parts start and parts are away.
#include "node_fixture.hpp"
#include "support/metric_samples.hpp"

namespace mosaic::actors {
namespace {

struct ReadyTest : NodeFixture {
  std::vector<Answer<Health>> asked;

  /// Lets a few messages run at a time and asks in between.
  void ask_meanwhile() {
    for (bool more = true; more && asked.size() < 300;) {
      asked.push_back(begin<Health>(supervisor, health_atom_v));
      for (int i = 0; i < 5; ++i) more = scheduler.try_run_once();
    }
    run();
  }

  /// Those who were told that the node is not ready, each with a reason.
  std::size_t refused() {
    std::size_t count = 0;
    for (const auto& answer : asked) {
      EXPECT_TRUE(answer->answered() && *answer->result);
      const auto& health = **answer->result;
      EXPECT_EQ(health.ready, health.missing.empty());
      for (const auto& line : health.missing)
        EXPECT_NE(line.find("of collection 'docs' is "), std::string::npos) << line;
      count += health.ready ? 0 : 1;
    }
    return count;
  }

  Answer<CollectionPut> begin_collection() {
    CollectionSettings settings;
    settings.name = "docs";
    settings.dimension = 2;
    settings.shards = 3;
    return begin<CollectionPut>(writer, create_atom_v, settings, RequestId{});
  }

  double metric() {
    return test::samples_of(node_metrics->text(system.clock().now())).at("mosaic_ready");
  }
};

TEST_F(ReadyTest, ACollectionThatIsBeingMadeLeavesTheNodeReady) {
  const auto put = begin_collection();
  ask_meanwhile();
  EXPECT_TRUE(put->answered());
  EXPECT_GT(asked.size(), 3U);
  EXPECT_EQ(refused(), 0U);
}

TEST_F(ReadyTest, ACollectionThatIsBeingDroppedLeavesTheNodeReady) {
  make_collection(3);
  const auto dropped = begin<append_reply>(writer, drop_atom_v, std::string("docs"), RequestId{});
  ask_meanwhile();
  EXPECT_TRUE(dropped->answered());
  EXPECT_EQ(refused(), 0U);
}

TEST_F(ReadyTest, TheMetricSaysTheSameWhileACollectionIsBeingMade) {
  pass(kLogTick);
  ASSERT_EQ(metric(), 1);
  const auto put = begin_collection();
  for (int i = 0; i < 300 && !put->answered(); ++i) {
    scheduler.try_run_once();
    caf::anon_send(log, tick_atom_v);
    EXPECT_EQ(metric(), 1) << "after " << i << " messages";
  }
  run();
  EXPECT_EQ(metric(), 1);
}

TEST_F(ReadyTest, ANewCollectionWhoseShardFailsIsNamed) {
  broken = true;
  make_collection(1);
  const auto health = ask<Health>(supervisor, health_atom_v);
  EXPECT_FALSE(health->ready);
  EXPECT_EQ(health->missing, std::vector<std::string>{"shard 0 of collection 'docs' is down"});
  EXPECT_EQ(metric(), 0);
}

TEST_F(ReadyTest, ShardsThatStartAfterARestartAreWaitedFor) {
  make_collection(3);
  upsert({"a", "b", "c"});
  crash(supervisor, {ErrorCode::kInternal, "killed by a test"});
  run();
  supervisor = system.spawn(shard_supervisor, supervision);
  send_parts();
  ask_meanwhile();
  EXPECT_GT(refused(), 0U);
  EXPECT_TRUE(ask<Health>(supervisor, health_atom_v)->ready);
}

TEST_F(ReadyTest, ALogThatIsAwayIsNamed) {
  make_collection(1);
  crash(log, {ErrorCode::kInternal, "killed by a test"});
  run();
  const auto health = ask<Health>(supervisor, health_atom_v);
  ASSERT_TRUE(health) << health.error().detail;
  EXPECT_FALSE(health->ready);
  ASSERT_EQ(health->missing.size(), 1U);
  EXPECT_EQ(health->missing[0].rfind("the log does not answer", 0), 0U) << health->missing[0];
}

}  // namespace
}  // namespace mosaic::actors
