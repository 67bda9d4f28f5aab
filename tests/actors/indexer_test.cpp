// What an indexer decides, and when. Its work is done when a test says so, and is a fake.
#include "actors/indexer.hpp"

#include <deque>

#include "actor_fixture.hpp"

namespace mosaic::actors {
namespace {

using namespace std::chrono_literals;

/// What a shard would be told.
struct heard {
  std::vector<built_graph_ptr> built;
  std::vector<damaged_graph_ptr> damaged;
  int trims = 0;
};

shard_actor::behavior_type listening_shard(shard_actor::pointer, heard* told) {
  return {
      [](start_atom) {},
      [](apply_atom, const apply_group&) {},
      [](checkpoint_atom) {},
      [](tick_atom) {},
      [=](built_atom, const built_graph_ptr& built) { told->built.push_back(built); },
      [=](damaged_atom, const damaged_graph_ptr& damaged) { told->damaged.push_back(damaged); },
      [=](trim_atom) { ++told->trims; },
      [](save_atom) {},
      [](fault_atom, const FaultRequest&) {},
  };
}

/// A shard with just enough vectors for a graph, and an indexer beside it.
struct Beside {
  explicit Beside(const std::filesystem::path& path)
      : shard({path, {{1}, {0}, 1, 2}, Metric::kL2, {}, false, 0}) {
    WriteBatch batch;
    for (std::size_t i = 0; i < index::kGraphRowsMin; ++i) {
      auto& document = batch.documents.emplace_back();
      document.id = std::to_string(i);
      document.vector = {static_cast<float>(i), static_cast<float>(i % 71)};
    }
    const auto bytes = std::make_shared<const std::string>(encode_write(batch));
    shard.apply({{1, EntryKind::kWrite, bytes}});
  }

  shard::Shard shard;
  heard told;
  shard_actor parent;
  indexer_actor actor;
};

struct IndexerTest : ActorFixture {
  using Pieces = std::deque<std::function<void()>>;

  test::TemporaryFolder folder;
  build_limits limits;
  metrics::ShardMeterPtr meter = std::make_shared<metrics::ShardMeter>();
  Pieces begun;
  std::vector<shard::IndexTask> tasks;
  std::optional<Error> failing;
  bool stopped = false;  ///< what the last build saw
  graph_ptr graph;       ///< what builds give
  std::deque<Beside> shards;

  /// A graph from a file, as good as any.
  graph_ptr graph_of(const Beside& beside) {
    const auto& shard = beside.shard;
    return shard.index_file().build(
        {shard.views()->take(0)->vectors, shard.index_wish(), shard.next_index_step().value(), 1},
        std::atomic<bool>(false));
  }

  index_work fake_work() {
    return {[this](const shard::IndexTask& task, const std::atomic<bool>& stop) {
              tasks.push_back(task);
              stopped = stop;
              if (failing) throw Failure(*failing);
              return stop ? nullptr : graph;
            },
            [this](index::Graph&, const std::atomic<bool>&) {
              return failing ? Status(*failing) : Status();
            },
            [this](std::function<void()> work) { begun.push_back(std::move(work)); }};
  }

  Beside& start() {
    auto& beside = shards.emplace_back(folder / std::to_string(shards.size()));
    if (!graph) graph = graph_of(beside);
    beside.parent = system.spawn(listening_shard, &beside.told);
    beside.actor = system.spawn(indexer, indexer_config{{{1}, {0}},
                                                        beside.parent,
                                                        beside.shard.views(),
                                                        beside.shard.index_file(),
                                                        limits,
                                                        fake_work(),
                                                        meter});
    return beside;
  }

  void wish(const Beside& beside) { wish(beside, beside.shard.index_wish()); }
  void wish(const Beside& beside, const shard::IndexWish& what) {
    caf::anon_send(beside.actor, step_atom_v, what);
    run();
  }

  /// Does the oldest piece of work that was begun.
  void work() {
    ASSERT_FALSE(begun.empty());
    const auto piece = std::move(begun.front());
    begun.pop_front();
    piece();
    run();
  }

