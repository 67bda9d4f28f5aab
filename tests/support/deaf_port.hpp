// A port at 127.0.0.1 where connections neither come about nor are refused, as at a host without
// power: too many wait there already.
#pragma once

#include <fcntl.h>
#include <poll.h>

#include <list>

#include "support/loopback_socket.hpp"

namespace mosaic::test {

class DeafPort {
 public:
  DeafPort() {
    ::listen(socket_.file, 0);
    while (is_answered()) {
    }
  }
  ~DeafPort() {
    for (const int file : waiting_) ::close(file);
  }
  DeafPort(const DeafPort&) = delete;

  std::uint16_t port() const { return socket_.port; }

 private:
  /// Whether one more connection came about.
  bool is_answered() {
    const int file = waiting_.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(socket_.port);
    ::connect(file, reinterpret_cast<sockaddr*>(&address), sizeof address);
    pollfd wait{file, POLLOUT, 0};
    return ::poll(&wait, 1, 200) == 1;
  }

  LoopbackSocket socket_;
  std::list<int> waiting_;
};

}  // namespace mosaic::test
