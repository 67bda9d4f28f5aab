// Some connections of a load generator that share one of libcurl's multi handles. libcurl looks for
// an idle connection by walking over all of a handle, so thousands in one would cost more than the
// requests: a lane holds a few. Belongs to the thread of its LoadLoop.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "net/curl_parts.hpp"
#include "net/load_loop.hpp"

namespace mosaic::net {

/// One connection's place: its handle, its request and its answer.
struct LoadSlot {
  std::uint32_t connection = 0;
  CURL* curl = nullptr;
  LoadRequest request;
  std::string url;
  std::string answer;
  std::array<char, CURL_ERROR_SIZE> message{};
};

class LoadLane {
 public:
  /// Events of its sockets come to `epoll` with `number` in the upper half of their data and the
  /// socket in the lower.
  LoadLane(int epoll, std::uint32_t number);
  ~LoadLane();
  LoadLane(const LoadLane&) = delete;
  LoadLane& operator=(const LoadLane&) = delete;

  LoadSlot& add_slot(std::uint32_t connection, const LoadTarget& target, const Origin& origin,
                     const HeaderList& headers);

  /// Sends the request of a slot that is not under way, as soon as advance() is called.
  void send(LoadSlot& slot, const std::string& base_url);

  void socket_ready(int socket, std::uint32_t events);
  /// When advance() wants to be called; max: not before something happens.
  TimePoint timer() const { return timer_; }
  void advance();

  /// A slot whose request has ended since the last call, with how; null when there is none.
  LoadSlot* take_finished(CURLcode& code);

 private:
  static int on_socket(CURL*, curl_socket_t socket, int what, void* lane, void* known);
  static int on_timer(CURLM*, long timeout_ms, void* lane);
  static std::size_t on_body(char* data, std::size_t, std::size_t size, void* slot);

  const int epoll_;
  const std::uint32_t number_;
  CURLM* multi_;
  TimePoint timer_ = TimePoint::max();
  std::vector<std::unique_ptr<LoadSlot>> slots_;
};

}  // namespace mosaic::net