  void TearDown() override {
    for (auto& beside : shards) {
      end(beside.actor);
      end(beside.parent);
    }
    run();
    begun.clear();
  }
};

TEST_F(IndexerTest, BuildsWhatTheShardWishesAndTellsIt) {
  auto& beside = start();
  wish(beside);
  ASSERT_EQ(begun.size(), 1U);
  EXPECT_TRUE(beside.told.built.empty());
  work();
  ASSERT_EQ(beside.told.built.size(), 1U);
  EXPECT_EQ(beside.told.built[0]->graph, graph);
  EXPECT_EQ(tasks.at(0).step, (index::BuildStep{index::BuildStep::What::kBuild, 5'000}));
  EXPECT_EQ(meter->index_builds.built, 1U);
  EXPECT_EQ(meter->index_build_time.total().count, 1U);
  EXPECT_TRUE(begun.empty()) << "what is next, the shard tells";
}

TEST_F(IndexerTest, HasNothingToDoForAWishThatIsFulfilled) {
  auto& beside = start();
  beside.shard.adopt(graph, 0);
  wish(beside);
  EXPECT_TRUE(begun.empty());
}

TEST_F(IndexerTest, LeavesItToTheShardToGiveAGraphUp) {
  auto& beside = start();
  beside.shard.adopt(graph, 0);
  auto flat = beside.shard.index_wish();
  flat.settings.type = IndexType::kFlat;
  wish(beside, flat);
  EXPECT_TRUE(begun.empty());
}

TEST_F(IndexerTest, ReadsTheGraphThatIsThereBeforeItBuilds) {
  auto& beside = start();
  beside.shard.adopt(graph, 0);
  auto other = beside.shard.index_wish();
  other.settings.m = 8;
  caf::anon_send(beside.actor, start_atom_v);
  wish(beside, other);
  work();
  EXPECT_EQ(beside.told.trims, 1);
  EXPECT_TRUE(tasks.empty());
  work();
  EXPECT_EQ(tasks.size(), 1U);
  EXPECT_EQ(beside.told.built.size(), 1U);
}

TEST_F(IndexerTest, TriesAgainAfterPausesThatGrow) {
  auto& beside = start();
  failing = Error{ErrorCode::kUnavailable, "disk is full"};
  wish(beside);
  for (const auto pause : {1s, 2s, 4s, 8s}) {
    work();
    wish(beside);
    pass(pause - 1ms);
    EXPECT_TRUE(begun.empty());
    pass(1ms);
    EXPECT_EQ(begun.size(), 1U);
  }
  for (int i = 0; i < 10; ++i) {
    work();
    pass(kBuildPauseMax);
  }
  EXPECT_EQ(meter->index_builds.failed, 14U);
  failing.reset();
  work();
  EXPECT_EQ(beside.told.built.size(), 1U);
  failing = Error{ErrorCode::kUnavailable, "disk is full"};
  wish(beside);
  work();
  pass(kBuildPauseMin);
  EXPECT_EQ(begun.size(), 1U) << "a build that succeeded ends the long pauses";
}

TEST_F(IndexerTest, TellsTheShardOfDamageThatABuildMet) {
  auto& beside = start();
  beside.shard.adopt(graph, 0);
  auto other = beside.shard.index_wish();
  other.settings.m = 8;
  failing = Error{ErrorCode::kCorruptData, "flipped"};
  wish(beside, other);
  work();
  ASSERT_EQ(beside.told.damaged.size(), 1U);
  EXPECT_EQ(beside.told.damaged[0]->graph, graph);
  EXPECT_EQ(beside.told.damaged[0]->error.detail, "flipped");
}

TEST_F(IndexerTest, TellsTheShardOfDamageThatLoadingMet) {
  auto& beside = start();
  beside.shard.adopt(graph, 0);
  failing = Error{ErrorCode::kCorruptData, "flipped"};
  caf::anon_send(beside.actor, start_atom_v);
  run();
  work();
  EXPECT_EQ(beside.told.damaged.size(), 1U);
  EXPECT_EQ(meter->index_builds.failed, 0U);
}

TEST_F(IndexerTest, StopsABuildThatIsNotWantedAnyMore) {
  auto& beside = start();
  wish(beside);
  auto other = beside.shard.index_wish();
  other.quantization = Quantization::kFloat16;
  wish(beside, other);
  EXPECT_EQ(begun.size(), 1U);
  work();
  EXPECT_TRUE(stopped);
  EXPECT_EQ(meter->index_builds.stopped, 1U);
  EXPECT_TRUE(beside.told.built.empty());
  work();
  EXPECT_FALSE(stopped);
  EXPECT_EQ(tasks.back().wish, other);
  EXPECT_EQ(beside.told.built.size(), 1U);
}

TEST_F(IndexerTest, GoesOnWithABuildThatIsStillWanted) {
  auto& beside = start();
  wish(beside);
  wish(beside);
  work();
  EXPECT_FALSE(stopped);
  EXPECT_TRUE(begun.empty());
}

TEST_F(IndexerTest, BuildsInTurnWithTheOthersOfTheNode) {
  auto& first = start();
  auto& second = start();
  auto& third = start();
  for (const auto* beside : {&first, &second, &third}) wish(*beside);
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(begun.size(), 1U);
    work();
  }
  EXPECT_TRUE(begun.empty());
  for (const auto* beside : {&first, &second, &third}) EXPECT_EQ(beside->told.built.size(), 1U);
}

TEST_F(IndexerTest, OneThatEndsStopsItsWorkAndGivesItsTurnBack) {
  auto& first = start();
  auto& second = start();
  auto& third = start();
  for (const auto* beside : {&first, &second, &third}) wish(*beside);
  end(second.actor);
  end(first.actor);
  run();
  ASSERT_EQ(begun.size(), 2U);
  work();
  EXPECT_TRUE(stopped);
  EXPECT_TRUE(first.told.built.empty());
  work();
  EXPECT_EQ(third.told.built.size(), 1U);
}

TEST_F(IndexerTest, AnExceptionOfAnyKindEndsOnlyTheTry) {
  auto& beside = start();
  auto throwing = fake_work();
  throwing.build = [](const auto&, const auto&) -> graph_ptr { throw std::bad_alloc(); };
  end(beside.actor);
  beside.actor = system.spawn(indexer, indexer_config{{{1}, {0}},
                                                      beside.parent,
                                                      beside.shard.views(),
                                                      beside.shard.index_file(),
                                                      limits,
                                                      throwing,
                                                      meter});
  wish(beside);
  work();
  EXPECT_EQ(meter->index_builds.failed, 1U);
  pass(kBuildPauseMin);
  EXPECT_EQ(begun.size(), 1U);
}

}  // namespace
}  // namespace mosaic::actors
