// One request of a client: how it is sent and whom its outcome is told, exactly once. Made on the
// caller's thread, then owned by the client actor.
#pragma once

#include <functional>
#include <memory>
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

  /// Asks `engine`; once there is an outcome, `ended` runs, then the caller hears of it.
  virtual void send(caf::event_based_actor* self, const engine_actor& engine,
                    std::function<void()> ended) = 0;
  virtual void fail(Error error) = 0;

  Deadline deadline() const { return deadline_; }

  /// How a request fails that had been sent: of a write nobody knows whether it happened.
  Error without_answer(ErrorCode code, std::string detail) const {
    if (writes_) detail += "; whether the write happened is not known";
    return {code, std::move(detail)};
  }

 private:
  const Deadline deadline_;
  const bool writes_;
};

using client_request_ptr = std::shared_ptr<client_request>;

/// The node's own errors come as they are; CAF's tell only that there is no answer.
inline Error failure_of(const client_request& request, const caf::error& error) {
  if (error.category() == caf::atom("mosaic")) return from_caf(error);
  if (error == caf::sec::request_timeout)
    return request.without_answer(ErrorCode::kDeadlineExceeded, "the node did not answer in time");
  return request.without_answer(ErrorCode::kUnavailable,
                                "the node did not answer: " + caf::to_string(error));
}

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
            std::function<void()> ended) override {
    const auto left = deadline().left(std::chrono::steady_clock::now());
    const auto ask = [&](auto&... parts) {
      return self->request(engine, left, std::move(parts)...);
    };
    std::apply(ask, message_)
        .then(
            [=, this, alive = shared_from_this()](Reply& reply) {
              ended();
              finish(std::move(reply));
            },
            [=, this, alive = shared_from_this()](caf::error& error) {
              ended();
              finish(failure_of(*alive, error));
            });
  }

  void fail(Error error) override { finish(std::move(error)); }

 private:
  void finish(Result<Reply> result) {
    if (auto done = std::exchange(done_, nullptr)) done(std::move(result));
  }

  Done<Reply> done_;
  std::tuple<Message...> message_;
};

}  // namespace mosaic::actors

// Holds a callback into this process: never leaves it.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mosaic::actors::client_request_ptr)
