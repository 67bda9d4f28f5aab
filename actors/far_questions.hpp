// Questions between nodes. Part of replicas.
#pragma once

#include "actors/replicas.hpp"

namespace mosaic::actors {

using replicas_pointer = replicas_actor::stateful_pointer<replicas_state>;

/// What is to go to another node soon.
replicas_state::outbox& outbox_of(replicas_pointer self, const far_replicas_actor& to);
void empty_outboxes(replicas_pointer self);

/// Brings a question to a node that can answer it.
caf::result<far_answer> ask_far(replicas_pointer self, far_question& question);

/// What was asked of a node that is lost is asked of another, or fails at once.
void ask_others_than(replicas_pointer self, std::uint64_t lost);

/// Another node has answered. Where it does not have the shard (any more), one more is asked.
void take_answers(replicas_pointer self, far_answers& told);

/// Another node asks.
void answer_questions(replicas_pointer self, far_questions& asked);

}  // namespace mosaic::actors
