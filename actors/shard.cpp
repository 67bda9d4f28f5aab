#include "actors/shard.hpp"

#include "actors/exceptions.hpp"
#include "actors/searcher.hpp"
#include "base/log.hpp"
#include "base/machine_usage.hpp"

namespace mosaic::actors {
namespace {

using shard_pointer = shard_actor::stateful_pointer<shard_state>;

constexpr std::chrono::seconds kDiskRetry{1};
/// So long after a group the others have applied it, too, or the log goes on without them.
constexpr std::chrono::seconds kSettled{4};
/// While something is to be built, the indexer need not hear of every group.
constexpr std::chrono::seconds kWishInterval{1};

/// Sends what a searcher has met to the shard, unless that has ended.
shard::DamageListener damage_listener(shard_pointer self) {
  return [address = self->address()](const graph_ptr& graph, const Error& error) {
    const auto shard = caf::actor_cast<shard_actor>(address);
    const auto damaged = std::make_shared<damaged_graph>(damaged_graph{graph, error});
    if (shard) caf::anon_send(shard, damaged_atom_v, damaged_graph_ptr(damaged));
  };
}

void start_searchers(shard_pointer self, const shard_config& config) {
  const auto filters = std::make_shared<query::FilterCache>(
      config.filter_cache_bytes, [metrics = config.metrics](const CacheChange& change) {
        metrics->caches.changed(metrics::Cache::kFilter, change);
      });
  for (std::size_t i = 0; i < config.searchers; ++i) {
    self->state.searchers.push_back(self->spawn<caf::linked>(
        searcher,
        std::make_shared<shard::ShardSearcher>(config.key.shard, config.options.metric,
                                               self->state.shard->views(), filters,
                                               config.options.path, damage_listener(self)),
        config.metrics, config.meter));
  }
}

void start_indexer(shard_pointer self, const shard_config& config) {
  const auto& shard = *self->state.shard;
  self->state.indexer = self->spawn<caf::linked>(
      indexer, indexer_config{config.key, self, shard.views(), shard.index_file(), config.builds,
                              config.index_work_for(shard.index_file()), config.meter});
  self->send(self->state.indexer, start_atom_v);
}

void tell_sizes(shard_pointer self, metrics::ShardMeter& meter) {
  const auto& shard = *self->state.shard;
  const auto sizes = shard.sizes();
  meter.documents = sizes.documents;
  meter.file_bytes = sizes.file_bytes;
  meter.memory_bytes = sizes.memory_bytes;
  meter.applied_seq = shard.applied_seq();
  meter.index_nodes = sizes.graph_nodes;
  meter.index_tail = sizes.tail_vectors;
}

/// Tells the indexer what is to be done now, unless it knows.
void tell_indexer(shard_pointer self, const shard_config& config) {
  auto& state = self->state;
  auto& shard = *state.shard;
  auto step = shard.next_index_step();
  if (step && step->what == index::BuildStep::What::kDrop) {
    shard.drop_index();
    tell_sizes(self, *config.meter);
    step = shard.next_index_step();
  }
  const auto wish = shard.index_wish();
  const auto now = self->clock().now();
  const bool already_due = std::exchange(state.build_due, step.has_value());
  const bool again = already_due && now - state.wished_at >= kWishInterval;
  if (wish == state.wished && !(step && (!already_due || again))) return;
  state.wished = wish;
  state.wished_at = now;
  self->send(state.indexer, step_atom_v, wish);
}

void say_damaged(const shard_config& config, const Error& error) {
  ++config.meter->index_damages;
  log::error(
      "the index file of shard {} of collection {} is damaged and will be made anew; searches "
      "compare with every vector until then: {}",
      config.key.shard.value, config.key.collection.value, error.detail);
}

void trim_later(shard_pointer self) {
  if (!std::exchange(self->state.trim_due, true)) self->delayed_send(self, kSettled, trim_atom_v);
}

void go_on_with(shard_pointer self, const shard_config& config, const built_graph& built) {
  auto& state = self->state;
  if (state.shard->adopt(built.graph, built.generation)) tell_sizes(self, *config.meter);
  state.wished.reset();
  tell_indexer(self, config);
  trim_later(self);
}

void repair(shard_pointer self, const shard_config& config, const damaged_graph& damaged) {
  // Several searches, and the indexer, may have met the same damage.
  if (!self->state.shard->repair_index(damaged.graph)) return;
  say_damaged(config, damaged.error);
  tell_sizes(self, *config.meter);
  tell_indexer(self, config);
}

/// A graph has been read into memory. The views of before hold what it has taken over; they stay
/// until no search can want them.
void trim(shard_pointer self, const shard_config& config) {
  auto& state = self->state;
  if (self->clock().now() - state.applied_at < kSettled)
    return self->delayed_send(self, kSettled, trim_atom_v);
  state.trim_due = false;
  state.shard->views()->retire_old();
  release_free_memory();
  tell_sizes(self, *config.meter);
}

void start(shard_pointer self, const shard_config& config) {
  self->state.shard = std::make_unique<shard::Shard>(config.options);
  self->state.durable = config.options.durable;
  if (const auto& damage = self->state.shard->index_damage()) say_damaged(config, *damage);
  start_searchers(self, config);
  start_indexer(self, config);
  tell_sizes(self, *config.meter);
  const auto applied = self->state.shard->applied_seq();
  self->send(config.supervisor, up_atom_v, config.key, applied, shard_actor{self},
             self->state.searchers);
  self->delayed_send(self, config.checkpoint_interval, checkpoint_atom_v);
  tell_indexer(self, config);
}

/// Runs `work` on the shard's file. When the disk cannot be written now, as when it is full, gives
/// the reason; the file then stands where it stood, and searches go on from the last view.
template <class Work>
Status try_on_disk(const shard_config& config, Work&& work) {
  try {
    work();
    return {};
  } catch (const Failure& failure) {
    if (failure.error().code != ErrorCode::kUnavailable) throw;
    log::warn("shard {} of collection {} waits for its disk: {}", config.key.shard.value,
              config.key.collection.value, failure.what());
    return failure.error();
  }
}

void checkpoint(shard_pointer self, const shard_config& config) {
  self->state.checkpoint_due = false;
  auto& shard = *self->state.shard;
  if (shard.applied_seq() == self->state.durable) return;
  Seq safe = 0;
  if (!try_on_disk(config, [&] { safe = shard.checkpoint(); }) || safe == 0) return;
  self->state.durable = safe;
  tell_sizes(self, *config.meter);
  self->send(config.supervisor, checkpoint_atom_v,
             checkpoint_report{config.key, safe, shard.applied_seq()});
}

/// A checkpoint leaves the newest view alone, and others may still have to reach that: searches
/// over all shards would find no cut. What comes next from the log says that they have.
void checkpoint_when_settled(shard_pointer self, const shard_config& config) {
  const bool settled = self->clock().now() - self->state.applied_at >= kSettled;
  if (settled) checkpoint(self, config);
  self->state.checkpoint_due = !settled;
  self->delayed_send(self, settled ? config.checkpoint_interval : kSettled, checkpoint_atom_v);
}

/// The log wants to forget what this shard has not saved. It asks until it has been.
void save(shard_pointer self, const shard_config& config) {
  if (self->clock().now() - self->state.applied_at >= kSettled) return checkpoint(self, config);
  self->state.checkpoint_due = true;
}

void apply(shard_pointer self, const shard_config& config, const apply_group& group) {
  if (self->state.checkpoint_due) checkpoint(self, config);
  self->state.applied_at = self->clock().now();
  auto& shard = *self->state.shard;
  std::vector<shard::Deleted> deleted;
  const auto space = shard.space().seq;
  const metrics::Stopwatch watch;
  const auto written = try_on_disk(config, [&] { deleted = shard.apply(group.entries); });
  if (!written) {
    // For the log the shard is away until it takes up again: no writer waits for it.
    self->send(config.log, lost_atom_v, shard_lost{config.key, ShardState::kDown, written.error()});
    self->delayed_send(self, kDiskRetry, tick_atom_v);
    return;
  }
  config.metrics->writes.group_applied(watch.passed());
  config.meter->applies.add(watch.passed());
  tell_sizes(self, *config.meter);
  self->send(config.log, applied_atom_v,
             applied_group{config.key, shard.applied_seq(), std::move(deleted)});
  // Views of before hold the vectors of before.
  if (shard.space().seq != space) trim_later(self);
  self->state.checkpoint_due |= shard.unsaved_bytes() > config.checkpoint_bytes;
  tell_indexer(self, config);
}

}  // namespace

shard_actor::behavior_type shard_writer(shard_pointer self, shard_config config) {
  die_with_reason(self);
  self->set_exit_handler([=](caf::exit_msg& message) {
    // An orderly end leaves nothing to replay; a crash leaves it to the log.
    if (message.reason == caf::exit_reason::user_shutdown && self->state.shard)
      checkpoint(self, config);
    self->quit(std::move(message.reason));
  });
  self->monitor(config.supervisor);
  self->set_down_handler([=](caf::down_msg& down) { self->quit(std::move(down.reason)); });
  return {
      [=](start_atom) { start(self, config); },
      [=](apply_atom, const apply_group& group) {
        if (!self->state.faults.swallow()) apply(self, config, group);
      },
      [=](tick_atom) {
        self->send(config.log, up_atom_v, config.key, self->state.shard->applied_seq(),
                   shard_actor{self});
      },
      [=](checkpoint_atom) { checkpoint_when_settled(self, config); },
      [=](built_atom, const built_graph_ptr& built) { go_on_with(self, config, *built); },
      [=](damaged_atom, const damaged_graph_ptr& damaged) { repair(self, config, *damaged); },
      [=](trim_atom) { trim(self, config); },
      [=](save_atom) { save(self, config); },
      [=](fault_atom, const FaultRequest& x) {
        if (x.part == "indexer") return self->send(self->state.indexer, fault_atom_v, x);
        self->state.faults.inject(x);
      },
  };
}

}  // namespace mosaic::actors
