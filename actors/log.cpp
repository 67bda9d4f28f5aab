#include "actors/log.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "actors/exceptions.hpp"
#include "base/log.hpp"

namespace mosaic::actors {
namespace {

using log_pointer = log_actor::stateful_pointer<log_state>;
using replication::ApplyActions;
using replication::Entry;

constexpr std::chrono::seconds kCatalogTimeout{60};

apply_group to_group(const std::vector<Entry>& entries) {
  apply_group group;
  for (const auto& entry : entries) group.entries.push_back({entry.seq, entry.kind, entry.bytes});
  return group;
}

void settle(log_pointer self, Seq seq, bool applied) {
  const auto found = self->state.unapplied.find(seq);
  if (found == self->state.unapplied.end()) return;
  found->second.promise.deliver(append_reply{seq, applied, found->second.deleted, {}});
  self->state.unapplied.erase(found);
}

void lead(log_pointer self, CollectionId id, log_state::collection& collection,
          const ApplyActions::CatchUp& task) {
  auto entries = self->state.log->read(task.after, id, replication::kApplyGroupBytesMax);
  if (!entries || entries->empty()) {
    log::critical("shard {} of collection {} cannot catch up after seq {}: {}", task.shard.value,
                  id.value, task.after,
                  entries ? "the log has no such entries" : entries.error().detail);
    return;
  }
  self->send(collection.shards.at(task.shard), apply_atom_v, to_group(*entries));
}

void perform(log_pointer self, CollectionId id, log_state::collection& collection,
             const ApplyActions& actions) {
  for (const auto& send : actions.send)
    self->send(collection.shards.at(send.shard), apply_atom_v, to_group(send.entries));
  for (const auto& task : actions.catch_up) lead(self, id, collection, task);
  if (actions.cut != 0) {
    // Before any writer hears: whoever searches after his answer must find this cut.
    for (const auto& listener : self->state.listeners)
      self->send(listener, cut_atom_v, cut_moved{id, actions.cut});
  }
  for (const auto seq : actions.settled) {
    const auto writer = self->state.unapplied.find(seq);
    if (writer == self->state.unapplied.end()) continue;
    const auto& touches = writer->second.touches;
    settle(self, seq, std::all_of(touches.begin(), touches.end(), [&](ShardId shard) {
             return collection.queue.level(shard);
           }));
  }
}

/// Tells the queue of a collection what happened and does what it then asks for.
template <class Event>
void step(log_pointer self, CollectionId id, Event&& event) {
  const auto found = self->state.collections.find(id);
  if (found == self->state.collections.end()) return;
  perform(self, id, found->second, event(found->second));
}

void apply_to_catalog(log_pointer self, const Entry& entry, log_state::reply_promise promise) {
  const auto seq = entry.seq;
  self->state.floor.catalog_begun(seq);
  self->request(self->state.supervisor, kCatalogTimeout, catalog_atom_v, catalog_change{entry})
      .then(
          [=](CollectionId id) mutable {
            self->state.floor.catalog_done(seq);
            promise.deliver(append_reply{seq, true, 0, id});
          },
          [=](caf::error& error) mutable {
            // A refusal (a name that is taken) is an answer, too: the entry has been dealt with.
            self->state.floor.catalog_done(seq);
            promise.deliver(std::move(error));
          });
}

void committed(log_pointer self, const Entry& entry) {
  auto& state = self->state;
  auto ticket = state.uncommitted.extract(entry.ticket);
  const bool for_shards = entry.collection.value != 0 && entry.kind != EntryKind::kDropCollection;
  if (for_shards) state.floor.written(entry.collection, entry.seq);
  if (is_catalog(entry.kind))
    apply_to_catalog(self, entry, ticket ? ticket.mapped().promise : log_state::reply_promise{});
  if (!for_shards) return;
  if (!is_catalog(entry.kind) && ticket) {
    if (!state.collections.contains(entry.collection)) {
      ticket.mapped().promise.deliver(
          to_caf(Error{ErrorCode::kNotFound, "the collection was dropped meanwhile"}));
      return;
    }
    state.unapplied[entry.seq] = std::move(ticket.mapped());
  }
  step(self, entry.collection, [&](auto& collection) { return collection.queue.committed(entry); });
}

caf::result<append_reply> append(log_pointer self, const append_request& request) {
  auto& state = self->state;
  const auto found = state.collections.find(request.collection);
  if (found != state.collections.end() &&
      found->second.queue.waiting_bytes() > state.queue_bytes_max) {
    return to_caf(Error{ErrorCode::kOverloaded,
                        fmt::format("{} bytes of writes wait to be applied, at most {}",
                                    found->second.queue.waiting_bytes(), state.queue_bytes_max)});
  }
  const auto ticket = state.next_ticket++;
  auto promise = self->make_response_promise<append_reply>();
  state.uncommitted[ticket] = {promise, request.touches, request.deadline, 0};
  state.log->append({request.collection, request.kind, *request.bytes, ticket});
  return promise;
}

void opened(log_pointer self, const collection_opened& x) {
  auto& state = self->state;
  if (state.collections.contains(x.collection)) return;
  const auto last = state.log->last_seq_of(x.collection);
  state.floor.written(x.collection, last);
  for (std::uint32_t i = 0; i < x.settings.shards; ++i) state.floor.saved(x.collection, {i}, 0);
  state.collections.emplace(
      x.collection, log_state::collection{replication::ApplyQueue(x.settings.shards, last), {}});
}

void dropped(log_pointer self, CollectionId id) {
  self->state.collections.erase(id);
  self->state.floor.dropped(id);
}

void shard_up(log_pointer self, const shard_key& key, Seq applied, const shard_actor& shard) {
  if (applied > self->state.log->last_seq()) {
    throw Failure(ErrorCode::kCorruptData,
                  fmt::format("the log ends at seq {} but a shard of collection {} has applied {}: "
                              "log.db has lost entries",
                              self->state.log->last_seq(), key.collection.value, applied));
  }
  step(self, key.collection, [&](auto& collection) {
    collection.shards[key.shard] = shard;
    return collection.queue.shard_up(key.shard, applied);
  });
}

void shard_down(log_pointer self, const shard_lost& x) {
  step(self, x.key.collection, [&](auto& collection) {
    collection.shards.erase(x.key.shard);
    return collection.queue.shard_down(x.key.shard);
  });
}

void applied(log_pointer self, const applied_group& x) {
  for (const auto& deleted : x.deleted) {
    const auto writer = self->state.unapplied.find(deleted.seq);
    if (writer != self->state.unapplied.end()) writer->second.deleted += deleted.documents;
  }
  step(self, x.key.collection,
       [&](auto& collection) { return collection.queue.applied(x.key.shard, x.seq); });
}

void tick(log_pointer self) {
  auto& state = self->state;
  const auto now = std::chrono::steady_clock::now();
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
  self->delayed_send(self, kLogTick, tick_atom_v);
}

void refused(log_pointer self, const refusal& x) {
  if (auto ticket = self->state.uncommitted.extract(x.ticket))
    ticket.mapped().promise.deliver(to_caf(x.error));
}

void saved(log_pointer self, const checkpoint_report& x) {
  self->state.floor.saved(x.key.collection, x.key.shard, x.durable);
  self->state.log->truncate(self->state.floor.floor(self->state.log->last_seq()));
}

log_status status(log_pointer self) {
  log_status status;
  for (const auto& [id, collection] : self->state.collections) {
    for (const auto shard : collection.queue.not_level()) status.not_level.push_back({id, shard});
  }
  return status;
}

}  // namespace

log_actor::behavior_type log_bridge(log_pointer self, std::shared_ptr<replication::Log> the_log,
                                    std::uint64_t queue_bytes_max) {
  die_with_reason(self);
  self->state.log = std::move(the_log);
  self->state.queue_bytes_max = queue_bytes_max;
  self->delayed_send(self, kLogTick, tick_atom_v);
  return {
      [=](append_atom, const append_request& request) { return append(self, request); },
      [=](status_atom) { return status(self); },
      [=](start_atom, const supervisor_actor& supervisor) {
        self->state.supervisor = supervisor;
        const auto me = caf::actor_cast<caf::actor>(self);
        self->state.log->start(
            {[me](const Entry& entry) { caf::anon_send(me, committed_atom_v, entry); },
             [me](auto ticket, const Error& error) {
               caf::anon_send(me, refused_atom_v, refusal{ticket, error});
             }});
      },
      [=](listen_atom, const route_listener& listener) {
        self->state.listeners.push_back(listener);
      },
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
      [=](tick_atom) { tick(self); },
  };
}

}  // namespace mosaic::actors
