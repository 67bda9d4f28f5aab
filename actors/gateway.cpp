#include "actors/gateway.hpp"

namespace mosaic::actors {

void gateway::use(node_parts_ptr parts) {
  const std::lock_guard lock(mutex_);
  parts_.known = std::move(parts);
}

void gateway::close() {
  std::vector<request> left;
  {
    const std::lock_guard lock(mutex_);
    parts_.known.reset();
    left = requests_.take_late(TimePoint::max());
  }
  for (const auto& asked : left) refuse(asked);
}

void gateway::enqueue(caf::mailbox_element_ptr element, caf::execution_unit*) {
  if (element->mid.is_response())
    return take_answer(element->mid.request_id().integer_value(),
                       element->move_content_to_message());
  if (!element->content().match_elements<tick_atom>()) return;
  // Not here: this is the clock's own thread, and to ask for the next tick may have to wait for
  // room in the queue that it empties.
  home_system().spawn([keep = caf::strong_actor_ptr(ctrl()), this] { give_up_late(); });
}

void gateway::take_answer(std::uint64_t number, caf::message answer) {
  std::optional<request> asked;
  {
    const std::lock_guard lock(mutex_);
    asked = requests_.take(number);
  }
  if (!asked) return;  // given up before
  if (answer.match_elements<caf::error>()) {
    asked->failed(answer.get_mutable_as<caf::error>(0));
  } else {
    asked->answered(answer.empty() ? nullptr : answer.get_mutable(0));
  }
}

void gateway::refuse(const request& asked) {
  auto error = to_caf(Error{ErrorCode::kUnavailable, "the part that should answer is not there"});
  asked.failed(error);
}

void gateway::tick_later() {
  home_system().clock().schedule_message(
      now() + kGuardTick, caf::strong_actor_ptr(ctrl()),
      caf::make_mailbox_element(nullptr, caf::message_id(), {}, tick_atom_v));
}

void gateway::give_up_late() {
  std::vector<request> late;
  bool more = false;
  {
    const std::lock_guard lock(mutex_);
    late = requests_.take_late(now());
    ticking_ = more = !requests_.empty();
  }
  if (more) tick_later();
  for (const auto& asked : late) {
    caf::error timeout = caf::sec::request_timeout;
    asked.failed(timeout);
  }
}

}  // namespace mosaic::actors
