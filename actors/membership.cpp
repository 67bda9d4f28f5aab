#include "actors/membership.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "actors/exceptions.hpp"
#include "actors/leader_calls.hpp"
#include "actors/peer_files.hpp"
#include "actors/placing.hpp"
#include "actors/taking_part.hpp"

namespace mosaic::actors {
namespace {

constexpr std::chrono::seconds kAskTimeout{5};
constexpr std::chrono::seconds kAppendTimeout{10};
constexpr std::chrono::seconds kJobTimeout{30};
/// How long a change of the catalog may wait for nodes that are slow.
constexpr std::chrono::milliseconds kSpreadMax{1'500};
/// Copies of files, and object stores: as long as they take.
constexpr std::chrono::hours kFilesTimeout{48};

const Error kRemoved{ErrorCode::kNotFound, "the node has been removed from its cluster"};

bool is_forgotten(const membership_state& state, std::uint64_t id) {
  return std::find(state.forgotten.begin(), state.forgotten.end(), id) != state.forgotten.end();
}

void nodes_are(membership_pointer self, const nodes_changed& changed) {
  auto& state = self->state;
  state.nodes.clear();
  for (const auto& node : changed.nodes) state.nodes[node.id] = node;
  state.forgotten = changed.forgotten;
  state.leaving = changed.leaving;
  follow_nodes(self);
  if (is_forgotten(state, state.config.self.id)) return state.config.on_removed(kRemoved);
  take_next_step(self);
  place_next(self);
}

// What the parts of this node ask.

cluster::NodeView own_view(membership_pointer self) {
  const auto& state = self->state;
  cluster::NodeView view;
  view.record = state.config.self;
  view.reached = true;
  view.level = state.own.level;
  view.seq = standing(self).last;
  for (const auto& shard : state.own.shards)
    view.shards.push_back({shard.collection, shard.key.shard, shard.state, shard.seq});
  return view;
}

std::vector<cluster::ShardView> shard_views(const membership_state& state) {
  std::vector<cluster::ShardView> views;
  for (const auto& [id, collection] : state.places) {
    for (std::uint32_t i = 0; i < collection.replicas->size(); ++i) {
      auto& view = views.emplace_back(cluster::ShardView{collection.name, {i}, {}});
      for (const auto& replica : collection.replicas->at(i).replicas)
        view.nodes.push_back(replica.node);
    }
  }
  return views;
}

ClusterStatus status(membership_pointer self) {
  const auto& state = self->state;
  const auto at = standing(self);
  std::vector<cluster::NodeView> views{own_view(self)};
  for (const auto& [id, peer] : state.peers) {
    cluster::NodeView view;
    view.record = peer.record;
    view.reached = is_reached(state, peer, self->clock().now());
    view.level = peer.report.level;
    view.seq = peer.report.seq;
    for (const auto& shard : peer.report.shards)
      view.shards.push_back({shard.collection, shard.key.shard, shard.state, shard.seq});
    views.push_back(std::move(view));
  }
  for (auto& view : views) {
    const auto member = std::find_if(at.members.begin(), at.members.end(),
                                     [&](const auto& m) { return m.id == view.record.id; });
    view.takes_part = member != at.members.end();
    view.votes = view.takes_part && member->votes;
    view.leaves = std::find(state.leaving.begin(), state.leaving.end(), view.record.id) !=
                  state.leaving.end();
  }
  return cluster::describe(views, shard_views(state), {at.leader, at.term, at.last});
}

/// Long work is done by the node that leads. Whoever asks may have come from another node already:
/// then that one was wrong, and is told so.
template <class Reply, class Atom, class... Request>
caf::result<Reply> ask_about_jobs(membership_pointer self, std::chrono::nanoseconds timeout,
                                  Atom what, const Request&... request) {
  auto& state = self->state;
  const auto at = standing(self);
  if (at.leads() && state.parts) return self->delegate(state.parts->jobs, what, request...);
  const auto& sender = self->current_sender();
  if (sender && sender->node() != self->node()) return to_caf(not_leading(state, at));
  const sure_promise<Reply> promise(self);
  pass_to_leader(self, timeout, promise, what, request...);
  return promise;
}

/// The handler of one kind of such a request.
template <class Reply, class Atom, class... Request>
auto by_leader_of_jobs(membership_pointer self, std::chrono::nanoseconds timeout) {
  return [=](Atom what, const Request&... request) {
    return ask_about_jobs<Reply>(self, timeout, what, request...);
  };
}

/// How the shards of this node fare; `then` is called in any case.
void look_at_shards(membership_pointer self, std::function<void()> then) {
  if (!self->state.parts) return then();
  self->request(self->state.parts->supervisor, kAskTimeout, report_atom_v)
      .then(
          [=](node_report& report) {
            report.node = self->state.config.self;
            report.seq = standing(self).last;
            self->state.own = std::move(report);
            then();
          },
          [=](const caf::error&) {
            self->state.own.level = false;
            then();
          });
}

caf::result<ClusterStatus> tell_status(membership_pointer self) {
  const sure_promise<ClusterStatus> promise(self);
  look_at_shards(self, [=]() mutable { promise.deliver(status(self)); });
  return promise;
}

/// When this node knows of all that the leader has done until now; or cannot learn it, as one that
/// was just removed.
void when_caught_up(membership_pointer self, const std::function<void()>& then) {
  const auto lost = [=](const caf::error&) { then(); };
  self->request(membership_actor(self), kAskTimeout, leader_atom_v, barrier_atom_v)
      .then(
          [=](Seq seq) {
            self->request(membership_actor(self), kAskTimeout, reach_atom_v, seq)
                .then([=](Seq) { then(); }, lost);
          },
          lost);
}

/// Done by the leader, wherever it is; answered with the cluster as it is then.
template <class Atom>
caf::result<ClusterStatus> by_leader(membership_pointer self, Atom what, const std::string& name) {
  const sure_promise<ClusterStatus> promise(self);
  const auto show = [=] { look_at_shards(self, [=]() mutable { promise.deliver(status(self)); }); };
  const std::function<void(Result<leader_reply>)> done = [=](const Result<leader_reply>& reply) {
    reply ? when_caught_up(self, show) : refuse(promise, reply.error());
  };
  const auto at = standing(self);
  const auto leader = self->state.peers.find(at.leader);
  if (at.leads()) {
    self->request(peer_actor(self), kAppendTimeout, what, name)
        .then([=](const leader_reply& reply) { done(reply); },
              [=](caf::error& error) { done(from_caf(error)); });
  } else if (leader != self->state.peers.end() && leader->second.actor) {
    ask_peer(self, leader->second, kAppendTimeout, done, what, name);
  } else {
    refuse(promise, not_leading(self->state, at));
  }
  return promise;
}

/// The catalog of this node comes to `seq`.
caf::result<Seq> reach_seq(membership_pointer self, Seq seq) {
  if (!self->state.parts) return to_caf(not_leading(self->state, standing(self)));
  return self->delegate(
      self->state.parts->log, reach_atom_v,
      reach_request{{}, seq, false, Deadline::in(self->clock().now(), kSpreadMax)});
}

/// Answers when every node that is reached knows of all collections what was known at `seq`, or
/// kSpreadMax has passed: whoever made a collection here finds it there.
caf::result<Seq> spread(membership_pointer self, Seq seq) {
  const sure_promise<Seq> promise(self);
  const auto now = self->clock().now();
  auto pending = std::make_shared<std::size_t>(1);
  const std::function<void()> heard = [=] {
    if (--*pending == 0) promise.deliver(seq);
  };
  for (const auto& [id, peer] : self->state.peers) {
    if (!is_reached(self->state, peer, now)) continue;
    ++*pending;
    self->request(peer.actor, kSpreadMax, reach_atom_v, seq)
        .then([=](Seq) { heard(); }, [=](const caf::error&) { heard(); });
  }
  heard();
  return promise;
}

caf::result<leader_reply> append_for(membership_pointer self, forwarded_append& append) {
  if (!self->state.parts) return to_caf(not_leading(self->state, standing(self)));
  return self->delegate(self->state.parts->log, forward_atom_v, std::move(append));
}

caf::result<leader_reply> forward(membership_pointer self, forwarded_append& append) {
  const sure_promise<leader_reply> promise(self);
  const auto left = append.request.deadline.left(self->clock().now());
  pass_to_leader(self, left, promise, forward_atom_v, std::move(append));
  return promise;
}

caf::result<Seq> barrier_of_leader(membership_pointer self) {
  if (standing(self).leads()) return barrier(self);
  const sure_promise<Seq> promise(self);
  pass_to_leader(self, kAskTimeout, promise, barrier_atom_v);
  return promise;
}

/// The log keeps what nodes that are there have not got yet: one that is sent the state instead of
/// entries has to begin anew.
void tell_slowest(membership_pointer self) {
  const auto& state = self->state;
  // Whoever tells of the nodes has told of all shards before.
  if (!state.parts || state.nodes.empty()) return;
  auto slowest = std::numeric_limits<Seq>::max();
  const auto now = self->clock().now();
  for (const auto& [id, peer] : state.peers) {
    if (is_reached(state, peer, now)) slowest = std::min(slowest, peer.report.seq);
  }
  self->send(state.parts->log, nodes_atom_v, slowest, needed_by_shards(self));
}

void tick(membership_pointer self) {
  self->delayed_send(self, kReportInterval, tick_atom_v);
  if (self->state.faults.swallow()) return;
  look_at_shards(self, [=] {
    self->state.config.metrics->cluster.tell(status(self), self->state.config.self.name);
    exchange_reports(self);
    tell_slowest(self);
    tell_record(self, self->state.config.self);
    take_next_step(self);
    place_next(self);
  });
}

/// A shard of this node has got all that it lacked: whoever waits for that hears of it at once.
void report_now(membership_pointer self) {
  look_at_shards(self, [=] {
    exchange_reports(self);
    place_next(self);
  });
}

void places_are(membership_pointer self, const collection_places& places) {
  self->state.places[places.collection] = places;
  place_next(self);
}

void use_parts(membership_pointer self, const node_parts_ptr& parts) {
  auto& state = self->state;
  const bool others = !state.parts || state.parts->replicas != parts->replicas;
  state.parts = parts;
  if (others) introduce_again(self);
}

caf::result<far_replicas_actor> own_replicas(const membership_state& state) {
  if (!state.parts || !state.parts->replicas)
    return to_caf(Error{ErrorCode::kUnavailable, "the node is starting"});
  return far_replicas_actor(state.parts->replicas);
}

/// A node that was removed may not have heard so by the log, which it is cut off from.
caf::result<node_report> report_heard(membership_pointer self, const node_report& report) {
  if (is_forgotten(self->state, report.node.id)) return to_caf(kRemoved);
  const auto peer = self->state.peers.find(report.node.id);
  if (peer == self->state.peers.end()) return self->state.own;
  const auto& before = peer->second.report.shards;
  const bool same =
      std::equal(before.begin(), before.end(), report.shards.begin(), report.shards.end(),
                 [](const auto& a, const auto& b) { return a.fares_like(b); });
  peer->second.report = report;
  peer->second.told = self->clock().now();
  if (!same) place_next(self);
  // It may have moved, and then needs the log to come to it before it can say so there.
  if (self->state.config.addresses)
    self->state.config.addresses->set(report.node.id, report.node.log_address);
  tell_record(self, report.node);
  return self->state.own;
}

}  // namespace

bool says_removed(const Error& error) {
  return error.code == ErrorCode::kNotFound;
}

membership_actor::behavior_type membership(membership_pointer self, membership_config config) {
  die_with_reason(self);
  self->state.config = std::move(config);
  self->state.own.node = self->state.config.self;
  self->set_down_handler([=](caf::down_msg& down) { peer_down(self, down); });
  self->delayed_send(self, kReportInterval, tick_atom_v);
  return {
      by_leader_of_jobs<Job, pagerank_atom, PageRankRequest>(self, kJobTimeout),
      by_leader_of_jobs<Job, train_atom, TrainRequest>(self, kJobTimeout),
      by_leader_of_jobs<Job, reembed_atom, ReembedRequest>(self, kJobTimeout),
      by_leader_of_jobs<jobs_reply, list_atom>(self, kJobTimeout),
      by_leader_of_jobs<Job, read_atom, std::string>(self, kJobTimeout),
      by_leader_of_jobs<Job, cancel_atom, std::string>(self, kJobTimeout),
      by_leader_of_jobs<Job, snapshot_atom, SnapshotRequest>(self, kFilesTimeout),
      by_leader_of_jobs<snapshots_reply, list_atom, std::string>(self, kJobTimeout),
      by_leader_of_jobs<PrunedSnapshots, drop_atom, drop_snapshot_request>(self, kFilesTimeout),
      by_leader_of_jobs<PrunedSnapshots, prune_atom, PruneRequest>(self, kFilesTimeout),
      by_leader_of_jobs<Job, backup_atom, BackupRequest>(self, kFilesTimeout),
      by_leader_of_jobs<backups_reply, list_atom, BackupListRequest>(self, kFilesTimeout),
      by_leader_of_jobs<Job, restore_atom, RestoreRequest>(self, kFilesTimeout),
      [=](hello_atom) { return hello(self); },
      [=](join_atom, const NodeRecord& node) { return join(self, node); },
      [=](report_atom) { report_now(self); },
      [=](report_atom, const node_report& report) { return report_heard(self, report); },
      [=](forward_atom, forwarded_append& append) { return append_for(self, append); },
      [=](barrier_atom) { return barrier(self); },
      [=](reach_atom, Seq seq) { return reach_seq(self, seq); },
      [=](cluster_atom, Seq seq) { return spread(self, seq); },
      [=](forget_atom, const std::string& name) { return forget(self, name); },
      [=](promote_atom, const std::string& name) { return promote(self, name); },
      [=](copy_atom, const copy_request& wanted) { return give_copy(self, wanted); },
      [=](replicas_atom) { return own_replicas(self->state); },
      [=](parts_atom, const node_parts_ptr& parts) { use_parts(self, parts); },
      [=](nodes_atom, const nodes_changed& x) { nodes_are(self, x); },
      [=](address_atom, const std::string& http) { self->state.config.self.http_address = http; },
      [=](address_atom, std::uint64_t node) { reach(self, node); },
      [=](cluster_atom) { return tell_status(self); },
      [=](lost_atom) { return lost_nodes(self); },
      [=](peer_atom, const shard_key& key) { return peer_with(self, key); },
      [=](leader_atom, forward_atom, forwarded_append& append) { return forward(self, append); },
      [=](leader_atom, barrier_atom) { return barrier_of_leader(self); },
      [=](leader_atom, forget_atom, const std::string& name) {
        return by_leader(self, forget_atom_v, name);
      },
      [=](leader_atom, promote_atom, const std::string& name) {
        return by_leader(self, promote_atom_v, name);
      },
      [=](replicas_atom, const collection_places& places) { places_are(self, places); },
      [=](replicas_atom, const shard_key& key, Seq placed) {
        return is_elsewhere(self, key, placed);
      },
      [=](dropped_atom, CollectionId id) { self->state.places.erase(id); },
      [=](ended_atom, const log_answer& answer) { log_answered(self, answer); },
      [=](tick_atom) { tick(self); },
      [=](fault_atom, const FaultRequest& x) { self->state.faults.inject(x); },
  };
}

}  // namespace mosaic::actors
