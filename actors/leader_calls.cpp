#include "actors/leader_calls.hpp"

#include <fmt/format.h>

namespace mosaic::actors {

Error not_leading(const membership_state& state, const replication::LogStanding& at) {
  const auto leader = state.nodes.find(at.leader);
  return {
      ErrorCode::kUnavailable,
      leader == state.nodes.end() || at.leads()
          ? std::string("the cluster has no leader now")
          : fmt::format("node '{}', which leads the cluster, is not reached", leader->second.name)};
}

void call_log(membership_pointer self, std::function<void(replication::LogDone)> start,
              std::function<void(Result<Seq>)> then) {
  const auto call = ++self->state.last_number;
  self->state.calls[call] = std::move(then);
  start([me = caf::actor_cast<caf::actor>(self), call](const Status& status) {
    log_answer answer{call};
    if (!status) answer.error = status.error();
    caf::anon_send(me, ended_atom_v, answer);
  });
}

void log_answered(membership_pointer self, const log_answer& answer) {
  auto call = self->state.calls.extract(answer.call);
  if (call.empty()) return;
  call.mapped()(answer.error ? Result<Seq>(*answer.error) : Result<Seq>(answer.seq));
}

caf::result<Seq> barrier(membership_pointer self) {
  const sure_promise<Seq> promise(self);
  const auto call = ++self->state.last_number;
  self->state.calls[call] = [=](const Result<Seq>& seq) mutable {
    seq ? promise.deliver(*seq) : refuse(promise, seq.error());
  };
  self->state.config.log->barrier([me = caf::actor_cast<caf::actor>(self), call](Result<Seq> seq) {
    log_answer answer{call};
    seq ? static_cast<void>(answer.seq = *seq) : static_cast<void>(answer.error = seq.error());
    caf::anon_send(me, ended_atom_v, answer);
  });
  return promise;
}

}  // namespace mosaic::actors
