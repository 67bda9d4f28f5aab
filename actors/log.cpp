#include "actors/log.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "actors/exceptions.hpp"
#include "actors/log_room.hpp"
#include "base/log.hpp"

namespace mosaic::actors {
namespace {

using replication::ApplyActions;
using replication::Entry;

constexpr std::chrono::seconds kCatalogTimeout{60};

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
  found->second.promise.deliver(append_reply{
      found->second.first == 0 ? seq : found->second.first, applied, found->second.deleted, {}});
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
    const auto& touches = writer->second.touches;
    settle(self, seq, std::all_of(touches.begin(), touches.end(), [&](ShardId shard) {
             return collection.queue.level(shard);
           }));
  }
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

/// Whether it is known which vectors the collection has, and that they stay.
bool is_settled(const log_state& state, CollectionId id, const log_state::collection& collection) {
  return !collection.hold &&
         std::none_of(state.unsettled.begin(), state.unsettled.end(), [&](const auto& entry) {
           return entry.second.collection == id && entry.second.kind == EntryKind::kSwitchSpace;
         });
}

/// The entry that ends the hold is on its way: it may be in the log already.
bool is_switching(const log_state::collection& collection) {
  return collection.hold && collection.hold->switching != 0;
}

/// Those that are held must not be switched under.
Status may_switch(log_pointer self, const log_state::collection& collection,
                  const append_request& request) {
  const auto generation = decode_generation(*request.bytes);
  if (!generation) return generation.error();
  const auto& hold = collection.hold;
  if (hold && hold->generation == *generation && !hold->until.passed(self->clock().now()))
    return {};
  return Error{ErrorCode::kUnavailable, "writes are not held any more"};
}

void append_now(log_pointer self, const append_request& request,
                const log_state::reply_promise& promise) {
  auto& state = self->state;
  const auto ticket = state.next_ticket++;
  state.uncommitted[ticket] = {promise, request.touches,      request.deadline, self->clock().now(),
                               0,       bool{request.request}};
  const auto found = state.collections.find(request.collection);
  if (request.kind == EntryKind::kSwitchSpace && found != state.collections.end())
    found->second.hold->switching = ticket;
  state.config.log->append(
      {request.collection, request.kind, *request.bytes, ticket, request.request});
}

void let_go(log_pointer self, CollectionId id);

void append(log_pointer self, const append_request& request, log_state::reply_promise promise) {
  auto& state = self->state;
  const auto found = state.collections.find(request.collection);
  if (found == state.collections.end()) {
    const bool needs_hold = request.kind == EntryKind::kSwitchSpace;
    if (is_catalog(request.kind) && !needs_hold) return append_now(self, request, promise);
    return refuse(promise, {ErrorCode::kUnavailable,
                            "the log has just been started again, or the collection was dropped"});
  }
  auto& collection = found->second;
  if (const auto kept = state.config.log->kept_bytes(); kept > state.config.bytes_max)
    return refuse(promise, log_is_full(state, kept));
  // What ends the wait of those that are held must get past them.
  const auto waiting =
      collection.queue.waiting_bytes() + (request.space ? collection.held_bytes : 0);
  if (waiting > state.config.queue_bytes_max) return refuse(promise, queue_is_full(state, waiting));
  if (request.kind == EntryKind::kSwitchSpace) {
    if (const auto may = may_switch(self, collection, request); !may) {
      refuse(promise, may.error());
      if (!is_switching(collection)) let_go(self, request.collection);
      return;
    }
  }
  if (!request.space) return append_now(self, request, promise);
  if (!is_settled(state, request.collection, collection)) {
    collection.held_bytes += request.bytes->size();
    return collection.held.push_back({request, promise});
  }
  if (*request.space == collection.origin.space) return append_now(self, request, promise);
  promise.deliver(append_reply{.collection = request.collection, .outdated = true});
}

caf::result<append_reply> append(log_pointer self, const append_request& request) {
  const sure_promise<append_reply> promise(self);
  append(self, request, promise);
  return promise;
}

/// Writes that waited go on, to be made anew if the collection has other vectors now.
void let_go(log_pointer self, CollectionId id) {
  const auto found = self->state.collections.find(id);
  if (found == self->state.collections.end()) return;
  found->second.hold.reset();
  found->second.held_bytes = 0;
  for (auto& write : std::exchange(found->second.held, {}))
    append(self, write.request, write.promise);
}

caf::result<void> hold(log_pointer self, const hold_request& request) {
  const auto found = self->state.collections.find(request.collection);
  const bool on_its_way = found != self->state.collections.end() && found->second.origin.next &&
                          found->second.origin.next->generation == request.generation;
  if (!on_its_way || is_switching(found->second))
    return to_caf(
        Error{ErrorCode::kUnavailable, "the collection is not on its way to an embedder"});
  found->second.hold = log_state::hold{request.generation, request.deadline};
  return caf::unit;
}

/// Of those that are held; and all of them, when the hold has lasted long enough.
void end_holds(log_pointer self) {
  const auto now = self->clock().now();
  std::vector<CollectionId> over;
  for (auto& [id, collection] : self->state.collections) {
    std::erase_if(collection.held, [&](auto& write) {
      if (!write.request.deadline.passed(now)) return false;
      collection.held_bytes -= write.request.bytes->size();
      refuse(write.promise, {ErrorCode::kDeadlineExceeded,
                             "the write waited for its collection to go over to another embedder; "
                             "it is not stored"});
      return true;
    });
    if (collection.hold && !is_switching(collection) && collection.hold->until.passed(now))
      over.push_back(id);
  }
  for (const auto id : over) let_go(self, id);
}

void opened(log_pointer self, const collection_opened& x) {
  auto& state = self->state;
  if (const auto known = state.collections.find(x.collection); known != state.collections.end()) {
    known->second.origin = x.origin;
    return;
  }
  const auto last = state.config.log->last_seq_of(x.collection);
  state.floor.written(x.collection, last);
  for (std::uint32_t i = 0; i < x.settings.shards; ++i) state.floor.saved(x.collection, {i}, 0);
  // One that has entries is not new, whatever a catalog that was lost says.
  const bool fresh = x.fresh && last == 0;
  state.collections.emplace(x.collection, log_state::collection{.queue = replication::ApplyQueue(
                                                                    x.settings.shards, last, fresh),
                                                                .shards = {},
                                                                .origin = x.origin});
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
          [=](const catalog_changed& changed) mutable {
            settled();
            promise.deliver(append_reply{changed.seq, true, 0, changed.collection});
          },
          [=](caf::error& error) mutable {
            if (is_verdict(from_caf(error))) settled();
            promise.deliver(std::move(error));
          });
}

