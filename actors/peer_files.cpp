#include "actors/peer_files.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "actors/leader_calls.hpp"

namespace mosaic::actors {
namespace {

/// The log answers at the deadline itself.
constexpr std::chrono::seconds kAnswerLimit = kGiveMax + std::chrono::seconds(2);

using copy_promise = sure_promise<copy_actor, copy_ready>;

bool is_level(const node_report& report, const shard_key& key) {
  return std::any_of(report.shards.begin(), report.shards.end(),
                     [&](const auto& shard) { return shard.key == key && shard.level; });
}

/// The state that the shard keeps for whoever copies it.
void give_kept(membership_pointer self, const copy_request& wanted, copy_promise promise) {
  const auto failed = [=](caf::error& error) mutable { promise.deliver(std::move(error)); };
  const auto kept = [=](const kept_reader_ptr& reader) mutable {
    promise.delegate(self->state.parts->copies, copy_atom_v, reader);
  };
  self->request(self->state.parts->supervisor, kAnswerLimit, read_atom_v, wanted.key)
      .then(
          [=](const searcher_actor& searcher) {
            self->request(searcher, kAnswerLimit, snapshot_atom_v, wanted.snapshot, wanted.since)
                .then(kept, failed);
          },
          failed);
}

/// What the others heard of this node may be old.
void give_if_level(membership_pointer self, const copy_request& wanted, copy_promise promise) {
  self->request(self->state.parts->supervisor, kAnswerLimit, report_atom_v)
      .then(
          [=](const node_report& report) mutable {
            if (is_level(report, wanted.key))
              return promise.delegate(self->state.parts->copies, copy_atom_v, wanted);
            refuse(promise, {ErrorCode::kUnavailable, "the shard is lacking here, too"});
          },
          [=](caf::error& error) mutable { promise.deliver(std::move(error)); });
}

}  // namespace

caf::result<peer_actor> peer_with(membership_pointer self, const shard_key& key) {
  const auto now = self->clock().now();
  for (const auto& [id, peer] : self->state.peers) {
    if (is_reached(self->state, peer, now) && is_level(peer.report, key)) return peer.actor;
  }
  return to_caf(Error{ErrorCode::kUnavailable, "no other node that has the shard is reached"});
}

caf::result<copy_actor, copy_ready> give_copy(membership_pointer self, const copy_request& wanted) {
  const copy_promise promise(self);
  const auto& parts = self->state.parts;
  if (!parts) {
    refuse(promise, {ErrorCode::kUnavailable, "the node is starting"});
    return promise;
  }
  const auto id = wanted.key.collection;
  self->request(parts->log, kAnswerLimit, reach_atom_v,
                reach_request{id, wanted.since, false, Deadline::in(self->clock().now(), kGiveMax)})
      .then(
          [=](Seq) mutable {
            if (!wanted.snapshot.empty()) return give_kept(self, wanted, promise);
            if (id.value != 0) return give_if_level(self, wanted, promise);
            promise.delegate(self->state.parts->copies, copy_atom_v, wanted);
          },
          [=](caf::error& error) mutable { promise.deliver(std::move(error)); });
  return promise;
}

}  // namespace mosaic::actors
