#include "actors/shard.hpp"

#include "actors/exceptions.hpp"
#include "actors/searcher.hpp"
#include "base/log.hpp"

namespace mosaic::actors {
namespace {

using shard_pointer = shard_actor::stateful_pointer<shard_state>;

constexpr std::chrono::seconds kDiskRetry{1};

void start_searchers(shard_pointer self, const shard_config& config) {
  const auto filters = std::make_shared<query::FilterCache>(config.filter_cache_bytes);
  for (std::size_t i = 0; i < config.searchers; ++i) {
    self->state.searchers.push_back(self->spawn<caf::linked>(
        searcher, std::make_shared<shard::ShardSearcher>(config.key.shard, config.options.metric,
                                                         self->state.shard->views(), filters,
                                                         config.options.path)));
  }
}

void start(shard_pointer self, const shard_config& config) {
  self->state.shard = std::make_unique<shard::Shard>(config.options);
  self->state.durable = config.options.durable;
  start_searchers(self, config);
  const auto applied = self->state.shard->applied_seq();
  self->send(config.supervisor, up_atom_v, config.key, applied, shard_actor{self},
             self->state.searchers);
  self->delayed_send(self, config.checkpoint_interval, checkpoint_atom_v);
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
  auto& shard = *self->state.shard;
  if (shard.applied_seq() == self->state.durable) return;
  Seq safe = 0;
  if (!try_on_disk(config, [&] { safe = shard.checkpoint(); }) || safe == 0) return;
  self->state.durable = safe;
  self->send(config.supervisor, checkpoint_atom_v,
             checkpoint_report{config.key, safe, shard.applied_seq()});
}

void apply(shard_pointer self, const shard_config& config, const apply_group& group) {
  auto& shard = *self->state.shard;
  std::vector<shard::Deleted> deleted;
  const auto written = try_on_disk(config, [&] { deleted = shard.apply(group.entries); });
  if (!written) {
    // For the log the shard is away until it takes up again: no writer waits for it.
    self->send(config.log, lost_atom_v, shard_lost{config.key, ShardState::kDown, written.error()});
    self->delayed_send(self, kDiskRetry, tick_atom_v);
    return;
  }
  self->send(config.log, applied_atom_v,
             applied_group{config.key, shard.applied_seq(), std::move(deleted)});
  if (shard.unsaved_bytes() > config.checkpoint_bytes) checkpoint(self, config);
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
      [=](checkpoint_atom) {
        checkpoint(self, config);
        self->delayed_send(self, config.checkpoint_interval, checkpoint_atom_v);
      },
      [=](fault_atom, const FaultRequest& x) { self->state.faults.inject(x); },
  };
}

}  // namespace mosaic::actors
