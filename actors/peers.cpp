#include "actors/peers.hpp"

#include <fmt/format.h>

#include "base/log.hpp"

namespace mosaic::actors {
namespace {

/// The next try comes after a pause.
void reach_later(membership_pointer self, std::uint64_t node) {
  auto& peer = self->state.peers.at(node);
  peer.connecting = true;
  const auto pause = peer.policy.crashed(self->clock().now()).after;
  self->delayed_send(self, pause, address_atom_v, node);
}

/// Tells the replicas of this node who those of another are.
void introduce(membership_pointer self, std::uint64_t node, membership_state::peer& peer) {
  if (peer.introduced || !self->state.parts || !self->state.parts->replicas) return;
  peer.introduced = true;
  const auto epoch = peer.epoch;
  self->request(peer.actor, kPeerSilenceMax, replicas_atom_v)
      .then(
          [=, name = peer.record.name](const far_replicas_actor& replicas) {
            const auto known = self->state.peers.find(node);
            if (known == self->state.peers.end() || known->second.epoch != epoch) return;
            self->send(self->state.parts->replicas, peer_atom_v, node, name, replicas);
          },
          [=](const caf::error&) {
            const auto known = self->state.peers.find(node);
            if (known != self->state.peers.end()) known->second.introduced = false;
          });
}

void connected(membership_pointer self, std::uint64_t node, Result<peer_actor> found) {
  const auto known = self->state.peers.find(node);
  if (known == self->state.peers.end()) return;
  auto& peer = known->second;
  if (!found) {
    log::debug("node '{}' is not reached at {}: {}", peer.record.name, peer.record.cluster_address,
               found.error().detail);
    return reach_later(self, node);
  }
  peer.connecting = false;
  peer.actor = std::move(*found);
  peer.heard = self->clock().now();
  self->monitor(peer.actor);
  log::info("connected to node '{}' at {}", peer.record.name, peer.record.cluster_address);
  introduce(self, node, peer);
}

void reported(membership_pointer self, std::uint64_t node, const node_report& report) {
  const auto known = self->state.peers.find(node);
  if (known == self->state.peers.end()) return;
  known->second.asked = false;
  if (report.node.id != node)
    return peer_lost(self, node, {ErrorCode::kUnavailable, "another node answers there"});
  known->second.heard = self->clock().now();
  known->second.report = report;
  introduce(self, node, known->second);
}

void ask_for_report(membership_pointer self, std::uint64_t node, membership_state::peer& peer) {
  peer.asked = true;
  const auto epoch = peer.epoch;
  self->request(peer.actor, kPeerSilenceMax, report_atom_v, self->state.own)
      .then([=](const node_report& report) { reported(self, node, report); },
            [=](caf::error& error) {
              const auto known = self->state.peers.find(node);
              if (known == self->state.peers.end() || known->second.epoch != epoch) return;
              if (says_removed(from_caf(error)))
                return self->state.config.on_removed(from_caf(error));
              peer_lost(self, node, from_caf(error));
            });
}

}  // namespace

void reach(membership_pointer self, std::uint64_t node) {
  const auto known = self->state.peers.find(node);
  if (known == self->state.peers.end() || known->second.actor) return;
  known->second.connecting = true;
  const auto epoch = ++known->second.epoch;
  self->state.config.connect(self, known->second.record.cluster_address,
                             [=](Result<peer_actor> found) {
                               const auto still = self->state.peers.find(node);
                               if (still == self->state.peers.end() || still->second.epoch != epoch)
                                 return;
                               connected(self, node, std::move(found));
                             });
}

bool is_reached(const membership_state&, const membership_state::peer& peer, TimePoint now) {
  return peer.actor && now - peer.heard < kPeerSilenceMax + kReportInterval;
}

NodeIds lost_nodes(membership_pointer self) {
  const auto now = self->clock().now();
  NodeIds lost;
  for (const auto& [id, peer] : self->state.peers) {
    // One that has just been heard of, or that reaches this node, is about to be reached.
    const bool looked_for = peer.report.node.id == 0 && now - peer.heard < kPeerSilenceMax;
    const bool tells = peer.told && now - *peer.told < kPeerSilenceMax;
    if (!is_reached(self->state, peer, now) && !looked_for && !tells) lost.push_back(id);
  }
  return lost;
}

void follow_nodes(membership_pointer self) {
  auto& state = self->state;
  for (auto known = state.peers.begin(); known != state.peers.end();) {
    const auto node = (known++)->first;
    if (state.nodes.contains(node)) continue;
    peer_lost(self, node, {ErrorCode::kUnavailable, "the node is no longer in the cluster"});
    state.peers.erase(node);
  }
  for (const auto& [id, record] : state.nodes) {
    if (id == state.config.self.id) continue;
    if (state.config.addresses) state.config.addresses->set(id, record.log_address);
    const auto [known, added] = state.peers.try_emplace(id);
    auto& peer = known->second;
    if (added) peer.heard = self->clock().now();
    const bool moved = !peer.record.cluster_address.empty() &&
                       peer.record.cluster_address != record.cluster_address;
    peer.record = record;
    if (moved && peer.actor) peer_lost(self, id, {ErrorCode::kUnavailable, "the node has moved"});
    if (!peer.actor && !peer.connecting) reach(self, id);
  }
}

void introduce_again(membership_pointer self) {
  for (auto& [id, peer] : self->state.peers) {
    peer.introduced = false;
    if (peer.actor) introduce(self, id, peer);
  }
}

void exchange_reports(membership_pointer self) {
  for (auto& [id, peer] : self->state.peers) {
    if (peer.actor && !peer.asked) ask_for_report(self, id, peer);
  }
}

void peer_lost(membership_pointer self, std::uint64_t node, const Error& why) {
  auto& state = self->state;
  const auto known = state.peers.find(node);
  if (known == state.peers.end() || !known->second.actor) return;
  auto& peer = known->second;
  log::warn("node '{}' is lost: {}", peer.record.name, why.detail);
  self->demonitor(peer.actor.address());
  peer.actor = nullptr;
  peer.told.reset();
  peer.asked = false;
  peer.introduced = false;
  ++peer.epoch;
  if (state.parts && state.parts->replicas) self->send(state.parts->replicas, lost_atom_v, node);
  const Error lost{ErrorCode::kUnavailable,
                   fmt::format("node '{}' was lost: {}", peer.record.name, why.detail)};
  std::vector<std::function<void(const Error&)>> left;
  std::erase_if(state.relays, [&](auto& relay) {
    if (relay.second.node != node) return false;
    left.push_back(std::move(relay.second.fail));
    return true;
  });
  for (const auto& fail : left) fail(lost);
  reach_later(self, node);
}

void peer_down(membership_pointer self, const caf::down_msg& down) {
  for (const auto& [id, peer] : self->state.peers) {
    if (peer.actor && peer.actor.address() == down.source)
      return peer_lost(self, id, from_caf(down.reason));
  }
}

}  // namespace mosaic::actors