/// From here on the writer waits for the shards.
log_state::writer committed_now(log_pointer self, log_state::writer writer) {
  const auto now = self->clock().now();
  self->state.config.metrics->writes.stage(metrics::WriteStage::kCommit, now - writer.since);
  writer.since = now;
  return writer;
}

void committed(log_pointer self, const Entry& entry) {
  auto& state = self->state;
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
  step(self, entry.collection, [&](auto& collection) { return collection.queue.committed(entry); });
}

void dropped(log_pointer self, CollectionId id) {
  if (auto gone = self->state.collections.extract(id)) {
    for (auto& write : gone.mapped().held)
      refuse(write.promise, {ErrorCode::kNotFound, "the collection was dropped meanwhile"});
  }
  self->state.floor.dropped(id);
}

void shard_up(log_pointer self, const shard_key& key, Seq applied, const shard_actor& shard) {
  if (applied > self->state.config.log->last_seq()) {
    throw Failure(ErrorCode::kCorruptData,
                  fmt::format("the log ends at seq {} but a shard of collection {} has applied {}: "
                              "the log has lost entries",
                              self->state.config.log->last_seq(), key.collection.value, applied));
  }
  step(self, key.collection, [&](auto& collection) {
    collection.shards[key.shard] = shard;
    collection.awaited.erase(key.shard);
    return collection.queue.shard_up(key.shard, applied);
  });
}

void shard_down(log_pointer self, const shard_lost& x) {
  step(self, x.key.collection, [&](auto& collection) {
    collection.shards.erase(x.key.shard);
    collection.awaited.erase(x.key.shard);
    return collection.queue.shard_down(x.key.shard);
  });
}

