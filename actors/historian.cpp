#include "actors/historian.hpp"

#include "actors/exceptions.hpp"
#include "actors/fan_out.hpp"
#include "base/log.hpp"

namespace mosaic::actors {
namespace {

using historian_pointer = historian_actor::stateful_pointer<historian_state>;
using route_ptr = std::shared_ptr<collection_route>;

constexpr std::chrono::seconds kAskTimeout{10};
constexpr std::chrono::seconds kAppendTimeout{30};

void go_on(historian_pointer self);

route_ptr find_route(const historian_state& state, CollectionId id) {
  const auto routes = state.routes.all();
  if (!routes) return nullptr;
  for (const auto& route : *routes) {
    if (route->id == id) return route;
  }
  return nullptr;
}

void give_up(historian_pointer self) {
  self->state.plan.give_up();
  go_on(self);
}

/// Repeated, it removes what is left, or nothing.
void append(historian_pointer self, const route_ptr& route, const Purge& purge) {
  const auto bytes = std::make_shared<const std::string>(encode_purge(purge));
  const append_request entry{route->id, EntryKind::kPurge, bytes, all_shards(*route),
                             Deadline::in(self->clock().now(), kAppendTimeout)};
  request_in_time<append_reply>(
      self, self->state.parts->log, answer_timeout(self, entry.deadline),
      [=](append_reply& reply) {
        // Shards that are behind, or know of a longer retention by now, would be asked for the same
        // again and again.
        if (!reply.applied || reply.deleted == 0) return give_up(self);
        log::debug("purged {} versions, links and others of collection {}", reply.deleted,
                   route->id.value);
        after_pause(self, kPurgePause, [=] { go_on(self); });
      },
      [=](caf::error& error) {
        log::warn("nothing is purged of collection {} for now: {}", route->id.value,
                  from_caf(error).detail);
        give_up(self);
      },
      append_atom_v, entry);
}

void ask(historian_pointer self, const route_ptr& route, std::int64_t time_ms) {
  const auto deadline = Deadline::in(self->clock().now(), kAskTimeout);
  const auto purgeable = std::make_shared<std::vector<std::uint64_t>>();
  fan_out<std::uint64_t>(
      self, route, all_shards(*route), deadline,
      [=](ShardId) {
        return std::make_tuple(purge_atom_v,
                               purgeable_request{time_ms, cluster::kPurgeVersionsMax, deadline});
      },
      [=](ShardId, Result<std::uint64_t> answer) {
        if (answer) purgeable->push_back(*answer);
      },
      [=] {
        if (const auto purge = self->state.plan.answered(*purgeable))
          return append(self, route, *purge);
        go_on(self);
      });
}

/// The next step of the plan, if there is one.
void go_on(historian_pointer self) {
  auto& state = self->state;
  const auto question = state.plan.question();
  state.asking = question.has_value();
  if (!question) return;
  const auto route = find_route(state, question->collection);
  if (!route || !state.parts) return give_up(self);
  ask(self, route, question->time_ms);
}

void begin_round(historian_pointer self) {
  auto& state = self->state;
  self->delayed_send(self, state.config.interval, start_atom_v);
  if (state.asking || state.faults.swallow() || !state.config.leads()) return;
  const auto routes = state.routes.all();
  if (!routes) return;
  std::vector<cluster::PurgePlan::Collection> collections;
  for (const auto& route : *routes) collections.push_back({route->id, route->settings.retention_s});
  state.plan.begin(collections, state.config.now_ms());
  go_on(self);
}

}  // namespace

historian_actor::behavior_type historian(historian_pointer self, historian_config config) {
  die_with_reason(self);
  self->state.routes = Routes(config.node);
  self->state.config = std::move(config);
  self->delayed_send(self, self->state.config.interval, start_atom_v);
  return {
      [=](opened_atom, const collection_opened& x) { self->state.routes.opened(x); },
      [=](dropped_atom, CollectionId id) { self->state.routes.dropped(id); },
      [=](up_atom, const shard_key& key, const std::vector<searcher_actor>& x) {
        self->state.routes.up(key, x);
      },
      [=](lost_atom, const shard_lost& x) { self->state.routes.lost(x); },
      [=](replicas_atom, const shard_key& key, const far_shards_actor& x) {
        self->state.routes.far_up(key, x);
      },
      [=](lost_atom, const shard_key& key) { self->state.routes.far_lost(key); },
      [=](cut_atom, const cut_moved& x) { self->state.routes.cut(x); },
      [=](behind_atom, const shard_key& key, bool is) { self->state.routes.behind(key, is); },
      [=](introduced_atom) { self->state.routes.introduced(); },
      [=](tick_atom) { give_up_late(self); },
      [=](start_atom) { begin_round(self); },
      [=](parts_atom, const node_parts_ptr& parts) { self->state.parts = parts; },
      [=](fault_atom, const FaultRequest& x) { self->state.faults.inject(x); },
  };
}

}  // namespace mosaic::actors
