#include "actors/embedding_cache.hpp"

#include <fmt/format.h>

#include "actors/exceptions.hpp"
#include "base/log.hpp"

namespace mosaic::actors {
namespace {

using cache_pointer = embedding_cache_actor::stateful_pointer<embedding_cache_state>;

/// How exactly deadlines of waiting requests are kept.
constexpr std::chrono::milliseconds kTick{20};
/// An embedder ends its batch by the deadline. One that is so much later has lost its way.
constexpr std::chrono::seconds kGrace{1};

void go_on(cache_pointer self);

void start_embedder(cache_pointer self, std::size_t number) {
  auto& state = self->state;
  auto actor = state.config.start_embedder(self);
  state.started[actor.address()] = number;
  state.workers[number].actor = actor;
  // Both ways: embedders that nobody asks any more must not stay.
  self->link_to(actor);
}

/// What was asked of it will not be answered; it is started again.
void lost(cache_pointer self, std::size_t number, const Error& why) {
  auto& worker = self->state.workers[number];
  worker.actor = nullptr;
  const Error error{ErrorCode::kUnavailable, "the embedder failed: " + why.detail};
  if (worker.batch) self->state.queue->finish(*worker.batch, error);
  worker.batch.reset();
  const auto decision = worker.policy.crashed(self->clock().now());
  log::error("embedder {} is down: {}; next try in {} ms", number, why.detail,
             decision.after.count());
  self->delayed_send(self, decision.after, restart_atom_v, std::uint64_t{number});
  go_on(self);
}

void finished(cache_pointer self, std::size_t number, std::uint64_t batch,
              Result<std::vector<Vector>> vectors) {
  auto& worker = self->state.workers[number];
  if (worker.batch != batch) return;  // it was given up meanwhile
  worker.batch.reset();
  self->state.queue->finish(batch, std::move(vectors));
  go_on(self);
}

void failed(cache_pointer self, std::size_t number, std::uint64_t batch, const caf::error& reason) {
  const bool answered = reason == ErrorCode::kUnavailable || reason == ErrorCode::kDeadlineExceeded;
  if (answered) return finished(self, number, batch, from_caf(reason));
  // What else there is comes from an embedder that is dying: its end is told by itself.
  auto& worker = self->state.workers[number];
  if (reason != caf::sec::request_timeout || worker.batch != batch) return;
  self->send_exit(worker.actor, caf::exit_reason::user_shutdown);
  lost(self, number, from_caf(reason));
}

void ask(cache_pointer self, std::size_t number, text::EmbeddingBatch batch) {
  auto& worker = self->state.workers[number];
  worker.batch = batch.id;
  auto& asked = batch.request;
  self->request(worker.actor, asked.deadline.left(self->clock().now()) + kGrace, embed_atom_v,
                embed_request{std::move(asked.embedder), asked.dimension, std::move(asked.texts),
                              asked.deadline})
      .then([=, id = batch.id](
                embed_reply& reply) { finished(self, number, id, std::move(reply.vectors)); },
            [=, id = batch.id](caf::error& error) { failed(self, number, id, error); });
}

void hand_out(cache_pointer self) {
  auto& state = self->state;
  for (std::size_t i = 0; i < state.workers.size(); ++i) {
    if (!state.workers[i].actor || state.workers[i].batch) continue;
    auto batch = state.queue->next_batch();
    if (!batch) return;
    ask(self, i, std::move(*batch));
  }
}

void deliver_answers(cache_pointer self) {
  for (auto& answer : self->state.queue->take_answers()) {
    auto promise = self->state.promises.extract(answer.request);
    if (answer.vectors) {
      promise.mapped().deliver(embed_reply{std::move(*answer.vectors)});
    } else {
      refuse(promise.mapped(), answer.vectors.error());
    }
  }
}

/// After whatever has happened.
void go_on(cache_pointer self) {
  auto& state = self->state;
  state.queue->expire(self->clock().now());
  hand_out(self);
  deliver_answers(self);
  if (state.ticking || state.queue->idle()) return;
  state.ticking = true;
  self->delayed_send(self, kTick, tick_atom_v);
}

caf::result<embed_reply> embed(cache_pointer self, embed_request& request) {
  auto& state = self->state;
  if (state.faults.swallow()) return self->make_response_promise<embed_reply>();
  const sure_promise<embed_reply> promise(self);
  const auto id = ++state.requests;
  state.promises.emplace(id, promise);
  state.queue->add(id, {std::move(request.embedder), request.dimension, std::move(request.texts),
                        request.deadline});
  go_on(self);
  return promise;
}

/// An embedder has ended; anybody else ends the cache.
void ended(cache_pointer self, caf::exit_msg& message) {
  auto& state = self->state;
  const auto found = state.started.find(message.source);
  if (found != state.started.end()) {
    const auto number = found->second;
    state.started.erase(found);
    const auto& actor = state.workers[number].actor;
    if (actor && actor.address() == message.source) lost(self, number, from_caf(message.reason));
    return;
  }
  self->quit(std::move(message.reason));
}

}  // namespace

embedding_cache_actor::behavior_type embedding_cache(cache_pointer self,
                                                     embedding_cache_config config) {
  die_with_reason(self);
  auto& state = self->state;
  state.config = std::move(config);
  state.queue.emplace(state.config.limits, [metrics = state.config.metrics](const auto& change) {
    metrics->caches.changed(metrics::Cache::kEmbedding, change);
  });
  state.workers.resize(state.config.embedders);
  self->set_exit_handler([=](caf::exit_msg& message) { ended(self, message); });
  for (std::size_t i = 0; i < state.workers.size(); ++i) {
    state.workers[i].policy = cluster::RestartPolicy(state.config.restarts);
    start_embedder(self, i);
  }
  return {
      [=](embed_atom, embed_request& request) { return embed(self, request); },
      [=](fault_atom, const FaultRequest& x) { self->state.faults.inject(x); },
      [=](tick_atom) {
        self->state.ticking = false;
        go_on(self);
      },
      [=](restart_atom, std::uint64_t number) {
        self->state.config.metrics->parts.restarted("embedder");
        start_embedder(self, number);
        go_on(self);
      },
  };
}

}  // namespace mosaic::actors
