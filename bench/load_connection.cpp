#include "load_connection.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <utility>

namespace mosaic::bench {
namespace {

constexpr std::size_t kReadBytes = 64 << 10;
constexpr std::size_t kHeadBytesMax = 16 << 10;
constexpr std::size_t kStatusAt = 9;  // behind "HTTP/1.1 "

/// The value of a header, or empty.
std::string_view value_of(std::string_view head, std::string_view name) {
  const auto at = head.find(name);
  if (at == std::string_view::npos) return {};
  const auto begin = at + name.size();
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

}  // namespace

LoadConnection::LoadConnection(LoadConnection&& other) noexcept
    : epoll_(other.epoll_),
      number_(other.number_),
      server_(other.server_),
      socket_(std::exchange(other.socket_, -1)),
      state_(std::exchange(other.state_, State::kLost)) {}

bool LoadConnection::connect() {
  close();
  socket_ = ::socket(server_.bytes.ss_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (socket_ < 0) return false;
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  state_ = State::kConnecting;
  watch(EPOLL_CTL_ADD, EPOLLIN | EPOLLOUT);
  const auto* address = reinterpret_cast<const sockaddr*>(&server_.bytes);
  if (::connect(socket_, address, server_.size) == 0 || errno == EINPROGRESS) return true;
  close();
  return false;
}

bool LoadConnection::send(std::string_view request) {
  state_ = State::kBusy;
  unsent_ = request;
  answer_.clear();
  whole_ = 0;
  if (!write_rest()) return false;
  if (!unsent_.empty()) watch(EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
  return true;
}

Outcome LoadConnection::ready(std::uint32_t events) {
  if (state_ == State::kConnecting) {
    if ((events & (EPOLLERR | EPOLLHUP)) != 0) return lose();
    state_ = State::kIdle;
    watch(EPOLL_CTL_MOD, EPOLLIN);
    return Outcome::kConnected;
  }
  if ((events & EPOLLOUT) != 0 && !unsent_.empty()) {
    if (!write_rest()) return Outcome::kLost;
    if (unsent_.empty()) watch(EPOLL_CTL_MOD, EPOLLIN);
  }
  return (events & ~EPOLLOUT) != 0 ? read_some() : Outcome::kNothing;
}

void LoadConnection::close() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
  state_ = State::kLost;
}

Outcome LoadConnection::lose() {
  close();
  return Outcome::kLost;
}

bool LoadConnection::write_rest() {
  const auto sent = ::send(socket_, unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN) {
    close();
    return false;
  }
  if (sent > 0) unsent_.remove_prefix(static_cast<std::size_t>(sent));
  return true;
}

Outcome LoadConnection::read_some() {
  static std::array<char, kReadBytes> buffer;
  const auto got = ::recv(socket_, buffer.data(), buffer.size(), 0);
  if (got < 0 && errno == EAGAIN) return Outcome::kNothing;
  // Nobody asked: the server says why it closes an idle connection, or turns it away.
  if (got <= 0 || state_ != State::kBusy) return lose();
  return take({buffer.data(), static_cast<std::size_t>(got)});
}

Outcome LoadConnection::take(std::string_view bytes) {
  answer_ += bytes;
  if (whole_ == 0) {
    const auto end = answer_.find("\r\n\r\n");
    if (end == std::string::npos)
      return answer_.size() > kHeadBytesMax ? lose() : Outcome::kNothing;
    if (!read_head(end + 2)) return lose();
  }
  if (answer_.size() > whole_) return lose();
  if (answer_.size() < whole_) return Outcome::kNothing;
  state_ = State::kIdle;
  return Outcome::kAnswered;
}

/// False when it does not say how long the body is.
bool LoadConnection::read_head(std::size_t end) {
  const auto head = std::string_view(answer_).substr(0, end);
  const auto length = value_of(head, "\r\nContent-Length: ");
  if (head.size() <= kStatusAt || length.empty()) return false;
  whole_ = end + 2 + std::strtoul(length.data(), nullptr, 10);
  ends_ = value_of(head, "\r\nConnection: ") == "close";
  return true;
}

int LoadConnection::status() const {
  return std::atoi(answer_.c_str() + kStatusAt);
}

bool LoadConnection::partial() const {
  return answer_.find("\"partial\":true") != std::string::npos;
}

void LoadConnection::watch(int operation, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.u32 = number_;
  ::epoll_ctl(epoll_, operation, socket_, &event);
}

}  // namespace mosaic::bench
