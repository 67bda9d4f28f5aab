#include "actors/replicas.hpp"

#include <fmt/format.h>

#include "actors/exceptions.hpp"
#include "actors/far_questions.hpp"
#include "base/log.hpp"

namespace mosaic::actors {
namespace {

constexpr std::chrono::seconds kHelloTimeout{5};

template <class... Message>
void tell_listeners(replicas_pointer self, const Message&... message) {
  for (const auto& listener : self->state.listeners) self->send(listener, message...);
}

/// Some node has the shard.
void found(replicas_pointer self, const shard_key& key) {
  tell_listeners(self, replicas_atom_v, key, caf::actor_cast<far_shards_actor>(self));
}

/// No node has it any more.
void lost(replicas_pointer self, const shard_key& key) {
  self->send(self->state.log, news_atom_v, shard_news{key, false, 0});
  tell_listeners(self, lost_atom_v, key);
}

/// Of those that are left, none will tell what was deleted next: the log is to know of the gap.
void skip_gap(replicas_pointer self, const shard_key& key, replicas_state::far_shard& shard) {
  const auto least =
      std::min_element(shard.nodes.begin(), shard.nodes.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  if (least->second <= shard.newest) return;
  shard.newest = least->second;
  self->send(self->state.log, news_atom_v, shard_news{key, true, shard.newest, {}, true});
}

void forget(replicas_pointer self, const shard_key& key, std::uint64_t node) {
  auto& far = self->state.far;
  const auto known = far.find(key);
  if (known == far.end() || known->second.nodes.erase(node) == 0) return;
  if (!known->second.nodes.empty()) return skip_gap(self, key, known->second);
  lost(self, key);
  far.erase(known);
}

void forget_all(replicas_pointer self, std::uint64_t node, const std::set<shard_key>& but = {}) {
  std::vector<shard_key> keys;
  for (const auto& [key, shard] : self->state.far) {
    if (shard.nodes.contains(node) && !but.contains(key)) keys.push_back(key);
  }
  for (const auto& key : keys) forget(self, key, node);
}

void heard(replicas_pointer self, std::uint64_t node, const shard_news& news) {
  if (!news.level) return forget(self, news.key, node);
  auto& shard = self->state.far[news.key];
  const bool first = shard.nodes.empty();
  // What it deleted before its first word is not known.
  const auto told_from = shard.nodes.try_emplace(node, news.seq).first->second;
  // What it said in between may come after what it said when it was asked.
  auto& seq = shard.nodes.at(node);
  seq = std::max(seq, news.seq);
  if (first) found(self, news.key);
  if (first || told_from <= shard.newest) shard.newest = std::max(shard.newest, news.seq);
  auto forward = news;
  forward.seq = shard.newest;
  self->send(self->state.log, news_atom_v, std::move(forward));
}

/// What it has deleted since it was heard of last is not known.
void heard_anew(replicas_pointer self, std::uint64_t node, const shard_news& news) {
  const auto known = self->state.far.find(news.key);
  if (known == self->state.far.end() || !known->second.nodes.contains(node))
    return heard(self, node, news);
  known->second.nodes[node] = news.seq;
  skip_gap(self, news.key, known->second);
}

void heard_all(replicas_pointer self, const replica_news& news) {
  std::set<shard_key> named;
  for (const auto& shard : news.shards) named.insert(shard.key);
  forget_all(self, news.node, named);
  for (const auto& shard : news.shards) heard_anew(self, news.node, shard);
}

void heard(replicas_pointer self, const replica_news& news) {
  // Of one that was given up, more may be on its way.
  if (!self->state.peers.contains(news.node)) return;
  if (news.all) return heard_all(self, news);
  for (const auto& shard : news.shards) heard(self, news.node, shard);
}

replica_news all_news(const replicas_state& state) {
  replica_news news{state.config.node, true, {}};
  for (const auto& [key, seq] : state.own) news.shards.push_back({key, true, seq});
  return news;
}

void lose_peer(replicas_pointer self, std::uint64_t node) {
  auto& state = self->state;
  const auto gone = state.peers.extract(node);
  if (!gone) return;
  self->demonitor(gone.mapped().actor.address());
  state.outboxes.erase(gone.mapped().actor.address());
  forget_all(self, node);
  ask_others_than(self, node);
}

void greet(replicas_pointer self, std::uint64_t node, const std::string& name,
           const far_replicas_actor& actor) {
  auto& state = self->state;
  if (const auto known = state.peers.find(node); known != state.peers.end()) {
    if (known->second.actor == actor) return;
    lose_peer(self, node);
  }
  state.peers[node] = {name, actor};
  self->monitor(actor);
  self->request(actor, kHelloTimeout, hello_atom_v, state.config.name, all_news(state))
      .then([=](const replica_news& news) { heard(self, news); },
            [=](const caf::error& error) {
              log::debug("node '{}' does not say what it holds: {}", name, from_caf(error).detail);
            });
}

/// Another node has begun to know this one, perhaps anew: it may have lost sight of this node while
/// this node saw it all the time, and then told it nothing.
replica_news greeted(replicas_pointer self, const std::string& name, const replica_news& news) {
  if (const auto actor = caf::actor_cast<far_replicas_actor>(self->current_sender()))
    greet(self, news.node, name, actor);
  heard(self, news);
  return all_news(self->state);
}

/// From the log: how a shard of this node fares.
void tell_others(replicas_pointer self, const shard_news& news) {
  auto& state = self->state;
  if (news.level) {
    state.own[news.key] = news.seq;
  } else if (state.own.erase(news.key) == 0) {
    return;
  }
  for (const auto& [node, peer] : state.peers) outbox_of(self, peer.actor).news.push_back(news);
}

void dropped(replicas_pointer self, CollectionId id) {
  self->state.routes.dropped(id);
  std::vector<shard_key> keys;
  for (const auto& [key, seq] : self->state.own) {
    if (key.collection == id) keys.push_back(key);
  }
  for (const auto& key : keys) tell_others(self, {key, false, 0});
}

void introduce(replicas_pointer self, const route_listener& listener) {
  const auto me = caf::actor_cast<far_shards_actor>(self);
  for (const auto& [key, shard] : self->state.far) self->send(listener, replicas_atom_v, key, me);
}

void take_parts(replicas_pointer self, const node_parts& parts) {
  auto& state = self->state;
  const auto me = self->address();
  std::vector<route_listener> listeners;
  for (const auto& listener : parts.listeners) {
    if (listener.address() == me) continue;
    listeners.push_back(listener);
    const auto& known = state.listeners;
    if (std::find(known.begin(), known.end(), listener) == known.end()) introduce(self, listener);
  }
  state.listeners = std::move(listeners);
  if (std::exchange(state.log, parts.log) == parts.log) return;
  for (const auto& [key, shard] : state.far)
    self->send(state.log, news_atom_v, shard_news{key, true, shard.newest});
}

void peer_down(replicas_pointer self, const caf::down_msg& down) {
  for (const auto& [node, peer] : self->state.peers) {
    if (peer.actor.address() == down.source) return lose_peer(self, node);
  }
}

}  // namespace

replicas_actor::behavior_type replicas(replicas_pointer self, replicas_config config) {
  die_with_reason(self);
  self->state.routes = Routes(config.name);
  self->state.config = std::move(config);
  self->set_down_handler([=](caf::down_msg& down) { peer_down(self, down); });
  return {
      [=](opened_atom, const collection_opened& x) { self->state.routes.opened(x); },
      [=](dropped_atom, CollectionId id) { dropped(self, id); },
      [=](up_atom, const shard_key& key, const std::vector<searcher_actor>& x) {
        self->state.routes.up(key, x);
      },
      [=](lost_atom, const shard_lost& x) { self->state.routes.lost(x); },
      [=](replicas_atom, const shard_key&, const far_shards_actor&) {},
      [=](lost_atom, const shard_key&) {},
      [=](cut_atom, const cut_moved& x) { self->state.routes.cut(x); },
      [=](behind_atom, const shard_key& key, bool is) { self->state.routes.behind(key, is); },
      [=](introduced_atom) { self->state.routes.introduced(); },
      [=](parts_atom, const node_parts_ptr& parts) { take_parts(self, *parts); },
      [=](fault_atom, const FaultRequest& x) { self->state.faults.inject(x); },
      [=](hello_atom, const std::string& name, const replica_news& news) {
        return greeted(self, name, news);
      },
      [=](news_atom, const replica_news& news) { heard(self, news); },
      [=](ask_atom, far_questions& asked) { answer_questions(self, asked); },
      [=](answer_atom, far_answers& told) { take_answers(self, told); },
      [=](peer_atom, std::uint64_t node, const std::string& name, const far_replicas_actor& x) {
        greet(self, node, name, x);
      },
      [=](lost_atom, std::uint64_t node) { lose_peer(self, node); },
      [=](news_atom, const shard_news& news) { tell_others(self, news); },
      [=](ask_atom, far_question& question) { return ask_far(self, question); },
      [=](step_atom) { empty_outboxes(self); },
      [=](tick_atom) { give_up_late(self); },
  };
}

}  // namespace mosaic::actors
