#include "actors/supervisor.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "actors/exceptions.hpp"
#include "actors/shard_files.hpp"
#include "actors/shard_places.hpp"
#include "actors/shard_reports.hpp"
#include "base/log.hpp"
#include "storage/restored_files.hpp"

namespace mosaic::actors {
namespace {

using storage::CollectionRecord;

constexpr std::chrono::milliseconds kLeavePause{1'000};

template <class... Message>
void tell_listeners(supervisor_pointer self, const Message&... message) {
  for (const auto& listener : self->state.listeners) self->send(listener, message...);
}

void set_state(supervisor_state::child& child, ShardState state) {
  child.state = state;
  child.fresh = child.fresh && state == ShardState::kStarting;
  child.meter->state = state;
  child.meter->missed = is_missed(child);
}

/// How the catalog knows the shard, once files that were restored here are in their place.
storage::ShardRecord known_shard(supervisor_pointer self, const CollectionRecord& record,
                                 ShardId shard) {
  auto& config = self->state.config;
  const auto known = config.catalog->shard(record.id, shard);
  if (record.token.empty() || known.made) return known;
  const auto taken =
      to_result([&] { storage::take_restored_files(*config.folder, *config.catalog, record); });
  if (!taken) {
    log::error("the files that collection '{}' was made of cannot be taken over: {}",
               record.settings.name, taken.error().detail);
  }
  return config.catalog->shard(record.id, shard);
}

/// It is started when its file is here.
void fetch_child(supervisor_pointer self, const CollectionRecord& record, ShardId shard) {
  auto& state = self->state;
  const shard_key key{record.id, shard};
  auto& child = state.children[key];
  child.meter = state.config.metrics->shards.meter(key.collection, record.settings.name, shard);
  set_state(child, ShardState::kStarting);
  child.fetcher = fetch_shard(self, record, shard);
  self->monitor(child.fetcher);
  state.by_address[child.fetcher.address()] = key;
}

void start_child(supervisor_pointer self, const shard_key& key) {
  auto& state = self->state;
  const auto& record = state.config.catalog->collections().at(key.collection);
  const auto known = known_shard(self, record, key.shard);
  if (must_be_fetched(state, record, key.shard, known.made))
    return fetch_child(self, record, key.shard);
  auto config = state.config.shards;
  config.key = key;
  config.supervisor = self;
  config.log = state.log;
  config.options = {state.config.folder->shard(key.collection, record.settings.name, key.shard),
                    {key.collection, key.shard, record.settings.shards, record.settings.dimension,
                     is_by_centroid(record.settings), record.origin.space},
                    record.settings.metric,
                    record.settings.indexed,
                    known.made || !record.token.empty(),  // whose files are never made anew
                    known.durable,
                    record.settings.index,
                    record.settings.quantization,
                    record.settings.retention_s};
  auto& child = state.children[key];
  child.meter = state.config.metrics->shards.meter(key.collection, record.settings.name, key.shard);
  config.meter = child.meter;
  set_state(child, ShardState::kStarting);
  child.actor = state.config.start_shard(self, std::move(config));
  self->monitor(child.actor);
  state.by_address[child.actor.address()] = key;
  self->send(child.actor, start_atom_v);
}

void open_shard(supervisor_pointer self, const CollectionRecord& record, ShardId shard,
                bool fresh) {
  auto& state = self->state;
  const shard_key key{record.id, shard};
  auto& child = state.children[key];
  child.policy = cluster::RestartPolicy(state.config.restarts);
  child.fresh = fresh;
  child.coming = is_coming(state, record, shard);
  if (!is_leaving(state, file_of(state, record, shard))) return start_child(self, key);
  child.meter = state.config.metrics->shards.meter(record.id, record.settings.name, shard);
  set_state(child, ShardState::kStarting);
  self->delayed_send(self, kFetchAgainPause, restart_atom_v, key);
}

bool all_settled(const supervisor_state& state, CollectionId id) {
  return std::none_of(state.children.begin(), state.children.end(), [&](const auto& entry) {
    return entry.first.collection == id && entry.second.state == ShardState::kStarting;
  });
}

/// A new collection is answered for when each of its shards serves, or has failed and is being
/// tried again.
void answer_creations(supervisor_pointer self) {
  std::erase_if(self->state.creations, [&](auto& creation) {
    if (!all_settled(self->state, creation.collection)) return false;
    creation.promise.deliver(catalog_changed{creation.collection, creation.collection.value});
    return true;
  });
}

void shard_up(supervisor_pointer self, const shard_key& key, Seq applied, const shard_actor& shard,
              const std::vector<searcher_actor>& searchers) {
  auto& state = self->state;
  const auto found = state.children.find(key);
  if (found == state.children.end() || found->second.actor != shard)
    return;  // dropped or replaced meanwhile
  auto known = state.config.catalog->shard(key.collection, key.shard);
  if (!known.made) {
    known.made = true;
    state.config.catalog->set_shard(key.collection, key.shard, known);
  }
  set_state(found->second, ShardState::kUp);
  found->second.error = {};
  found->second.searchers = searchers;
  tell_listeners(self, up_atom_v, key, searchers);
  self->send(state.log, checkpoint_atom_v, checkpoint_report{key, known.durable, applied});
  self->send(state.log, up_atom_v, key, applied, shard);
  answer_creations(self);
}

void quit_when_alone(supervisor_pointer self) {
  if (self->state.by_address.empty()) self->quit(caf::exit_reason::user_shutdown);
}

/// Fetched files are no crashes of the shard: they are tried for steadily.
cluster::RestartDecision next_try(supervisor_pointer self, supervisor_state::child& child,
                                  bool fetching) {
  child.crashed = !fetching && !std::exchange(child.sent_away, false);
  if (fetching) return {kFetchAgainPause, false};
  return child.crashed ? child.policy.crashed(self->clock().now())
                       : cluster::RestartDecision{std::chrono::milliseconds(0), false};
}

void shard_down(supervisor_pointer self, const caf::down_msg& down) {
  auto& state = self->state;
  if (const auto left = state.leaving.extract(down.source)) return remove_file(left.mapped());
  const auto address = state.by_address.find(down.source);
  if (address == state.by_address.end()) return;
  const auto key = address->second;
  state.by_address.erase(address);
  auto& child = state.children.at(key);
  const bool fetching = std::exchange(child.fetcher, nullptr) != nullptr;
  child.actor = nullptr;
  child.searchers.clear();
  if (state.stopping) return quit_when_alone(self);
  if (fetching && !down.reason) {
    state.config.catalog->set_shard(key.collection, key.shard, {true, 0});
    return start_child(self, key);
  }
  const auto decision = next_try(self, child, fetching);
  child.error = from_caf(down.reason);
  set_state(child, decision.parked ? ShardState::kParked : ShardState::kDown);
  log::write(fetching ? log::Level::kInfo : log::Level::kError,
             fmt::format("shard {} of collection {} is {}: {}; next try in {} ms", key.shard.value,
                         key.collection.value, to_string(child.state), child.error.detail,
                         decision.after.count()));
  const shard_lost lost{key, child.state, child.error};
  tell_listeners(self, lost_atom_v, lost);
  self->send(state.log, lost_atom_v, lost);
  answer_creations(self);
  self->delayed_send(self, decision.after, restart_atom_v, key);
}

void restart(supervisor_pointer self, const shard_key& key) {
  if (self->state.stopping) return;
  const auto child = self->state.children.find(key);
  if (child == self->state.children.end() || child->second.actor || child->second.fetcher) return;
  const auto& record = self->state.config.catalog->collections().at(key.collection);
  if (is_leaving(self->state, file_of(self->state, record, key.shard)))
    return self->delayed_send(self, kFetchAgainPause, restart_atom_v, key);
  if (child->second.crashed) {
    ++child->second.meter->restarts;
    self->state.config.metrics->parts.restarted("shard");
  }
  start_child(self, key);
}

/// Nobody hears of its end.
template <class Handle>
void end_child(supervisor_pointer self, const Handle& child) {
  self->state.by_address.erase(child.address());
  self->send_exit(child, caf::exit_reason::kill);
}

void drop_children(supervisor_pointer self, const CollectionRecord& record) {
  auto& state = self->state;
  self->send(state.log, dropped_atom_v, record.id);
  if (state.membership) self->send(state.membership, dropped_atom_v, record.id);
  tell_listeners(self, dropped_atom_v, record.id);
  for (std::uint32_t i = 0; i < record.settings.shards; ++i) {
    const auto child = state.children.find({record.id, {i}});
    if (child == state.children.end()) continue;
    if (const auto& actor = child->second.actor) end_child(self, actor);
    if (const auto& fetcher = child->second.fetcher) end_child(self, fetcher);
    state.children.erase(child);
  }
  state.config.metrics->shards.drop(record.id);
  remove_snapshots(state.config.folder->snapshots(record.id, record.settings.name));
  begin_removal(self, record);
}

void tell_changed(supervisor_pointer self, const CollectionRecord& record) {
  const auto changed = as_told(self->state, record);
  self->send(self->state.log, opened_atom_v, changed);
  tell_listeners(self, opened_atom_v, changed);
  tell_places(self, record);
}

/// The shard lives on other nodes alone from now on, and its file goes.
void let_go(supervisor_pointer self, const CollectionRecord& record, ShardId shard) {
  auto& state = self->state;
  const auto child = state.children.find({record.id, shard});
  if (child == state.children.end()) return;
  log::info("shard {} of collection '{}' leaves this node", shard.value, record.settings.name);
  forget_file(self, record, shard);
  const auto file = file_of(state, record, shard);
  if (const auto& actor = child->second.actor) {
    state.by_address.erase(actor.address());
    state.leaving[actor.address()] = file;
    self->send_exit(actor, caf::exit_reason::user_shutdown);
  } else {
    if (const auto& fetcher = child->second.fetcher) end_child(self, fetcher);
    remove_file(file);
  }
  state.config.metrics->shards.drop(record.id, shard);
  state.children.erase(child);
}

/// Ends it, for it to be started again as one that has just come.
void begin_anew(supervisor_pointer self, supervisor_state::child& child, const char* reason) {
  if (!child.actor) return;
  child.sent_away = true;
  self->send_exit(child.actor, to_caf(Error{ErrorCode::kUnavailable, reason}));
}

/// The catalog may say otherwise by now where a shard lives.
void follow_replicas(supervisor_pointer self, const CollectionRecord& record, ShardId shard) {
  const shard_key key{record.id, shard};
  const bool lives = lives_here(self->state, record, shard);
  const auto running = self->state.children.find(key);
  if (running == self->state.children.end())
    return lives ? open_shard(self, record, shard, false) : void();
  auto& child = running->second;
  const Seq leaves = lives ? 0 : record.replicas->at(shard.value).seq;
  child.coming = is_coming(self->state, record, shard);
  child.meter->missed = is_missed(child);
  if (std::exchange(child.leaves, leaves) == leaves) return;
  if (!lives) return self->delayed_send(self, kLeavePause, replicas_atom_v, key, leaves);
  // Nobody knows of it any more.
  if (std::exchange(child.left, false)) begin_anew(self, child, "the shard lives here again");
}

/// Runs the shards of a collection that live here. Those that do no more are asked by no other
/// node from now on, a moment later by this one neither, and end after one more: searches go on
/// throughout, and none meets a shard that ends.
void follow_replicas(supervisor_pointer self, const CollectionRecord& record) {
  for (std::uint32_t i = 0; i < record.settings.shards; ++i) follow_replicas(self, record, {i});
  tell_changed(self, record);
}

/// What was leaving when the node ended goes on leaving.
void open_collection(supervisor_pointer self, const CollectionRecord& record, bool fresh = false) {
  for (std::uint32_t i = 0; i < record.settings.shards; ++i) {
    if (lives_here(self->state, record, {i})) {
      open_shard(self, record, {i}, fresh);
    } else if (self->state.config.catalog->shard(record.id, {i}).made) {
      open_shard(self, record, {i}, fresh);
      follow_replicas(self, record, {i});
    } else {
      remove_file(file_of(self->state, record, {i}));
    }
  }
  const auto opened = as_told(self->state, record, fresh);
  self->send(self->state.log, opened_atom_v, opened);
  tell_listeners(self, opened_atom_v, opened);
}

/// `since`: another entry may have brought it back. `elsewhere`: another node has it by now.
void leave_if(supervisor_pointer self, const shard_key& key, Seq since, bool elsewhere) {
  auto& state = self->state;
  const auto child = state.children.find(key);
  if (state.stopping || child == state.children.end() || child->second.leaves != since) return;
  const auto& record = state.config.catalog->collections().at(key.collection);
  if (child->second.left) return let_go(self, record, key.shard);
  child->second.left = elsewhere;
  if (elsewhere) tell_changed(self, record);
  self->delayed_send(self, kLeavePause, replicas_atom_v, key, since);
}

/// The log may say that others have it while they have fallen behind what the log still knows: the
/// last copy goes only when one of them has seen that entry, and has all of the shard.
void leave(supervisor_pointer self, const shard_key& key, Seq since) {
  const auto stay = [=] { leave_if(self, key, since, false); };
  if (!self->state.membership) return stay();
  self->request(self->state.membership, kLeavePause, replicas_atom_v, key, since)
      .then([=](bool elsewhere) { leave_if(self, key, since, elsewhere); },
            [=](const caf::error&) { stay(); });
}

caf::result<catalog_changed> apply_catalog(supervisor_pointer self,
                                           const replication::Entry& entry) {
  auto& state = self->state;
  auto& catalog = *state.config.catalog;
  // No shard begins any more: it is applied at the next start.
  if (state.stopping) return to_caf(Error{ErrorCode::kUnavailable, "the node is ending"});
  // A log that was started again hands out once more what it still holds.
  if (entry.seq <= catalog.applied_seq()) return catalog_changed{entry.collection, entry.seq};
  if (const auto before = catalog.applied(entry.request, entry.time_ms))
    return catalog_changed{{before->outcome}, before->seq};
  const auto replaced = replaced_by(catalog, entry);
  const auto applied = to_result([&] {
    return catalog.apply(entry.seq, entry.kind, entry.collection, *entry.bytes,
                         {entry.time_ms, entry.request});
  });
  if (!applied) return to_caf(applied.error());
  const auto& record = *applied;
  if (!record) return to_caf(record.error());
  if (is_about_nodes(entry.kind)) {
    tell_nodes(self);
    for (const auto& [id, each] : catalog.collections()) follow_replicas(self, each);
  }
  if (is_about_nodes(entry.kind) || entry.kind == EntryKind::kRemember)
    return catalog_changed{{}, entry.seq};
  if (entry.kind == EntryKind::kSetReplicas) {
    follow_replicas(self, *record);
  } else if (entry.kind == EntryKind::kDropCollection) {
    drop_children(self, *record);
  } else if (entry.kind != EntryKind::kCreateCollection) {
    if (entry.kind == EntryKind::kDropSnapshot) {
      remove_snapshots(state.config.folder->snapshot(record->id, record->settings.name,
                                                     or_throw(decode_snapshot_name(*entry.bytes))));
    }
    tell_changed(self, *record);
  } else if (record->id.value == entry.seq) {
    const sure_promise<catalog_changed> promise(self);
    open_collection(self, *record, true);
    tell_places(self, *record);
    // Afterwards: nobody finds neither of them.
    if (replaced) drop_children(self, *replaced);
    state.creations.push_back({promise, record->id});
    answer_creations(self);  // It may have no shard here.
    return promise;
  }
  return catalog_changed{record->id, entry.seq};
}

/// What the catalog entry that was written for a request did.
caf::result<catalog_changed> recall(supervisor_pointer self, const RequestId& request) {
  const auto& config = self->state.config;
  const auto before = to_result([&] { return config.catalog->applied(request, config.wall_ms()); });
  if (!before) return to_caf(before.error());
  if (!*before) return to_caf(Error{ErrorCode::kNotFound, "nothing was written for the request"});
  return catalog_changed{{(*before)->outcome}, (*before)->seq};
}

/// The catalog knows how far the log may forget before it does: one that is an older copy is
/// noticed.
void note_floor(supervisor_pointer self, Seq floor) {
  self->state.config.catalog->set_log_floor(floor);
  self->send(self->state.log, floor_atom_v, floor);
}

/// Everything that a listener has missed.
void introduce(supervisor_pointer self, const route_listener& listener) {
  for (const auto& [id, record] : self->state.config.catalog->collections())
    self->send(listener, opened_atom_v, as_told(self->state, record));
  for (const auto& [key, child] : self->state.children) {
    if (child.state == ShardState::kUp) {
      self->send(listener, up_atom_v, key, child.searchers);
    } else {
      self->send(listener, lost_atom_v, shard_lost{key, child.state, child.error});
    }
  }
  self->send(listener, introduced_atom_v);
}

void take_log(supervisor_pointer self, const log_actor& log) {
  auto& state = self->state;
  const bool first = !state.log;
  if (!log || state.log == log) return;
  state.log = log;
  for (const auto& [id, record] : state.config.catalog->collections()) {
    if (first) {
      open_collection(self, record);
    } else {
      self->send(log, opened_atom_v, as_told(state, record));
    }
  }
  self->send(log, introduced_atom_v);
  if (first) return;
  for (auto& [key, child] : state.children) begin_anew(self, child, "the log was started again");
}

void take_parts(supervisor_pointer self, const node_parts& parts) {
  auto& known = self->state.listeners;
  for (const auto& listener : parts.listeners) {
    if (std::find(known.begin(), known.end(), listener) == known.end()) introduce(self, listener);
  }
  known = parts.listeners;
  if (std::exchange(self->state.membership, parts.membership) != parts.membership) {
    for (const auto& [id, record] : self->state.config.catalog->collections())
      tell_places(self, record);
    tell_nodes(self);
  }
  take_log(self, parts.log);
}

/// Faults of the shards come this way, too.
caf::result<void> inject(supervisor_pointer self, const FaultRequest& fault) {
  auto& state = self->state;
  if (fault.part == "supervisor") {
    state.faults.inject(fault);
    return caf::unit;
  }
  const auto* record = state.config.catalog->find(fault.collection);
  const auto child =
      record == nullptr ? state.children.end() : state.children.find({record->id, fault.shard});
  if (child == state.children.end() || !child->second.actor) {
    return to_caf(
        Error{ErrorCode::kNotFound, fmt::format("collection '{}' has no shard {} that runs",
                                                fault.collection, fault.shard.value)});
  }
  if (fault.part == "shard" || fault.part == "indexer")
    self->send(child->second.actor, fault_atom_v, fault);
  if (fault.part == "searcher") {
    for (const auto& searcher : child->second.searchers) self->send(searcher, fault_atom_v, fault);
  }
  return caf::unit;
}

/// Children first: each saves what it has.
void stop(supervisor_pointer self) {
  self->state.stopping = true;
  for (auto& [key, child] : self->state.children) {
    if (child.actor) self->send_exit(child.actor, caf::exit_reason::user_shutdown);
    if (child.fetcher) self->send_exit(child.fetcher, caf::exit_reason::user_shutdown);
  }
  quit_when_alone(self);
}

}  // namespace

supervisor_actor::behavior_type shard_supervisor(supervisor_pointer self,
                                                 supervisor_config config) {
  die_with_reason(self);
  self->state.config = std::move(config);
  self->state.started = std::chrono::steady_clock::now();
  self->set_down_handler([=](caf::down_msg& down) { shard_down(self, down); });
  self->set_exit_handler([=](caf::exit_msg& message) {
    if (message.reason == caf::exit_reason::user_shutdown) return stop(self);
    self->quit(std::move(message.reason));
  });
  return {
      [=](parts_atom, const node_parts_ptr& parts) { take_parts(self, *parts); },
      [=](catalog_atom, const catalog_change& change) { return apply_catalog(self, change.entry); },
      [=](recall_atom, const RequestId& request) { return recall(self, request); },
      [=](health_atom) { return health(self); },
      [=](report_atom) { return report(self); },
      [=](read_atom, const shard_key& key) { return searcher_of(self->state, key); },
      [=](up_atom, const shard_key& key, Seq applied, const shard_actor& shard,
          const std::vector<searcher_actor>& searchers) {
        shard_up(self, key, applied, shard, searchers);
      },
      [=](checkpoint_atom, const checkpoint_report& report) { note_saved(self, report); },
      [=](floor_atom, Seq floor) { note_floor(self, floor); },
      [=](restart_atom, const shard_key& key) { restart(self, key); },
      [=](dropped_atom, CollectionId id) { remove_folder(self, id); },
      [=](replicas_atom, const shard_key& key, Seq since) { leave(self, key, since); },
      [=](fault_atom, const FaultRequest& fault) { return inject(self, fault); },
  };
}

}  // namespace mosaic::actors
