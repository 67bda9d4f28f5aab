// A tiny HTTP server on 127.0.0.1 for tests of clients: plain POSIX sockets, one thread per
// connection, keep-alive. The handler gets every request and gives the raw bytes of the answer; it
// may be called on several threads at once. An empty answer closes the connection.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "support/loopback_server.hpp"

namespace mosaic::test {

struct FakeRequest {
  std::string method;
  std::string target;
  std::string head;  ///< request line and headers
  std::string body;
};

/// An answer with a Content-Length; `headers` are further lines, each ending in CRLF.
inline std::string http_answer(int status, const std::string& body,
                               const std::string& headers = "") {
  return "HTTP/1.1 " + std::to_string(status) + " Status\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// An answer in chunks; without `complete` it breaks off before the last one.
inline std::string chunked_answer(const std::vector<std::string>& chunks, bool complete = true) {
  std::string out = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const auto& chunk : chunks) {
    char size[32];
    std::snprintf(size, sizeof size, "%zx\r\n", chunk.size());
    out += size + chunk + "\r\n";
  }
  return complete ? out + "0\r\n\r\n" : out;
}

class FakeHttpServer {
 public:
  using Handler = std::function<std::string(const FakeRequest&)>;

  explicit FakeHttpServer(Handler handler) : handler_(std::move(handler)) {}

  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }
  int connections() const { return server_.connections(); }

 private:
  void serve(int socket) {
    std::string bytes;
    FakeRequest request;
    while (read_request(socket, bytes, request)) {
      const auto answer = handler_(request);
      if (answer.empty() || !send_all(socket, answer) || is_incomplete(answer)) break;
    }
  }

  static bool is_incomplete(const std::string& answer) {
    return answer.find("Transfer-Encoding: chunked") != std::string::npos &&
           answer.find("\r\n0\r\n\r\n") == std::string::npos;
  }

  static bool read_request(int socket, std::string& bytes, FakeRequest& request) {
    std::size_t end = 0;
    while ((end = bytes.find("\r\n\r\n")) == std::string::npos) {
      if (!receive_more(socket, bytes)) return false;
    }
    request.head = bytes.substr(0, end + 2);
    bytes.erase(0, end + 4);
    const auto length = content_length(request.head);
    while (bytes.size() < length) {
      if (!receive_more(socket, bytes)) return false;
    }
    request.body = bytes.substr(0, length);
    bytes.erase(0, length);
    const auto space = request.head.find(' ');
    request.method = request.head.substr(0, space);
    request.target = request.head.substr(space + 1, request.head.find(' ', space + 1) - space - 1);
    return true;
  }

  static std::size_t content_length(const std::string& head) {
    const auto at = head.find("Content-Length: ");
    return at == std::string::npos ? 0 : std::stoul(head.substr(at + 16));
  }

  const Handler handler_;
  LoopbackServer server_{[this](int socket) { serve(socket); }};  ///< Last: it uses the handler.
};

/// A port on which nobody listens (it was free a moment ago).
inline int free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ::bind(socket, reinterpret_cast<sockaddr*>(&address), size);
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(socket);
  return ntohs(address.sin_port);
}

}  // namespace mosaic::test
