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

/// The node that has the least to do of those that are fresh enough, else the freshest, but none of
/// `but`. 0: there is none.
std::uint64_t choose(const replicas_state& state, const far_question& question,
                     const std::set<std::uint64_t>& but = {}) {
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
    if (!state.peers.contains(node) || but.contains(node)) continue;
    if (best == 0 || worth(node) < worth(best)) best = node;
  }
  return best;
}

void send_question(replicas_pointer self, std::uint64_t node, const far_question& question) {
  auto& state = self->state;
  auto& peer = state.peers.at(node);
  ++peer.asked;
  auto& asked = state.asked[question.number];
  asked.nodes.insert(asked.node = node);
  asked.question = question;
  outbox_of(self, peer.actor).questions.push_back(question);
}

/// The node that was asked last has answered, or never will.
void free_node(replicas_state& state, std::uint64_t node) {
  const auto peer = state.peers.find(node);
  if (peer != state.peers.end() && peer->second.asked > 0) --peer->second.asked;
}

void forget_question(replicas_pointer self, std::uint64_t number) {
  if (const auto asked = self->state.asked.extract(number))
    free_node(self->state, asked.mapped().node);
}

/// Asks a node that was not asked before. False: there is none.
bool ask_another(replicas_pointer self, std::uint64_t number) {
  auto& state = self->state;
  const auto asked = state.asked.find(number);
  if (asked == state.asked.end()) return false;
  const auto node = choose(state, asked->second.question, asked->second.nodes);
  if (node == 0) return false;
  free_node(state, asked->second.node);
  send_question(self, node, far_question(asked->second.question));
  return true;
}

/// The shard may just have left that node, or died there.
bool is_not_there(const far_answer& answer) {
  const auto* error = std::get_if<Error>(&answer.body);
  return error != nullptr && error->code == ErrorCode::kUnavailable;
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
  *number = wait_for(self, {self->clock().now() + answer_timeout(self, deadline),
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
  return promise;
}

void ask_others_than(replicas_pointer self, std::uint64_t lost) {
  auto& state = self->state;
  std::vector<std::uint64_t> numbers;
  for (const auto& [number, asked] : state.asked) {
    if (asked.node == lost) numbers.push_back(number);
  }
  for (const auto number : numbers) {
    if (ask_another(self, number)) continue;
    const auto waiting = state.requests.take(number);
    auto error = to_caf(Error{ErrorCode::kUnavailable, "the node that was asked is lost"});
    if (waiting) waiting->failed(error);
  }
}

void take_answers(replicas_pointer self, far_answers& told) {
  for (auto& answer : told.answers) {
    if (is_not_there(answer) && ask_another(self, answer.number)) continue;
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
