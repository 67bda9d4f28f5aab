// A tiny Redis on 127.0.0.1 for tests of its clients: it understands commands as arrays of bulk
// strings (RESP) and has a thread for each connection. The handler gets the words of every command
// and gives the raw bytes of the answer; it may be called on several threads at once. An empty
// answer closes the connection.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "support/loopback_server.hpp"

namespace mosaic::test {

using RedisCommand = std::vector<std::string>;

inline std::string redis_bulk(const std::string& value) {
  return "$" + std::to_string(value.size()) + "\r\n" + value + "\r\n";
}

/// The answer to MGET.
inline std::string redis_values(const std::vector<std::optional<std::string>>& values) {
  auto out = "*" + std::to_string(values.size()) + "\r\n";
  for (const auto& value : values) out += value ? redis_bulk(*value) : "$-1\r\n";
  return out;
}

class FakeRedis {
 public:
  using Handler = std::function<std::string(const RedisCommand&)>;

  explicit FakeRedis(Handler handler) : handler_(std::move(handler)) {}

  std::uint16_t port() const { return server_.port(); }
  int connections() const { return server_.connections(); }
  void close_connections() { server_.close_connections(); }

 private:
  void serve(int socket) {
    Input input{socket, {}};
    RedisCommand command;
    while (input.read(command)) {
      const auto answer = handler_(command);
      if (answer.empty() || !send_all(socket, answer)) break;
    }
  }

  struct Input {
    int socket;
    std::string bytes;

    bool read(RedisCommand& command) {
      std::size_t count = 0;
      if (!read_size('*', count)) return false;
      command.assign(count, "");
      for (auto& word : command) {
        std::size_t size = 0;
        if (!read_size('$', size) || !read_more(size + 2)) return false;
        word = bytes.substr(0, size);
        bytes.erase(0, size + 2);
      }
      return true;
    }

    bool read_size(char mark, std::size_t& size) {
      std::size_t end = 0;
      while ((end = bytes.find("\r\n")) == std::string::npos) {
        if (!read_more(bytes.size() + 1)) return false;
      }
      if (bytes[0] != mark) return false;
      size = std::stoul(bytes.substr(1, end - 1));
      bytes.erase(0, end + 2);
      return true;
    }

    bool read_more(std::size_t until) {
      while (bytes.size() < until) {
        if (!receive_more(socket, bytes)) return false;
      }
      return true;
    }
  };

  const Handler handler_;
  LoopbackServer server_{[this](int socket) { serve(socket); }};  ///< Last: it uses the handler.
};

}  // namespace mosaic::test
