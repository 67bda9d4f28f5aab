// Sockets of a test at 127.0.0.1, which block.
#pragma once

#include <sys/socket.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace mosaic::test {

/// A socket at a port that nobody else is given while it lives; who asks for that port may listen.
struct LoopbackSocket {
  int file = ::socket(AF_INET, SOCK_STREAM, 0);
  std::uint16_t port = 0;

  LoopbackSocket() {
    const int on = 1;
    ::setsockopt(file, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(file, reinterpret_cast<sockaddr*>(&address), size);
    ::getsockname(file, reinterpret_cast<sockaddr*>(&address), &size);
    port = ntohs(address.sin_port);
  }
  ~LoopbackSocket() { ::close(file); }
  LoopbackSocket(const LoopbackSocket&) = delete;

  std::string address() const { return "127.0.0.1:" + std::to_string(port); }
};

/// A connection to such an address.
struct Caller {
  int file = ::socket(AF_INET, SOCK_STREAM, 0);

  explicit Caller(const std::string& to) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoul(to.substr(to.find(':') + 1))));
    if (::connect(file, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
      throw std::runtime_error("nobody listens at " + to);
    const timeval limit{30, 0};
    ::setsockopt(file, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }
  ~Caller() { ::close(file); }
  Caller(const Caller&) = delete;

  /// Whether all could be sent.
  bool say(std::string_view bytes) const {
    return ::send(file, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(bytes.size());
  }
  /// What comes next; empty: the other side has hung up. Throws when nothing comes.
  std::string hear() const {
    std::array<char, 4096> bytes;
    const auto size = ::recv(file, bytes.data(), bytes.size(), 0);
    if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
      throw std::runtime_error("the other side neither speaks nor hangs up");
    return {bytes.data(), size < 0 ? 0 : static_cast<std::size_t>(size)};
  }
  /// Without waiting; what was said before is lost.
  bool is_hung_up_on() const {
    char byte = 0;
    return ::recv(file, &byte, 1, MSG_DONTWAIT) == 0;
  }
  /// All until the other side hangs up.
  std::string hear_all() const {
    std::string all;
    for (auto bytes = hear(); !bytes.empty(); bytes = hear()) all += bytes;
    return all;
  }
};

/// An option of TCP, of each connection of this process to one of these addresses: looked up among
/// its descriptors.
inline std::vector<int> connection_options(const std::vector<std::string>& addresses, int option) {
  std::vector<int> values;
  for (int file = 3; file < 256; ++file) {
    sockaddr_in to{};
    socklen_t size = sizeof to;
    if (::getpeername(file, reinterpret_cast<sockaddr*>(&to), &size) != 0) continue;
    const auto address = "127.0.0.1:" + std::to_string(ntohs(to.sin_port));
    if (to.sin_family != AF_INET ||
        std::find(addresses.begin(), addresses.end(), address) == addresses.end())
      continue;
    int value = 0;
    socklen_t bytes = sizeof value;
    ::getsockopt(file, IPPROTO_TCP, option, &value, &bytes);
    values.push_back(value);
  }
  return values;
}

}  // namespace mosaic::test
