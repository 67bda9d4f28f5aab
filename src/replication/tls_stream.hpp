// A TCP connection under TLS that libraft can use: libraft works on a stream of libuv, so it gets
// one end of a socket pair, and what it writes and reads there passes through here.
//
//   the network <- TCP -> TlsSession <- socket pair -> libraft
//
// Neither side is read from while more than a MiB waits for the other, so that a slow one slows
// down its other end, as TCP does. Everything happens on the loop's thread.
#pragma once

#include <uv.h>

#include <optional>
#include <span>
#include <string>

#include "mosaic/result.hpp"
#include "tls/tls_session.hpp"

namespace mosaic::replication {

constexpr std::size_t kTlsWaitingBytesMax = 1 << 20;
class TlsStream;

/// What becomes of a stream. Any of these may call its methods; only the last may destroy it.
class TlsStreamOwner {
 public:
  virtual ~TlsStreamOwner() = default;
  /// The other side has shown its certificate.
  virtual void established(TlsStream& stream) = 0;
  /// The other side said something before join(); what is left in `plain` is kept, and comes again
  /// with what follows.
  virtual void heard(TlsStream& stream, std::string& plain) = 0;
  /// It is no more: because the other side or libraft hung up, or for an error.
  virtual void closed(TlsStream& stream, const std::optional<Error>& why) = 0;
};

class TlsStream {
 public:
  using Side = tls::TlsSession::Side;

  /// `scratch` is for reading: one for all streams of a loop will do. All outlive this. Throws
  /// Failure(internal).
  TlsStream(uv_loop_t& loop, const tls::TlsContext& context, Side side, std::span<char> scratch,
            TlsStreamOwner& owner);
  /// To be destroyed by closed().
  ~TlsStream() = default;
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  /// Begin the handshake; one of the two, once. When that fails, closed() tells why.
  void accept(uv_stream_t* listener);
  void connect(const sockaddr_in& address);

  /// Once it is established.
  void say(std::string_view plain);
  /// The stream that libraft is to use, close and free; its bytes pass from now on. Null, and the
  /// stream is closed, when the system gives no more descriptors.
  uv_stream_t* join();
  void close(std::optional<Error> why = {});
  /// Closes it after so long, unless it has been joined since.
  void close_after(std::uint64_t ms);

  bool joined() const { return joined_; }
  bool closing() const { return closing_; }
  /// The other side's address, when it has one.
  std::string peer() const;

 private:
  struct Write;

  void begin();
  void read_network(ssize_t size);
  void read_local(ssize_t size);
  void network_ended();
  void deliver();
  void flush();
  void write(uv_stream_t* to, std::string bytes);
  void wrote(const Write& write, int status);
  void handle_closed();
  void start_reading(uv_stream_t* from);
  uv_stream_t* network() { return reinterpret_cast<uv_stream_t*>(&network_); }
  uv_stream_t* local() { return reinterpret_cast<uv_stream_t*>(&local_); }

  tls::TlsSession session_;
  const std::span<char> scratch_;
  TlsStreamOwner& owner_;
  uv_loop_t& loop_;
  uv_tcp_t network_{};
  uv_pipe_t local_{};
  uv_timer_t timer_{};
  uv_connect_t connecting_{};
  uv_shutdown_t ending_{};
  std::string plain_;  ///< heard and not yet passed on
  std::optional<Error> why_;
  int open_handles_ = 0;
  bool established_ = false;
  bool joined_ = false;
  bool closing_ = false;
  bool network_has_ended_ = false;
};

}  // namespace mosaic::replication
