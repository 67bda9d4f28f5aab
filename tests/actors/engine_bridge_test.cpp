#include "actors/engine_bridge.hpp"

#include "search_fixture.hpp"

namespace mosaic::actors {
namespace {

/// The engine port over a coordinator and fake searchers. Everything that is done runs on the one
/// thread of the test.
struct EngineBridgeTest : SearchFixture {
  std::unique_ptr<EngineBridge> bridge;
  metrics::NodeMetricsPtr node_metrics = std::make_shared<metrics::NodeMetrics>();
  cluster::Usage usage;

  void start_bridge(const NodeSettings& node_settings = {}) {
    start({2, 2});
    bridge = std::make_unique<EngineBridge>(system, node_settings, 1, node_metrics,
                                            usage_source{[this] { return usage; }, [] {}});
    bridge->doors().watch->look(now());
    auto parts = std::make_shared<node_parts>();
    parts->coordinators = {coordinator_under_test};
    bridge->use(parts);
  }

  void TearDown() override {
    bridge.reset();
    SearchFixture::TearDown();
  }

  /// What came back so far; a second answer is a failure of its own.
  using Got = std::shared_ptr<std::optional<Result<SearchReply>>>;

  Got begin_bridged_search() {
    auto got = std::make_shared<std::optional<Result<SearchReply>>>();
    bridge->search(by_vector(), [got](Result<SearchReply> reply) {
      EXPECT_FALSE(*got) << "answered twice";
      *got = std::move(reply);
    });
    return got;
  }

  std::size_t in_flight() const { return bridge->doors().searches->in_flight(); }

  void hang() {
    for (auto& shard : shards) shard.mode = Mode::kHang;
  }
};

TEST_F(EngineBridgeTest, PassesAnswersOnAndLeavesTheDoor) {
  start_bridge();
  const auto got = begin_bridged_search();
  EXPECT_EQ(in_flight(), 1U);
  run();
  ASSERT_TRUE(*got && **got);
  EXPECT_EQ((**got)->hits.size(), 4U);
  EXPECT_EQ(in_flight(), 0U);
}

TEST_F(EngineBridgeTest, PastTheDoorsLimitItIsOverloadedAtOnce) {
  NodeSettings small;
  small.search.in_flight_max = 1;
  start_bridge(small);
  hang();
  const auto first = begin_bridged_search();
  const auto second = begin_bridged_search();
  ASSERT_TRUE(*second);
  EXPECT_EQ((*second)->error().code, ErrorCode::kOverloaded);
  EXPECT_FALSE(*first);
}

TEST_F(EngineBridgeTest, WhatIsUnderWayWhenTheBridgeEndsIsUnavailable) {
  start_bridge();
  hang();
  const auto got = begin_bridged_search();
  run();
  EXPECT_FALSE(*got);
  const auto searches = bridge->doors().searches;
  bridge.reset();
  ASSERT_TRUE(*got);
  EXPECT_EQ((*got)->error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(searches->in_flight(), 0U);
}

TEST_F(EngineBridgeTest, WhatComesBeforeThePartsAreKnownIsUnavailable) {
  start_bridge();
  bridge->use(nullptr);
  const auto got = begin_bridged_search();
  ASSERT_TRUE(*got);
  EXPECT_EQ((*got)->error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(in_flight(), 0U);
}

TEST_F(EngineBridgeTest, AsksWhoeverIsCoordinatorNow) {
  start_bridge();
  crash(coordinator_under_test, {ErrorCode::kInternal, "killed by a test"});
  run();
  const auto refused = begin_bridged_search();
  run();
  ASSERT_TRUE(*refused);
  EXPECT_EQ((*refused)->error().code, ErrorCode::kUnavailable);
  coordinator_under_test = system.spawn(coordinator, coordinator_config{"n1"});
  auto parts = std::make_shared<node_parts>();
  parts->coordinators = {coordinator_under_test};
  bridge->use(parts);
  const auto got = begin_bridged_search();
  run();
  ASSERT_TRUE(*got);
  EXPECT_EQ((*got)->error().detail, "the part of the node that answers has just been started");
}

TEST_F(EngineBridgeTest, NothingTicksWhenNothingIsUnderWay) {
  start_bridge();
  const auto got = begin_bridged_search();
  run();
  ASSERT_TRUE(*got);
  pass(kGuardTick);
  pass(kRequestTickMax);
  EXPECT_FALSE(scheduler.has_pending_timeout());
}

// The clock's thread empties the queue of timeouts: it must not wait for room in it.
TEST_F(EngineBridgeTest, TheNextTickIsNotAskedForOnTheThreadOfTheClock) {
  start_bridge();
  hang();
  const auto got = begin_bridged_search();
  run();
  const auto waiting = [this] { return scheduler.clock().schedule().size(); };
  const auto before = waiting();
  // On this thread, as the clock delivers it; nothing else runs.
  scheduler.clock().advance_time(kGuardTick);
  EXPECT_EQ(waiting(), before - 1);
  run();
  EXPECT_EQ(waiting(), before);
  EXPECT_FALSE(*got);
}

TEST_F(EngineBridgeTest, TheDeathOfTheCoordinatorFailsItsSearchesAtOnce) {
  start_bridge();
  hang();
  const auto got = begin_bridged_search();
  run();
  crash(coordinator_under_test, {ErrorCode::kInternal, "killed by a test"});
  run();
  ASSERT_TRUE(*got);
  EXPECT_EQ((*got)->error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(in_flight(), 0U);
}

TEST_F(EngineBridgeTest, ACoordinatorThatAnswersNothingCostsTheSearchItsTime) {
  start_bridge();
  FaultRequest drop{.part = "coordinator", .kind = FaultKind::kDrop};
  caf::anon_send(coordinator_under_test, fault_atom_v, drop);
  run();
  const auto got = begin_bridged_search();
  run();
  pass(std::chrono::milliseconds(999));
  EXPECT_FALSE(*got);
  pass(kGuardTick);
  ASSERT_TRUE(*got);
  EXPECT_EQ((*got)->error().code, ErrorCode::kDeadlineExceeded);
  EXPECT_EQ(in_flight(), 0U);
}

}  // namespace
}  // namespace mosaic::actors
