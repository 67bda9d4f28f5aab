#include "actors/log_reach.hpp"

#include <fmt/format.h>

namespace mosaic::actors {
namespace {

using reader = log_state::waiting_reader;

/// Once all that the log had then has been heard of, the collection waits for its newest entry.
bool has_reached(log_pointer self, reader& waiting) {
  const auto& state = self->state;
  const auto& log = *state.config.log;
  const auto id = waiting.request.collection;
  if (!waiting.log_end) {
    if (log.standing().last < waiting.request.seq) return false;
    waiting.log_end = log.last_seq();
  }
  const auto end = *waiting.log_end;
  if (state.heard < end) return false;
  if (id.value == 0) return state.unsettled.empty() || state.unsettled.begin()->first > end;
  const auto found = state.collections.find(id);
  if (found == state.collections.end()) return false;
  if (!waiting.target) waiting.target = found->second.queue.newest();
  return found->second.queue.cut() >= *waiting.target;
}

Seq cut_of(log_pointer self, const reader& waiting) {
  const auto found = self->state.collections.find(waiting.request.collection);
  return found == self->state.collections.end() ? 0 : found->second.queue.cut();
}

void wait(log_pointer self, reader waiting) {
  if (has_reached(self, waiting)) return waiting.promise.deliver(cut_of(self, waiting));
  self->state.readers.push_back(std::move(waiting));
  if (self->state.readers.size() == 1) self->delayed_send(self, kReachPause, reach_atom_v);
}

/// Whoever knows the newest seq is the leader; alone, that is this node.
void wait_for_newest(log_pointer self, reader waiting) {
  const auto at = self->state.config.log->standing();
  if (at.members.size() <= 1) {
    waiting.request.seq = at.last;
    return wait(self, std::move(waiting));
  }
  const auto left = waiting.request.deadline.left(self->clock().now());
  self->request(self->state.membership, caf::duration(left), leader_atom_v, barrier_atom_v)
      .then(
          [=](Seq newest) mutable {
            waiting.request.seq = std::max(waiting.request.seq, newest);
            wait(self, std::move(waiting));
          },
          [=](caf::error& error) mutable {
            refuse(waiting.promise,
                   {ErrorCode::kUnavailable,
                    fmt::format("a strong read needs the leader: {}", from_caf(error).detail)});
          });
}

}  // namespace

caf::result<Seq> reach(log_pointer self, const reach_request& request) {
  reader waiting{sure_promise<Seq>(self), request};
  request.newest ? wait_for_newest(self, waiting) : wait(self, waiting);
  return waiting.promise;
}

void let_reach(log_pointer self) {
  auto& state = self->state;
  const auto now = self->clock().now();
  std::erase_if(state.readers, [&](auto& waiting) {
    if (has_reached(self, waiting)) {
      waiting.promise.deliver(cut_of(self, waiting));
      return true;
    }
    if (!waiting.request.deadline.passed(now)) return false;
    refuse(waiting.promise,
           {ErrorCode::kUnavailable,
            fmt::format("this node has not come to seq {} in time", waiting.request.seq)});
    return true;
  });
  if (!state.readers.empty()) self->delayed_send(self, kReachPause, reach_atom_v);
}

}  // namespace mosaic::actors
