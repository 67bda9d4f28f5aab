// One side of TLS over a connected socket that does not block and belongs to somebody else. SIGPIPE
// must be ignored. To be used by one thread at a time.
#pragma once

#include <chrono>
#include <memory>
#include <span>

#include "mosaic/result.hpp"
#include "tls/tls_context.hpp"
#include "tls/tls_session.hpp"

namespace mosaic::tls {

class TlsSocket {
 public:
  using Side = TlsSession::Side;
  /// What became of a call: it is done; it is to be repeated, as it was, once the socket can be
  /// read or written; or there is nothing to do but to close the socket.
  enum class Turn { kDone, kWhenReadable, kWhenWritable, kFailed };

  /// The socket outlives this. Throws Failure(internal) when there is no memory.
  TlsSocket(const TlsContext& context, Side side, int socket);

  /// Until it is done once, nothing can be read or written.
  Turn shake_hands();
  /// The same, waited for. Error: unauthenticated, unavailable when the other
  /// side hung up, deadline_exceeded.
  Status shake_hands_within(std::chrono::milliseconds patience);
  /// `count` is of what was read, at least one byte when it is done, 0 otherwise.
  Turn read(std::span<char> into, std::size_t& count);
  /// Takes all of `bytes`, or none.
  Turn write(std::span<const char> bytes);
  /// Bytes that can be read although the socket has none.
  std::size_t waiting() const;

 private:
  Turn turn_after(int outcome);
  Error why_not() const;

  std::unique_ptr<ssl_st, void (*)(ssl_st*)> ssl_;
  int socket_;
};

}  // namespace mosaic::tls
