#include "actors/far_questions.hpp"

#include <fmt/format.h>

#include "actors/fan_out.hpp"
#include "actors/searcher_questions.hpp"

namespace mosaic::actors {
namespace {

Deadline deadline_of(replicas_pointer self, const far_question_body& body) {
  const auto latest = Deadline::in(self->clock().now(), kFarAnswerMax);
  return std::visit(
      [&](const auto& request) {
        if constexpr (requires { request.deadline; })
          return request.deadline.at < latest.at ? request.deadline : latest;
        return latest;
      },
      body);
}

/// The state that whoever answers must have come to.
Seq state_asked_for(const far_question_body& body, Seq newest) {
  return std::visit(
      [&](const auto& request) {
        if constexpr (requires { request.cut; }) {
          if (request.cut != 0) return request.cut;
        }
        return newest;
      },
      body);
}

/// The node that has the least to do of those that are fresh enough; else the freshest. 0: none.
std::uint64_t choose(const replicas_state& state, const far_question& question) {
  const auto found = state.far.find(question.key);
  if (found == state.far.end()) return 0;
  const auto wanted = state_asked_for(question.body, found->second.newest);
  std::uint64_t best = 0;
  const auto worth = [&](std::uint64_t node) {
    const auto seq = found->second.nodes.at(node);
    // What comes first is to be small.
    return std::make_tuple(seq < wanted ? wanted - seq : 0, state.peers.at(node).asked);
  };
  for (const auto& [node, seq] : found->second.nodes) {
    if (!state.peers.contains(node)) continue;
    if (best == 0 || worth(node) < worth(best)) best = node;
  }
  return best;
}

void send_question(replicas_pointer self, std::uint64_t node, const far_question& question) {
  auto& state = self->state;
  auto& peer = state.peers.at(node);
  ++peer.asked;
  state.asked[question.number] = {node, question};
  outbox_of(self, peer.actor).questions.push_back(question);
}

void forget_question(replicas_pointer self, std::uint64_t number) {
  auto& state = self->state;
  const auto asked = state.asked.extract(number);
  if (!asked) return;
  const auto peer = state.peers.find(asked.mapped().node);
  if (peer != state.peers.end() && peer->second.asked > 0) --peer->second.asked;
}

template <class Request>
void answer_question(replicas_pointer self, const far_replicas_actor& asker,
                     const far_question& question, const Request& request) {
  using How = question_of<Request>;
  const auto tell = [=](far_answer_body body) {
    outbox_of(self, asker).answers.push_back({question.number, std::move(body)});
  };
  const auto route = self->state.routes.at(question.key.collection);
  if (!route || question.key.shard.value >= route->shards.size()) {
    return tell(Error{ErrorCode::kUnavailable,
                      fmt::format("shard {} of collection {} is not here", question.key.shard.value,
                                  question.key.collection.value)});
  }
  const auto heard = [=, name = self->state.config.name](Result<typename How::Reply> reply) {
    if (!reply) return tell(reply.error());
    if constexpr (std::is_same_v<typename How::Reply, ShardInfo>) reply->node = name;
    tell(std::move(*reply));
  };
  ask_shard<typename How::Reply>(self, *route, question.key.shard, deadline_of(self, question.body),
                                 std::make_tuple(typename How::Atom{}, request), heard);
}

}  // namespace

replicas_state::outbox& outbox_of(replicas_pointer self, const far_replicas_actor& to) {
  auto& boxes = self->state.outboxes;
  // Behind everything that waits to be read already, and may be for the same node.
  if (boxes.empty()) self->send(self, step_atom_v);
  auto& box = boxes[to.address()];
  box.to = to;
  return box;
}

void empty_outboxes(replicas_pointer self) {
  for (auto& [address, box] : std::exchange(self->state.outboxes, {})) {
    // News first: whoever is told of an answer finds the state that it was read at.
    if (!box.news.empty())
      self->send(box.to, news_atom_v,
                 replica_news{self->state.config.node, false, std::move(box.news)});
    if (!box.answers.empty())
      self->send(box.to, answer_atom_v, far_answers{std::move(box.answers)});
    if (!box.questions.empty()) self->send(box.to, ask_atom_v, pack(std::move(box.questions)));
  }
}

caf::result<far_answer> ask_far(replicas_pointer self, far_question& question) {
  auto& state = self->state;
  const sure_promise<far_answer> promise(self);
  const auto node = choose(state, question);
  if (node == 0) {
    refuse(promise, {ErrorCode::kUnavailable, "no node that has the shard is reached"});
    return promise;
  }
  const auto number = std::make_shared<std::uint64_t>(0);
  const auto deadline = deadline_of(self, question.body);
  *number = state.requests.add({self->clock().now() + answer_timeout(self, deadline),
                                [=](void* answer) {
                                  forget_question(self, *number);
                                  promise.deliver(std::move(*static_cast<far_answer*>(answer)));
                                },
                                [=](caf::error& error) {
                                  forget_question(self, *number);
                                  promise.deliver(to_caf(from_caf(error)));
                                }});
  question.number = *number;
  send_question(self, node, question);
  if (!state.requests.ticking) keep_ticking(self);
  return promise;
}

void ask_others_than(replicas_pointer self, std::uint64_t lost) {
  auto& state = self->state;
  std::vector<far_question> again;
  for (const auto& [number, asked] : state.asked) {
    if (asked.node == lost) again.push_back(asked.question);
  }
  for (const auto& question : again) {
    forget_question(self, question.number);
    if (const auto node = choose(state, question)) {
      send_question(self, node, question);
    } else if (const auto waiting = state.requests.take(question.number)) {
      auto error = to_caf(Error{ErrorCode::kUnavailable, "the node that was asked is lost"});
      waiting->failed(error);
    }
  }
}

void take_answers(replicas_pointer self, far_answers& told) {
  for (auto& answer : told.answers) {
    if (const auto waiting = self->state.requests.take(answer.number)) waiting->answered(&answer);
  }
}

void answer_questions(replicas_pointer self, far_questions& asked) {
  const auto asker = caf::actor_cast<far_replicas_actor>(self->current_sender());
  const auto questions = unpack(std::move(asked));
  if (!asker || !questions) return;
  for (const auto& question : *questions) {
    std::visit([&](const auto& request) { answer_question(self, asker, question, request); },
               question.body);
  }
}

}  // namespace mosaic::actors