void applied(log_pointer self, const applied_group& x) {
  for (const auto& deleted : x.deleted) {
    const auto writer = self->state.unapplied.find(deleted.seq);
    if (writer == self->state.unapplied.end()) continue;
    writer->second.deleted += deleted.documents;
    writer->second.first = deleted.first;
  }
  step(self, x.key.collection, [&](auto& collection) {
    collection.awaited.erase(x.key.shard);
    return collection.queue.applied(x.key.shard, x.seq);
  });
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
  }
}

void tick(log_pointer self) {
  auto& state = self->state;
  const auto now = self->clock().now();
  for (auto entry = state.uncommitted.begin(); entry != state.uncommitted.end();) {
    const auto here = entry++;
    if (!here->second.deadline.passed(now)) continue;
    here->second.promise.deliver(
        to_caf(Error{ErrorCode::kDeadlineExceeded,
                     "the log did not answer in time; whether the write is stored is not known"}));
    state.uncommitted.erase(here);
  }
  std::vector<Seq> late;
  for (const auto& [seq, writer] : state.unapplied) {
    if (writer.deadline.passed(now)) late.push_back(seq);
  }
  for (const auto seq : late) settle(self, seq, false);
  for (auto& [id, collection] : state.collections) pass_over_silent_shards(self, id, collection);
  end_holds(self);
  make_room(self);
  tell_state(self);
  self->delayed_send(self, kLogTick, tick_atom_v);
}

void refused(log_pointer self, const refusal& x) {
  if (auto ticket = self->state.uncommitted.extract(x.ticket))
    ticket.mapped().promise.deliver(to_caf(x.error));
  for (const auto& [id, collection] : self->state.collections) {
    if (collection.hold && collection.hold->switching == x.ticket) return let_go(self, id);
  }
}

void saved(log_pointer self, const checkpoint_report& x) {
  auto& state = self->state;
  state.floor.saved(x.key.collection, x.key.shard, x.durable);
  const auto floor = state.floor.floor(state.config.log->last_seq());
  if (floor > std::exchange(state.floor_told, std::max(floor, state.floor_told)))
    self->send(state.supervisor, floor_atom_v, floor);
}

/// Listens to the log from now on, and hands out what the catalog may have missed while nobody did.
void listen(log_pointer self) {
  auto& state = self->state;
  state.listening = true;
  const auto me = caf::actor_cast<caf::actor>(self);
  state.config.log->listen(
      {[me](const Entry& entry) { caf::anon_send(me, committed_atom_v, entry); },
       [me](auto ticket, const Error& error) {
         caf::anon_send(me, refused_atom_v, refusal{ticket, error});
       }});
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
    for (const auto& [id, collection] : state.collections)
      self->send(listener, cut_atom_v, cut_moved{id, collection.queue.cut()});
  }
  state.listeners = parts.listeners;
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
  self->delayed_send(self, kLogTick, tick_atom_v);
  return {
      [=](append_atom, const append_request& request) { return append(self, request); },
      [=](hold_atom, const hold_request& request) { return hold(self, request); },
      [=](status_atom) { return status(self); },
      [=](parts_atom, const node_parts_ptr& parts) { take_parts(self, *parts); },
      [=](committed_atom, const Entry& entry) { committed(self, entry); },
      [=](refused_atom, const refusal& x) { refused(self, x); },
      [=](opened_atom, const collection_opened& x) { opened(self, x); },
      [=](dropped_atom, CollectionId id) { dropped(self, id); },
      [=](up_atom, const shard_key& key, Seq seq, const shard_actor& shard) {
        shard_up(self, key, seq, shard);
      },
      [=](lost_atom, const shard_lost& x) { shard_down(self, x); },
      [=](applied_atom, const applied_group& x) { applied(self, x); },
      [=](checkpoint_atom, const checkpoint_report& x) { saved(self, x); },
      [=](floor_atom, Seq floor) { self->state.config.log->truncate(floor); },
      [=](tick_atom) { tick(self); },
      [=](fault_atom, const FaultRequest& x) { self->state.faults.inject(x); },
  };
}

}  // namespace mosaic::actors
