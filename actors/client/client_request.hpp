// One request of a client: how it is sent, also more than once, and whom its outcome is told,
// exactly once. Made on the caller's thread, then owned by the client actor.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "actors/protocol.hpp"
#include "base/deadline.hpp"

namespace mosaic::actors {

/// Whoever holds it keeps it alive until the outcome is told.
class client_request : public std::enable_shared_from_this<client_request> {
 public:
  client_request(Deadline deadline, bool writes) : deadline_(deadline), writes_(writes) {}
  virtual ~client_request() = default;

  /// Asks `engine`. A reply is told the caller once `ended` has run with null; of what came instead
  /// of one only `ended` hears.
  virtual void send(caf::event_based_actor* self, const engine_actor& engine,
                    std::function<void(const caf::error*)> ended) = 0;
  /// Of a write that was sent in vain before nobody knows whether it happened: the detail says so.
  void fail(Error error) {
    if (writes_ && unanswered_) error.detail += "; whether the write happened is not known";
    tell(std::move(error));
  }
  /// The caller has heard.
  virtual bool over() const = 0;

  Deadline deadline() const { return deadline_; }
  bool writes() const { return writes_; }

  /// It was sent, and no answer comes.
  void lose_answer() { unanswered_ = true; }
  bool lost_answer() const { return unanswered_; }

  /// What the last of the nodes said that could not do it, and which they were in this round.
  struct Refusals {
    std::set<std::size_t> nodes;
    std::optional<Error> last;
  };
  Refusals refusals;

 protected:
  virtual void tell(Error error) = 0;

 private:
  const Deadline deadline_;
  const bool writes_;
  bool unanswered_ = false;
};

using client_request_ptr = std::shared_ptr<client_request>;

template <class Reply, class... Message>
class typed_client_request final : public client_request {
 public:
  typed_client_request(Deadline deadline, bool writes, Done<Reply> done, Message... message)
      : client_request(deadline, writes), done_(std::move(done)), message_(std::move(message)...) {}
  /// The client ended with this request still in its mailbox.
  ~typed_client_request() override {
    finish(Error{ErrorCode::kUnavailable, "the client has been closed"});
  }

  void send(caf::event_based_actor* self, const engine_actor& engine,
            std::function<void(const caf::error*)> ended) override {
    const auto left = deadline().left(std::chrono::steady_clock::now());
    const auto ask = [&](const auto&... parts) { return self->request(engine, left, parts...); };
    std::apply(ask, message_)
        .then(
            [=, this, alive = shared_from_this()](Reply& reply) {
              ended(nullptr);
              finish(std::move(reply));
            },
            [=, alive = shared_from_this()](const caf::error& error) { ended(&error); });
  }

  bool over() const override { return !done_; }

 private:
  void tell(Error error) override { finish(std::move(error)); }

  void finish(Result<Reply> result) {
    if (auto done = std::exchange(done_, nullptr)) done(std::move(result));
  }

  Done<Reply> done_;
  const std::tuple<Message...> message_;  ///< kept: it may have to be sent again
};

}  // namespace mosaic::actors

// Holds a callback into this process: never leaves it.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mosaic::actors::client_request_ptr)
