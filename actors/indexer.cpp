#include "actors/indexer.hpp"

#include <algorithm>

#include "actors/exceptions.hpp"
#include "base/log.hpp"

namespace mosaic::actors {
namespace {

using indexer_pointer = indexer_actor::stateful_pointer<indexer_state>;
using Kind = index_outcome::kind;
using What = index::BuildStep::What;
using Work = std::function<void(index_outcome&, const std::atomic<bool>& stop)>;

/// Sends unless the indexer has ended. For any thread.
template <class... Message>
void tell(const caf::actor_addr& address, Message&&... message) {
  const auto indexer = caf::actor_cast<indexer_actor>(address);
  if (indexer) caf::anon_send(indexer, std::forward<Message>(message)...);
}

bool take_turn(indexer_pointer self, build_turns& turns) {
  auto& state = self->state;
  state.turn = turns.take([address = self->address()] { tell(address, tick_atom_v); });
  state.waiting = !state.turn;
  return !state.waiting;
}

/// Whatever is thrown ends the work, not the process.
void attempt(const Work& work, index_outcome& outcome, const std::atomic<bool>& stop) {
  const metrics::Stopwatch watch;
  try {
    work(outcome, stop);
  } catch (const Failure& failure) {
    outcome.what = Kind::kFailed;
    outcome.error = failure.error();
  } catch (const std::exception& error) {
    outcome.what = Kind::kFailed;
    outcome.error = {ErrorCode::kInternal, error.what()};
  }
  outcome.took = watch.passed();
}

/// `present`: the graph that is being worked on.
void begin(indexer_pointer self, const indexer_config& config, graph_ptr present, Work work) {
  auto& state = self->state;
  state.busy = true;
  state.stop = std::make_shared<std::atomic<bool>>(false);
  auto run = [work = std::move(work), stop = state.stop, present = std::move(present),
              address = self->address()] {
    const auto outcome = std::make_shared<index_outcome>();
    outcome->graph = present;
    attempt(work, *outcome, *stop);
    tell(address, ended_atom_v, index_outcome_ptr(outcome));
  };
  if (config.work.run) return config.work.run(std::move(run));
  state.thread = std::jthread(std::move(run));
}

void load(indexer_pointer self, const indexer_config& config) {
  const auto graph = config.views->take(0)->vectors.graph();
  self->state.loading = graph != nullptr;
  if (!graph || !take_turn(self, *config.limits.loads)) return;
  self->state.loading = false;
  begin(self, config, graph, [graph, config](index_outcome& outcome, const auto& stop) {
    const auto loaded = config.work.load(*graph, stop);
    if (!loaded) throw Failure(loaded.error());
    outcome.what = Kind::kLoaded;
  });
}

void say_begun(const indexer_config& config, const shard::IndexTask& task) {
  const auto& graph = task.view.graph();
  log::info("shard {} of collection {}: {} a graph of {} vectors, {} at first, {} m {}",
            config.key.shard.value, config.key.collection.value,
            task.step.what == What::kExtend ? "extending" : "building", task.step.rows,
            graph ? graph->parameters().nodes : 0, to_string(task.wish.quantization),
            task.wish.settings.m);
}

/// The vectors that a step puts into a graph.
std::size_t work_of(const shard::IndexTask& task) {
  const auto& graph = task.view.graph();
  const std::size_t present = graph ? graph->parameters().nodes : 0;
  const bool extend = task.step.what == What::kExtend;
  return task.step.rows - (extend ? std::min(present, task.step.rows) : 0);
}

void build(indexer_pointer self, const indexer_config& config) {
  auto& state = self->state;
  auto view = config.views->take(0)->vectors;
  const auto step = config.file.next_step(view, *state.wish);
  // The shard itself gives up a graph that is not wanted: that needs no time.
  if (!step || step->what == What::kDrop) return state.wish.reset();
  if (!take_turn(self, *config.limits.builds)) return;
  const shard::IndexTask task{std::move(view), *state.wish, *step, config.limits.threads};
  say_begun(config, task);
  state.building = state.wish;
  begin(self, config, task.view.graph(), [task, config](index_outcome& outcome, const auto& stop) {
    auto graph = config.work.build(task, stop);
    outcome.what = task.step.what == What::kExtend ? Kind::kExtended : Kind::kBuilt;
    if (!graph) outcome.what = Kind::kStopped;
    if (graph) outcome.graph = std::move(graph);
    outcome.vectors = work_of(task);
  });
}

void go_on(indexer_pointer self, const indexer_config& config) {
  auto& state = self->state;
  if (state.busy || state.waiting || state.pausing) return;
  if (state.loading) load(self, config);
  if (state.wish && !state.busy && !state.waiting) build(self, config);
}

void follow(indexer_pointer self, const indexer_config& config, const shard::IndexWish& wish) {
  auto& state = self->state;
  state.wish = wish;
  // What would be built is not wanted any more.
  if (state.building && *state.building != wish) *state.stop = true;
  go_on(self, config);
}

void built(indexer_pointer self, const indexer_config& config, const index_outcome& outcome,
           std::uint32_t generation) {
  const auto seconds = outcome.took.count();
  log::info(
      "shard {} of collection {}: the graph has {} vectors, {} of them put in within {:.1f} s: "
      "{:.0f} vectors/s",
      config.key.shard.value, config.key.collection.value, outcome.graph->parameters().nodes,
      outcome.vectors, seconds, static_cast<double>(outcome.vectors) / std::max(seconds, 1e-9));
  config.meter->index_build_time.add(outcome.took);
  self->state.pause = std::chrono::seconds(0);
  // What is to be done next, the shard tells once it has gone on with this graph.
  self->state.wish.reset();
  self->send(
      config.shard, built_atom_v,
      built_graph_ptr(std::make_shared<built_graph>(built_graph{outcome.graph, generation})));
}

void failed(indexer_pointer self, const indexer_config& config, const index_outcome& outcome) {
  auto& state = self->state;
  state.pause = std::clamp(2 * state.pause, kBuildPauseMin, kBuildPauseMax);
  state.pausing = true;
  log::warn("shard {} of collection {}: its index cannot be made now, next try in {} s: {}",
            config.key.shard.value, config.key.collection.value, state.pause.count(),
            outcome.error.detail);
  self->delayed_send(self, state.pause, restart_atom_v);
  if (outcome.error.code != ErrorCode::kCorruptData || !outcome.graph) return;
  self->send(config.shard, damaged_atom_v,
             damaged_graph_ptr(
                 std::make_shared<damaged_graph>(damaged_graph{outcome.graph, outcome.error})));
}

void count(metrics::ShardMeter& meter, Kind kind) {
  if (kind == Kind::kBuilt) ++meter.index_builds.built;
  if (kind == Kind::kExtended) ++meter.index_builds.extended;
  if (kind == Kind::kStopped) ++meter.index_builds.stopped;
  if (kind == Kind::kFailed) ++meter.index_builds.failed;
}

void ended(indexer_pointer self, const indexer_config& config, const index_outcome& outcome) {
  auto& state = self->state;
  state.busy = false;
  state.turn.reset();
  const auto building = std::exchange(state.building, std::nullopt);
  if (building) count(*config.meter, outcome.what);
  if (outcome.what == Kind::kFailed) return failed(self, config, outcome);
  if (outcome.what == Kind::kBuilt || outcome.what == Kind::kExtended)
    return built(self, config, outcome, building->generation);
  if (outcome.what == Kind::kLoaded) self->send(config.shard, trim_atom_v);
  go_on(self, config);
}

}  // namespace

index_work index_work_of(const shard::IndexFile& file) {
  return {[file](const shard::IndexTask& task, const std::atomic<bool>& stop) {
            return file.build(task, stop);
          },
          [](index::Graph& graph, const std::atomic<bool>& stop) { return graph.load_hot(stop); },
          {}};
}

indexer_actor::behavior_type indexer(indexer_pointer self, indexer_config config) {
  die_with_reason(self);
  return {
      [=](start_atom) {
        self->state.loading = true;
        go_on(self, config);
      },
      [=](step_atom, const shard::IndexWish& wish) {
        if (!self->state.faults.swallow()) follow(self, config, wish);
      },
      [=](ended_atom, const index_outcome_ptr& outcome) { ended(self, config, *outcome); },
      [=](tick_atom) {
        self->state.waiting = false;
        go_on(self, config);
      },
      [=](restart_atom) {
        self->state.pausing = false;
        go_on(self, config);
      },
      [=](fault_atom, const FaultRequest& x) { self->state.faults.inject(x); },
  };
}

}  // namespace mosaic::actors
