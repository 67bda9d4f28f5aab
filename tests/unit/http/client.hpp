// A blocking HTTP client of a few lines, on a plain socket: it can send what no client library
// would.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace mosaic::http {

struct Received {
  int status = 0;  ///< 0: the connection ended before an answer
  std::string head;
  std::string body;

  bool says(std::string_view part) const { return head.find(part) != std::string::npos; }
};

class Client {
 public:
  explicit Client(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const timeval limit{20, 0};  // Only a broken server makes a test wait so long.
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~Client() { ::close(socket_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  bool connected() const { return connected_; }

  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  bool request(std::string_view method, std::string_view target, std::string_view body = {}) {
    std::string text;
    text.append(method).append(" ").append(target).append(" HTTP/1.1\r\nHost: test\r\n");
    if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    return send(text.append("\r\n").append(body));
  }

  /// The next answer with a Content-Length; `has_body` is false for HEAD.
  Received answer(bool has_body = true) {
    const auto end = fill_until("\r\n\r\n");
    if (end == std::string::npos) return {};
    Received answer{std::atoi(buffer_.c_str() + 9), buffer_.substr(0, end + 4), {}};
    buffer_.erase(0, end + 4);
    const auto length = answer.head.find("Content-Length: ");
    if (!has_body || length == std::string::npos) return answer;
    const auto size = std::strtoul(answer.head.c_str() + length + 16, nullptr, 10);
    while (buffer_.size() < size && fill()) {
    }
    answer.body = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return answer;
  }

  Received ask(std::string_view method, std::string_view target, std::string_view body = {}) {
    request(method, target, body);
    return answer(method != "HEAD");
  }

  /// Everything until the server ends the connection.
  std::string rest() {
    while (fill()) {
    }
    return std::move(buffer_);
  }

  bool closed() { return buffer_.empty() && !fill(); }

  void shut_down_sending() { ::shutdown(socket_, SHUT_WR); }

 private:
  std::size_t fill_until(std::string_view mark) {
    for (;;) {
      const auto at = buffer_.find(mark);
      if (at != std::string::npos || !fill()) return at;
    }
  }

  bool fill() {
    char bytes[16384];
    const auto got = ::recv(socket_, bytes, sizeof bytes, 0);
    if (got > 0) buffer_.append(bytes, static_cast<std::size_t>(got));
    return got > 0;
  }

  int socket_;
  bool connected_ = false;
  std::string buffer_;
};

}  // namespace mosaic::http
