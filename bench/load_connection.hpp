// One connection of a load generator: non-blocking, kept alive, one request at a time. It looks at
// no more of an answer than it must, so that one thread can drive thousands. Belongs to that
// thread, which hands it the events of its socket.
#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace mosaic::bench {

struct Address {
  sockaddr_storage bytes{};
  socklen_t size = 0;
};

/// What an event of the socket led to.
enum class Outcome : std::uint8_t {
  kNothing,
  kConnected,
  kAnswered,
  kLost,  ///< broken or closed by the server; whoever waited for an answer gets none
};

class LoadConnection {
 public:
  /// `number` is what events of the socket carry.
  LoadConnection(int epoll, std::uint32_t number, const Address& server)
      : epoll_(epoll), number_(number), server_(server) {}
  ~LoadConnection() { close(); }
  LoadConnection(LoadConnection&& other) noexcept;
  LoadConnection& operator=(LoadConnection&&) = delete;

  /// Drops what there is and connects anew. False when that fails at once.
  bool connect();

  /// Only while idle. `request` stays until there is an outcome. False when the connection is lost.
  bool send(std::string_view request);

  Outcome ready(std::uint32_t events);

  bool idle() const { return state_ == State::kIdle; }
  bool busy() const { return state_ == State::kBusy; }
  /// Of the last answer.
  int status() const;
  /// The last answer says that some shard has not answered.
  bool partial() const;
  /// The server ends the connection after its last answer.
  bool ends() const { return ends_; }

 private:
  enum class State : std::uint8_t { kLost, kConnecting, kIdle, kBusy };

  void close();
  Outcome lose();
  bool write_rest();
  Outcome read_some();
  Outcome take(std::string_view bytes);
  bool read_head(std::size_t end);
  void watch(int operation, std::uint32_t events);

  int epoll_;
  std::uint32_t number_;
  const Address& server_;
  int socket_ = -1;
  State state_ = State::kLost;
  std::string_view unsent_;
  std::string answer_;     ///< as far as it is there
  std::size_t whole_ = 0;  ///< bytes of the answer; 0: not known yet
  bool ends_ = false;
};

}  // namespace mosaic::bench
