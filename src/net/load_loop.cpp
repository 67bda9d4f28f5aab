#include "net/load_loop.hpp"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <system_error>

#include "base/failure.hpp"
#include "net/load_lane.hpp"

namespace mosaic::net {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr std::size_t kLaneConnections = 64;
constexpr milliseconds kTick{50};
/// A connection whose request got no answer rests so long: nobody may be listening.
constexpr milliseconds kRest{100};
constexpr rlim_t kOtherFiles = 64;

TimePoint clock_now() {
  return std::chrono::steady_clock::now();
}

}  // namespace

class LoadLoop::Lanes {
 public:
  explicit Lanes(const LoadTarget& target)
      : base_url_(target.url), origin_(origin_of(target.url)), epoll_(::epoll_create1(0)) {
    if (epoll_ < 0) throw std::system_error(errno, std::system_category(), "epoll");
    initialise_curl();
    headers_.add_all(target.headers);
    for (std::uint32_t i = 0; i < target.connections; ++i) {
      if (i % kLaneConnections == 0) {
        lanes_.push_back(std::make_unique<LoadLane>(epoll_, i / kLaneConnections));
      }
      slots_.push_back(&lanes_.back()->add_slot(i, target, origin_, headers_));
    }
  }
  ~Lanes() {
    lanes_.clear();
    ::close(epoll_);
  }
  Lanes(const Lanes&) = delete;
  Lanes& operator=(const Lanes&) = delete;

  std::size_t run(LoadPort& port) {
    auto now = clock_now();
    for (const auto* slot : slots_) idle_.push_back({slot->connection, now});
    while (port.goes_on(now) && (under_way_ > 0 || port.next_due() != TimePoint::max())) {
      wake_resting(now);
      send_due(port, now);
      advance_lanes(port, now);
      wait(port, next_event(port));
      now = clock_now();
    }
    return under_way_;
  }

 private:
  struct Free {
    std::uint32_t connection;
    TimePoint since;
  };

  LoadLane& lane_of(std::uint32_t connection) { return *lanes_[connection / kLaneConnections]; }

  void wake_resting(TimePoint now) {
    for (; !resting_.empty() && resting_.front().since <= now; resting_.pop_front()) {
      idle_.push_back(resting_.front());
    }
  }

  /// The connection that was free first goes first, so that all are in use.
  void send_due(LoadPort& port, TimePoint now) {
    while (!idle_.empty() && port.next_due() <= now) {
      const auto [connection, since] = idle_.front();
      auto& slot = *slots_[connection];
      if (!port.next(connection, since, now, slot.request)) return;
      idle_.pop_front();
      ++under_way_;
      lane_of(connection).send(slot, base_url_);
    }
  }

  void advance_lanes(LoadPort& port, TimePoint now) {
    for (const auto& lane : lanes_) {
      if (lane->timer() > now) continue;
      lane->advance();
      take_finished(port, *lane);
    }
  }

  void take_finished(LoadPort& port, LoadLane& lane) {
    CURLcode code = CURLE_OK;
    while (auto* slot = lane.take_finished(code)) {
      const auto now = clock_now();
      --under_way_;
      const auto reply = reply_of(*slot, code);
      port.answered(slot->connection, reply, now);
      if (reply.status != 0) {
        idle_.push_back({slot->connection, now});
      } else {
        resting_.push_back({slot->connection, now + kRest});
      }
    }
  }

  LoadReply reply_of(const LoadSlot& slot, CURLcode code) const {
    if (code != CURLE_OK) {
      return {.error = transfer_error(slot.curl, code, slot.message.data(), origin_)};
    }
    long status = 0;
    long head_sent = 0;
    long head_received = 0;
    curl_easy_getinfo(slot.curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(slot.curl, CURLINFO_REQUEST_SIZE, &head_sent);
    curl_easy_getinfo(slot.curl, CURLINFO_HEADER_SIZE, &head_received);
    curl_off_t body_sent = 0;
    curl_easy_getinfo(slot.curl, CURLINFO_SIZE_UPLOAD_T, &body_sent);
    return {.status = static_cast<int>(status),
            .body = slot.answer,
            .bytes_sent = static_cast<std::uint64_t>(head_sent + body_sent),
            .bytes_received = static_cast<std::uint64_t>(head_received) + slot.answer.size()};
  }

  TimePoint next_event(const LoadPort& port) const {
    auto next = clock_now() + kTick;
    for (const auto& lane : lanes_) next = std::min(next, lane->timer());
    if (!resting_.empty()) next = std::min(next, resting_.front().since);
    return idle_.empty() ? next : std::min(next, port.next_due());
  }

  void wait(LoadPort& port, TimePoint until) {
    const auto left = std::max<nanoseconds>(until - clock_now(), nanoseconds(0));
    const timespec limit{duration_cast<seconds>(left).count(), (left % seconds(1)).count()};
    std::array<epoll_event, 256> events;
    const auto count =
        ::epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &limit, nullptr);
    for (int i = 0; i < count; ++i) {
      const auto& event = events[static_cast<std::size_t>(i)];
      auto& lane = *lanes_[event.data.u64 >> 32];
      lane.socket_ready(static_cast<int>(event.data.u64 & 0xFFFF'FFFF), event.events);
      take_finished(port, lane);
    }
  }

  const std::string base_url_;
  const Origin origin_;
  HeaderList headers_;
  const int epoll_;
  std::vector<std::unique_ptr<LoadLane>> lanes_;
  std::vector<LoadSlot*> slots_;  ///< by connection
  std::deque<Free> idle_;
  std::deque<Free> resting_;  ///< until `since`
  std::size_t under_way_ = 0;
};

LoadLoop::LoadLoop(const LoadTarget& target) : lanes_(std::make_unique<Lanes>(target)) {}
LoadLoop::~LoadLoop() = default;

std::size_t LoadLoop::run(LoadPort& port) {
  return lanes_->run(port);
}

Status allow_connections(std::size_t connections) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const rlim_t needed = connections + kOtherFiles;
  if (limit.rlim_cur >= needed) return {};
  if (limit.rlim_max < needed) {
    return invalid(fmt::format("{} connections need {} open files, and this process may have {}",
                               connections, needed, limit.rlim_max));
  }
  limit.rlim_cur = needed;
  if (::setrlimit(RLIMIT_NOFILE, &limit) == 0) return {};
  return Error{ErrorCode::kInternal, "cannot raise the limit of open files"};
}

}  // namespace mosaic::net
