// Requests that an actor keeps the deadlines of by itself. CAF's own timeouts run through the
// thread of its clock, which every request and every answer wakes: an eighth to a fourth of the CPU
// time of a lone search was spent there. Here one tick, at the nearest deadline, serves all
// requests that are under way, and none runs while there are none. For the ways of a search; what
// is asked seldom uses CAF's timeouts.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include <caf/all.hpp>

#include "actors/protocol.hpp"

namespace mosaic::actors {

/// How late a request may be given up.
constexpr std::chrono::milliseconds kRequestTick{2};
/// However far the nearest deadline is: whoever waits for a tick stays in memory until it comes.
constexpr std::chrono::seconds kRequestTickMax{1};

/// Part of the state of an actor that calls request_in_time() and, on a tick, give_up_late(). What
/// waits for an answer is held here alone, so that a request that is given up is let go although
/// its answer may never come.
class pending_requests {
 public:
  struct request {
    TimePoint deadline;
    std::function<void(void* reply)> answered;
    std::function<void(caf::error&)> failed;
  };

  std::uint64_t add(request added) {
    under_way_.emplace(++last_, std::move(added));
    return last_;
  }

  /// The request if it is still waited for; from now on it no longer is.
  std::optional<request> take(std::uint64_t id) {
    auto found = under_way_.extract(id);
    if (!found) return std::nullopt;
    return std::move(found.mapped());
  }

  /// Those whose deadline has passed; they are no longer waited for.
  std::vector<request> take_late(TimePoint now) {
    std::vector<request> late;
    std::erase_if(under_way_, [&](auto& waiting) {
      if (waiting.second.deadline > now) return false;
      late.push_back(std::move(waiting.second));
      return true;
    });
    return late;
  }

  /// The nearest deadline; TimePoint::max() when nothing is under way.
  TimePoint nearest() const {
    auto nearest = TimePoint::max();
    for (const auto& [id, waiting] : under_way_) nearest = std::min(nearest, waiting.deadline);
    return nearest;
  }

  bool empty() const { return under_way_.empty(); }

  TimePoint next_tick = TimePoint::max();  ///< the first of those that are on their way

 private:
  std::unordered_map<std::uint64_t, request> under_way_;
  std::uint64_t last_ = 0;
};

/// Deadlines are looked at then, or a little later.
template <class Self>
void tick_at(Self* self, TimePoint deadline) {
  auto& next = self->state.requests.next_tick;
  const auto now = self->clock().now();
  const auto at = std::clamp<TimePoint>(deadline, now + kRequestTick, now + kRequestTickMax);
  if (at >= next) return;
  next = at;
  self->delayed_send(self, at - now, tick_atom_v);
}

/// On a tick.
template <class Self>
void give_up_late(Self* self) {
  auto& requests = self->state.requests;
  const auto now = self->clock().now();
  if (now < requests.next_tick) return;  // it was sent before a nearer deadline came up
  requests.next_tick = TimePoint::max();
  for (const auto& late : requests.take_late(now)) {
    caf::error timeout = caf::sec::request_timeout;
    late.failed(timeout);
  }
  if (!requests.empty()) tick_at(self, requests.nearest());
}

/// Gives the number by which it can be taken.
template <class Self>
std::uint64_t wait_for(Self* self, pending_requests::request request) {
  const auto deadline = request.deadline;
  const auto id = self->state.requests.add(std::move(request));
  tick_at(self, deadline);
  return id;
}

/// One of `answered` and `failed` is called exactly once; sec::request_timeout says that the time
/// was up.
template <class Reply, class Self, class Handle, class... Message>
void request_in_time(Self* self, const Handle& whom, std::chrono::nanoseconds timeout,
                     std::function<void(Reply&)> answered, std::function<void(caf::error&)> failed,
                     Message&&... message) {
  const auto id = wait_for(self, {self->clock().now() + timeout,
                                  [answered = std::move(answered)](void* reply) {
                                    answered(*static_cast<Reply*>(reply));
                                  },
                                  std::move(failed)});
  self->request(whom, caf::infinite, std::forward<Message>(message)...)
      .then(
          [self, id](Reply& reply) {
            if (const auto asked = self->state.requests.take(id)) asked->answered(&reply);
          },
          [self, id](caf::error& error) {
            if (const auto asked = self->state.requests.take(id)) asked->failed(error);
          });
}

/// Runs `then` when `pause` is over.
template <class Self>
void after_pause(Self* self, std::chrono::nanoseconds pause, std::function<void()> then) {
  wait_for(self, {self->clock().now() + pause, [](void*) {},
                  [then = std::move(then)](caf::error&) { then(); }});
}

}  // namespace mosaic::actors
