// A promise that is always answered: when its last holder lets go of it, as when the actor that
// gave it dies, whoever waits hears so at once instead of at a timeout. Copies share the one
// promise.
#pragma once

#include <memory>

#include "actors/protocol.hpp"

namespace mosaic::actors {

template <class... Reply>
class sure_promise {
 public:
  /// One that nobody waits for.
  sure_promise() = default;

  /// Takes over the request that `self` handles now.
  template <class Self>
  explicit sure_promise(Self* self)
      : held_(std::make_shared<held>(self->template make_response_promise<Reply...>())) {}

  /// The Reply or a caf::error; only the first one counts.
  template <class... Answer>
  void deliver(Answer&&... answer) const {
    if (held_ && held_->promise.pending()) held_->promise.deliver(std::forward<Answer>(answer)...);
  }

  /// Another actor answers in the place of this one.
  template <class Handle, class... Message>
  void delegate(const Handle& other, Message&&... message) const {
    if (held_ && held_->promise.pending())
      held_->promise.delegate(other, std::forward<Message>(message)...);
  }

  /// For a handler to return.
  operator caf::result<Reply...>() const { return held_->promise; }

 private:
  struct held {
    explicit held(caf::typed_response_promise<Reply...> given) : promise(std::move(given)) {}
    held(const held&) = delete;
    held& operator=(const held&) = delete;
    ~held() {
      if (!promise.pending()) return;
      promise.deliver(
          to_caf(Error{ErrorCode::kUnavailable, "the part that should answer is down"}));
    }
    caf::typed_response_promise<Reply...> promise;
  };

  std::shared_ptr<held> held_;
};

}  // namespace mosaic::actors
