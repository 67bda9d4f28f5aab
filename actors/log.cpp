#include "actors/log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "actors/exceptions.hpp"
#include "actors/log_appends.hpp"
#include "actors/log_far.hpp"
#include "actors/log_reach.hpp"
#include "actors/log_room.hpp"
#include "base/log.hpp"

namespace mosaic::actors {
namespace {

using replication::ApplyActions;
using replication::Entry;

constexpr std::chrono::seconds kCatalogTimeout{60};
constexpr std::chrono::seconds kSpreadTimeout{3};
/// How long a collection that was made may wait for its shards on other nodes.
constexpr std::chrono::milliseconds kFirstWordMax{1'500};

apply_group to_group(const std::vector<Entry>& entries) {
  apply_group group;
  for (const auto& entry : entries) {
    group.entries.push_back({entry.seq, entry.kind, entry.bytes, entry.time_ms, entry.request});
  }
  return group;
}

void settle(log_pointer self, Seq seq, bool applied) {
  const auto found = self->state.unapplied.find(seq);
  if (found == self->state.unapplied.end()) return;
  self->state.config.metrics->writes.stage(metrics::WriteStage::kApply,
                                           self->clock().now() - found->second.since);
  found->second.promise.deliver(append_reply{found->second.first == 0 ? seq : found->second.first,
                                             applied && !found->second.unclear,
                                             found->second.deleted,
                                             {}});
  self->state.unapplied.erase(found);
}

void hand_out(log_pointer self, log_state::collection& collection, ShardId shard,
              const std::vector<Entry>& entries) {
  collection.awaited[shard] = Deadline::in(self->clock().now(), kApplyPatience);
  self->send(collection.shards.at(shard), apply_atom_v, to_group(entries));
}

void lead(log_pointer self, CollectionId id, log_state::collection& collection,
          const ApplyActions::CatchUp& task) {
  auto entries = self->state.config.log->read(task.after, id, replication::kApplyGroupBytesMax);
  if (!entries || entries->empty()) {
    log::critical("shard {} of collection {} cannot catch up after seq {}: {}", task.shard.value,
                  id.value, task.after,
                  entries ? "the log has no such entries" : entries.error().detail);
    return;
  }
  // A shard ahead of the others would have no view at the cut.
  std::erase_if(*entries, [&](const Entry& entry) { return entry.seq > task.to; });
  replication::end_group(*entries);
  hand_out(self, collection, task.shard, *entries);
}

void perform(log_pointer self, CollectionId id, log_state::collection& collection,
             const ApplyActions& actions) {
  for (const auto& send : actions.send) hand_out(self, collection, send.shard, send.entries);
  for (const auto& task : actions.catch_up) lead(self, id, collection, task);
  if (actions.cut != 0) {
    // Before any writer hears: whoever searches after his answer must find this cut.
    for (const auto& listener : self->state.listeners)
      self->send(listener, cut_atom_v, cut_moved{id, actions.cut});
  }
  for (const auto seq : actions.settled) {
    const auto writer = self->state.unapplied.find(seq);
    if (writer == self->state.unapplied.end()) continue;
    if (writer->second.waits_for_all(collection.queue)) {
      collection.repeats.push_back(seq);
      continue;
    }
    const auto& touches = writer->second.request.touches;
    settle(self, seq, std::all_of(touches.begin(), touches.end(), [&](ShardId shard) {
             return collection.queue.level(shard);
           }));
  }
  tell_behind(self, id, collection);
  if (collection.repeats.empty() || !collection.queue.level()) return;
  for (const auto seq : std::exchange(collection.repeats, {})) settle(self, seq, true);
}

/// Tells the queue of a collection what happened and does what it then asks for.
template <class Event>
void step(log_pointer self, CollectionId id, Event&& event) {
  const auto found = self->state.collections.find(id);
  if (found == self->state.collections.end()) return;
  perform(self, id, found->second, event(found->second));
}

/// The catalog has dealt with the entry, be it by refusing it: a name that is taken, say.
bool is_verdict(const Error& error) {
  return error.code == ErrorCode::kAlreadyExists || error.code == ErrorCode::kNotFound ||
         error.code == ErrorCode::kInvalidArgument;
}

/// Shards go to other nodes, and come here.
void live(log_pointer self, const collection_opened& x) {
  auto& state = self->state;
  auto& collection = state.collections.at(x.collection);
  for (std::uint32_t i = 0; i < x.settings.shards; ++i) state.floor.saved(x.collection, {i}, 0);
  for (const auto shard : x.elsewhere) {
    state.floor.gone(x.collection, shard);
    collection.shards.erase(shard);
    collection.awaited.erase(shard);
  }
  collection.elsewhere = x.elsewhere;
  const auto left_before = std::exchange(collection.leaving, x.leaving);
  const auto spread_before = std::exchange(collection.spread, x.spread);
  perform(self, x.collection, collection, collection.queue.live(x.elsewhere, x.spread));
  for (auto far = state.far.lower_bound({x.collection, {0}});
       far != state.far.end() && far->first.collection == x.collection; ++far)
    perform(self, x.collection, collection, collection.queue.far_is(far->first.shard, far->second));
  if (spread_before != x.spread || left_before != x.leaving) tell_own(self, x.collection);
}

void opened(log_pointer self, const collection_opened& x) {
  auto& state = self->state;
  if (const auto known = state.collections.find(x.collection); known != state.collections.end()) {
    known->second.origin = x.origin;
    return live(self, x);
  }
  const auto last = state.config.log->last_seq_of(x.collection);
  state.floor.written(x.collection, last);
  // One that has entries is not new, whatever a catalog that was lost says.
  const bool fresh = x.fresh && last == 0;
  state.collections.emplace(x.collection, log_state::collection{.queue = replication::ApplyQueue(
                                                                    x.settings.shards, last, fresh),
                                                                .shards = {},
                                                                .origin = x.origin});
  live(self, x);
}

/// What whoever asked may ask another node about next.
bool spreads(EntryKind kind) {
  return !is_about_nodes(kind) && kind != EntryKind::kRemember && kind != EntryKind::kSetReplicas;
}

/// Whoever hears of the change finds it at every node that is up.
void answer_when_spread(log_pointer self, Seq seq, const append_reply& reply,
                        log_state::reply_promise promise) {
  if (self->state.config.log->standing().members.size() <= 1) return promise.deliver(reply);
  const auto answer = [=] {
    answer_when_all_answer(
        self, {reply.collection, reply, promise, Deadline::in(self->clock().now(), kFirstWordMax)});
  };
  self->request(self->state.membership, kSpreadTimeout, cluster_atom_v, seq)
      .then([=](Seq) { answer(); }, [=](const caf::error&) { answer(); });
}

void apply_to_catalog(log_pointer self, const Entry& entry, log_state::reply_promise promise) {
  const auto seq = entry.seq;
  const auto settled = [=, kind = entry.kind, collection = entry.collection] {
    self->state.unsettled.erase(seq);
    self->state.floor.catalog_done(seq);
    if (kind == EntryKind::kSwitchSpace || kind == EntryKind::kCancelReembed)
      let_go(self, collection);
  };
  self->state.floor.catalog_begun(seq);
  self->state.unsettled[seq] = entry;
  self->request(self->state.supervisor, kCatalogTimeout, catalog_atom_v, catalog_change{entry})
      .then(
          [=, kind = entry.kind](const catalog_changed& changed) mutable {
            settled();
            const append_reply reply{changed.seq, true, 0, changed.collection};
            spreads(kind) ? answer_when_spread(self, seq, reply, promise) : promise.deliver(reply);
          },
          [=](caf::error& error) mutable {
            if (is_verdict(from_caf(error))) settled();
            promise.deliver(std::move(error));
          });
}

/// Those of a process before, or of a bridge before, are not met again.
replication::Ticket first_ticket() {
  return (std::uint64_t{std::random_device{}()} << 24) + 1;
}

/// From here on the writer waits for the shards.
log_state::writer committed_now(log_pointer self, log_state::writer writer) {
  const auto now = self->clock().now();
  self->state.config.metrics->writes.stage(metrics::WriteStage::kCommit, now - writer.since);
  writer.since = now;
  return writer;
}

/// Once for each shard, whichever node is the first to tell.
void count_deleted(log_pointer self, ShardId shard, const shard::Deleted& deleted) {
  const auto found = self->state.unapplied.find(deleted.seq);
  if (found == self->state.unapplied.end()) return;
  auto& writer = found->second;
  if (std::find(writer.counted.begin(), writer.counted.end(), shard) != writer.counted.end())
    return;
  writer.counted.push_back(shard);
  writer.deleted += deleted.documents;
  writer.first = deleted.first;
}

/// A shard on another node may be ahead of this log.
void count_deleted_early(log_pointer self, Seq seq) {
  auto& early = self->state.deleted_early;
  const auto [begin, end] = early.equal_range(seq);
  for (auto each = begin; each != end; ++each)
    count_deleted(self, each->second.shard, each->second.deleted);
  early.erase(early.begin(), end);
}

void committed(log_pointer self, const Entry& entry) {
  auto& state = self->state;
  state.heard = std::max(state.heard, entry.seq);
  auto ticket = state.uncommitted.extract(entry.ticket);
  const bool for_shards = entry.collection.value != 0 && entry.kind != EntryKind::kDropCollection;
  if (for_shards) state.floor.written(entry.collection, entry.seq);
  if (is_catalog(entry.kind) && entry.seq > state.catalog_read)
    apply_to_catalog(self, entry, ticket ? ticket.mapped().promise : log_state::reply_promise{});
  if (!for_shards) return;
  if (!is_catalog(entry.kind) && ticket) {
    if (!state.collections.contains(entry.collection)) {
      ticket.mapped().promise.deliver(
          to_caf(Error{ErrorCode::kNotFound, "the collection was dropped meanwhile"}));
      return;
    }
    state.unapplied[entry.seq] = committed_now(self, std::move(ticket.mapped()));
  }
  count_deleted_early(self, entry.seq);
  if (entry.seq <= state.unclear_to) {
    for (const auto& [key, to] : state.unclear) note_unclear(self, key, entry.seq, to);
  }
  step(self, entry.collection, [&](auto& collection) { return collection.queue.committed(entry); });
}

void dropped(log_pointer self, CollectionId id) {
  if (auto gone = self->state.collections.extract(id)) {
    refuse_held(self, gone.mapped().held,
                {ErrorCode::kNotFound, "the collection was dropped meanwhile"});
  }
  self->state.floor.dropped(id);
}

bool is_level(const log_state& state, const shard_key& key) {
  const auto found = state.collections.find(key.collection);
  return found != state.collections.end() && found->second.queue.level_here(key.shard);
}

/// Others may wait for the shard to be whole here.
void tell_if_level_now(log_pointer self, const shard_key& key, bool before) {
  if (!before && is_level(self->state, key) && self->state.membership)
    self->send(self->state.membership, report_atom_v);
}

void shard_up(log_pointer self, const shard_key& key, Seq applied, const shard_actor& shard) {
  if (applied > self->state.config.log->last_seq()) {
    throw Failure(ErrorCode::kCorruptData,
                  fmt::format("the log ends at seq {} but a shard of collection {} has applied {}: "
                              "the log has lost entries",
                              self->state.config.log->last_seq(), key.collection.value, applied));
  }
  // What it has applied already it does not tell again.
  mark_unclear(self, key, 0, applied);
  step(self, key.collection, [&](auto& collection) {
    collection.shards[key.shard] = shard;
    collection.awaited.erase(key.shard);
    return collection.queue.shard_up(key.shard, applied);
  });
  tell_own(self, key);
  tell_if_level_now(self, key, false);
}

void shard_down(log_pointer self, const shard_lost& x) {
  step(self, x.key.collection, [&](auto& collection) {
    collection.shards.erase(x.key.shard);
    collection.awaited.erase(x.key.shard);
    return collection.queue.shard_down(x.key.shard);
  });
  tell_own(self, x.key);
}

void applied(log_pointer self, const applied_group& x) {
  for (const auto& deleted : x.deleted) count_deleted(self, x.key.shard, deleted);
  const bool before = is_level(self->state, x.key);
  step(self, x.key.collection, [&](auto& collection) {
    collection.awaited.erase(x.key.shard);
    return collection.queue.applied(x.key.shard, x.seq);
  });
  tell_own(self, x.key, x.deleted);
  tell_if_level_now(self, x.key, before);
}

/// Of a shard on other nodes.
void heard_of(log_pointer self, const shard_news& news) {
  auto& state = self->state;
  for (const auto& deleted : news.deleted) {
    if (deleted.seq > state.heard) {
      state.deleted_early.emplace(deleted.seq, log_state::early_deletion{news.key.shard, deleted});
    } else {
      count_deleted(self, news.key.shard, deleted);
    }
  }
  if (!news.level) {
    state.far.erase(news.key);
    state.unclear.erase(news.key);
  } else if (state.far.insert_or_assign(news.key, news.seq).second || news.gap) {
    state.unclear[news.key] = news.seq;
    state.unclear_to = std::max(state.unclear_to, news.seq);
    note_unclear(self, news.key, 0, news.seq);
  }
  step(self, news.key.collection, [&](auto& collection) {
    return collection.queue.far_is(news.key.shard,
                                   news.level ? std::optional(news.seq) : std::nullopt);
  });
  answer_creations(self);
}

/// Goes on without shards that are silent. Each is asked where it stands: when it comes to the
/// question, it is led on from there.
void pass_over_silent_shards(log_pointer self, CollectionId id, log_state::collection& collection) {
  const auto now = self->clock().now();
  std::vector<ShardId> silent;
  for (const auto& [shard, deadline] : collection.awaited) {
    if (deadline.passed(now)) silent.push_back(shard);
  }
  for (const auto shard : silent) {
    log::warn(
        "shard {} of collection {} has not applied what it was given for {} s: going on "
        "without it",
        shard.value, id.value, kApplyPatience.count());
    collection.awaited.erase(shard);
    self->send(collection.shards.at(shard), tick_atom_v);
    perform(self, id, collection, collection.queue.shard_down(shard));
    tell_own(self, {id, shard});
  }
}

/// Goes on without shards of other nodes that have long been behind all others.
void pass_over_late_nodes(log_pointer self, CollectionId id, log_state::collection& collection) {
  const auto now = self->clock().now();
  const auto late = collection.queue.held_up_by();
  std::erase_if(collection.late, [&](const auto& each) {
    return std::find(late.begin(), late.end(), each.first) == late.end();
  });
  for (const auto shard : late) {
    const auto since = collection.late.try_emplace(shard, Deadline::in(now, kApplyPatience)).first;
    if (!since->second.passed(now)) continue;
    collection.late.erase(shard);
    perform(self, id, collection, collection.queue.pass_over(shard));
  }
}

/// What the nodes that are there have not got yet is kept for them, unless it is very much; and
/// what nobody else could give them, or one that is not there, in any case.
Seq may_forget(const log_state& state, Seq floor) {
  const bool alone = state.config.log->standing().members.size() <= 1;
  if (!alone) floor = std::min(floor, state.needed_by_shards.value_or(0));
  const bool much = state.config.log->kept_bytes() > state.config.bytes_max / 2;
  return much ? floor : std::min(floor, state.slowest_node);
}

/// Whoever notes it lets the log forget up to there.
void tell_floor(log_pointer self) {
  auto& state = self->state;
  // Of collections that are not known yet, nobody here knows what is saved.
  if (!state.introduced) return;
  // The log may hold more by now: what nobody here has heard of, nobody has saved.
  const auto floor = may_forget(state, state.floor.floor(state.heard));
  if (floor > std::exchange(state.floor_told, std::max(floor, state.floor_told)))
    self->send(state.supervisor, floor_atom_v, floor);
}

void tick(log_pointer self) {
  auto& state = self->state;
  const auto now = self->clock().now();
  const bool overtaken = is_overtaken(state);
  std::vector<Seq> late;
  for (const auto& [seq, writer] : state.unapplied) {
    if (overtaken || writer.request.deadline.passed(now)) late.push_back(seq);
  }
  for (const auto seq : late) settle(self, seq, false);
  for (auto& [id, collection] : state.collections) {
    pass_over_silent_shards(self, id, collection);
    pass_over_late_nodes(self, id, collection);
    // The leader that began it may be gone.
    perform(self, id, collection, collection.queue.end_batch());
  }
  answer_creations(self);
  state.heard = std::max(state.heard, std::exchange(state.told_by_tick, state.told_from));
  attend_appends(self);
  make_room(self);
  // Where no shard lives that is written, none says that it has saved anything.
  if (state.config.log->kept_bytes() > state.config.retained_bytes) tell_floor(self);
  tell_state(self);
  self->delayed_send(self, kLogTick, tick_atom_v);
}

void saved(log_pointer self, const checkpoint_report& x) {
  auto& state = self->state;
  const auto found = state.collections.find(x.key.collection);
  // One that has left may have saved before it ended.
  if (found != state.collections.end() && contains(found->second.elsewhere, x.key.shard)) return;
  state.floor.saved(x.key.collection, x.key.shard, x.durable);
  tell_floor(self);
}

/// Listens to the log from now on, and hands out what the catalog may have missed while nobody did.
void listen(log_pointer self) {
  auto& state = self->state;
  state.listening = true;
  state.heard = state.config.log->standing().last;
  const auto me = caf::actor_cast<caf::actor>(self);
  state.config.log->listen(
      {[me](const Entry& entry) { caf::anon_send(me, committed_atom_v, entry); },
       [me](auto ticket, const Error& error, bool unknown) {
         caf::anon_send(me, refused_atom_v, refusal{ticket, error, unknown});
       }});
  state.told_from = state.config.log->standing().last;
  const auto entries = state.config.log->read_catalog(0);
  if (!entries) throw Failure(entries.error());
  for (const auto& entry : *entries) {
    state.catalog_read = entry.seq;
    apply_to_catalog(self, entry, {});
  }
}

void take_parts(log_pointer self, const node_parts& parts) {
  auto& state = self->state;
  for (const auto& listener : parts.listeners) {
    if (std::find(state.listeners.begin(), state.listeners.end(), listener) !=
        state.listeners.end())
      continue;
    for (const auto& [id, collection] : state.collections) {
      self->send(listener, cut_atom_v, cut_moved{id, collection.queue.cut()});
      for (const auto shard : collection.behind)
        self->send(listener, behind_atom_v, shard_key{id, shard}, true);
    }
  }
  state.listeners = parts.listeners;
  state.membership = parts.membership;
  if (std::exchange(state.replicas, parts.replicas) != parts.replicas) {
    for (const auto& [id, collection] : state.collections) tell_own(self, id);
  }
  const bool replaced = state.supervisor != parts.supervisor;
  state.supervisor = parts.supervisor;
  if (!state.listening) return listen(self);
  if (!replaced) return;
  // What the supervisor before died of, or over, is put to this one again.
  const auto again = state.unsettled;
  for (const auto& [seq, entry] : again) apply_to_catalog(self, entry, {});
}

}  // namespace

log_actor::behavior_type log_bridge(log_pointer self, log_config config) {
  die_with_reason(self);
  self->state.config = std::move(config);
  self->state.next_ticket = first_ticket();
  self->delayed_send(self, kLogTick, tick_atom_v);
  return {
      [=](append_atom, const append_request& request) { return append(self, request); },
      [=](forward_atom, const forwarded_append& x) { return append_for(self, x); },
      [=](hold_atom, const hold_request& request) { return hold(self, request); },
      [=](reach_atom, const reach_request& request) { return reach(self, request); },
      [=](reach_atom) { let_reach(self); },
      [=](nodes_atom, Seq slowest, Seq needed) {
        self->state.slowest_node = slowest;
        self->state.needed_by_shards = needed;
      },
      [=](status_atom) { return status(self); },
      [=](parts_atom, const node_parts_ptr& parts) { take_parts(self, *parts); },
      [=](committed_atom, const Entry& entry) { committed(self, entry); },
      [=](refused_atom, const refusal& x) { refused(self, x); },
      [=](opened_atom, const collection_opened& x) { opened(self, x); },
      [=](introduced_atom) { self->state.introduced = true; },
      [=](dropped_atom, CollectionId id) { dropped(self, id); },
      [=](up_atom, const shard_key& key, Seq seq, const shard_actor& shard) {
        shard_up(self, key, seq, shard);
      },
      [=](lost_atom, const shard_lost& x) { shard_down(self, x); },
      [=](applied_atom, const applied_group& x) { applied(self, x); },
      [=](news_atom, const shard_news& news) { heard_of(self, news); },
      [=](checkpoint_atom, const checkpoint_report& x) { saved(self, x); },
      [=](floor_atom, Seq floor) { self->state.config.log->truncate(floor); },
      [=](tick_atom) { tick(self); },
      [=](fault_atom, const FaultRequest& x) { self->state.faults.inject(x); },
  };
}

}  // namespace mosaic::actors
