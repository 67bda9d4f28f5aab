// One side of a TLS connection, without the connection: bytes of the network go in and come out.
// What it keeps is at most one record that is not whole yet. To be used by one thread at a time.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "mosaic/result.hpp"
#include "tls/tls_context.hpp"

struct ssl_st;
struct bio_st;

namespace mosaic::tls {

class TlsSession {
 public:
  enum class Side { kConnecting, kAccepting };

  /// Throws Failure(internal) when there is no memory.
  TlsSession(const TlsContext& context, Side side);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  /// Begins or goes on with the handshake and appends to `plain` what the other side said. Error
  /// unauthenticated: it is not let in, or speaks no TLS; there is nothing to do but to send what
  /// is outgoing and to hang up.
  Status receive(std::string_view bytes, std::string& plain);
  /// Once it is established.
  Status send(std::string_view plain);
  /// Tells the other side that nothing more comes.
  void close();
  /// For the network; empties it.
  std::string take_outgoing();

  /// The other side has shown a certificate of the authority. One that connects may be refused yet.
  bool established() const;
  /// The other side has said that nothing more comes.
  bool ended() const;

 private:
  Error failed();

  std::unique_ptr<ssl_st, void (*)(ssl_st*)> ssl_;
  bio_st* in_;   // owned by ssl_
  bio_st* out_;  // owned by ssl_
};

}  // namespace mosaic::tls
