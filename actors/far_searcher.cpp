#include "actors/far_searcher.hpp"

#include "actors/exceptions.hpp"
#include "actors/promise.hpp"
#include "actors/searcher_questions.hpp"

namespace mosaic::actors {
namespace {

using far_searcher_pointer = searcher_actor::stateful_pointer<far_searcher_state>;

template <class Reply>
void deliver(sure_promise<Reply> promise, far_answer_body& body) {
  if (auto* reply = std::get_if<Reply>(&body)) return promise.deliver(std::move(*reply));
  const auto* error = std::get_if<Error>(&body);
  refuse(promise, error != nullptr
                      ? *error
                      : Error{ErrorCode::kInternal, "another node answers something else"});
}

/// Handles one kind of question.
template <class Request>
auto pass_on(far_searcher_pointer self, const shard_key& key, const replicas_actor& replicas) {
  using Atom = typename question_of<Request>::Atom;
  using Reply = typename question_of<Request>::Reply;
  return [=](Atom, const Request& request) -> caf::result<Reply> {
    if (self->state.faults.swallow()) return self->template make_response_promise<Reply>();
    const sure_promise<Reply> promise(self);
    self->request(replicas, caf::infinite, ask_atom_v, far_question{0, key, request})
        .then([=](far_answer& answer) { deliver(promise, answer.body); },
              [=](caf::error& error) mutable { refuse(promise, from_caf(error)); });
    return promise;
  };
}

}  // namespace

searcher_actor::behavior_type far_searcher(far_searcher_pointer self, const shard_key& key,
                                           const replicas_actor& replicas) {
  die_with_reason(self);
  self->monitor(replicas);
  self->set_down_handler([=](caf::down_msg&) { self->quit(caf::exit_reason::user_shutdown); });
  return {
      pass_on<text_stats_request>(self, key, replicas),
      pass_on<shard_search_request>(self, key, replicas),
      pass_on<fetch_request>(self, key, replicas),
      pass_on<shard_get_request>(self, key, replicas),
      pass_on<shard_list_request>(self, key, replicas),
      pass_on<matches_request>(self, key, replicas),
      pass_on<graph_request>(self, key, replicas),
      pass_on<count_request>(self, key, replicas),
      pass_on<sample_request>(self, key, replicas),
      pass_on<misplaced_request>(self, key, replicas),
      pass_on<unstaged_request>(self, key, replicas),
      pass_on<resolve_request>(self, key, replicas),
      pass_on<purgeable_request>(self, key, replicas),
      pass_on<info_request>(self, key, replicas),
      // A reader never leaves its process: whoever copies a file asks the node itself.
      [=](snapshot_atom, const std::string&, Seq) -> caf::result<kept_reader_ptr> {
        return to_caf(Error{ErrorCode::kInternal, "the shard is on another node"});
      },
      [=](fault_atom, const FaultRequest& x) { self->state.faults.inject(x); },
  };
}

}  // namespace mosaic::actors
