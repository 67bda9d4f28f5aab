#include "tls/tls_socket.hpp"

#include <poll.h>

#include <openssl/err.h>

#include <fmt/format.h>

#include "tls/openssl_parts.hpp"

namespace mosaic::tls {

TlsSocket::TlsSocket(const TlsContext& context, Side side, int socket)
    : ssl_(SSL_new(context.get()), SSL_free), socket_(socket) {
  require(ssl_ && SSL_set_fd(ssl_.get(), socket) == 1, "no memory for a connection");
  side == Side::kConnecting ? SSL_set_connect_state(ssl_.get()) : SSL_set_accept_state(ssl_.get());
}

TlsSocket::Turn TlsSocket::turn_after(int outcome) {
  if (outcome > 0) return Turn::kDone;
  switch (SSL_get_error(ssl_.get(), outcome)) {
    case SSL_ERROR_WANT_READ:
      return Turn::kWhenReadable;
    case SSL_ERROR_WANT_WRITE:
      return Turn::kWhenWritable;
    default:
      return Turn::kFailed;
  }
}

TlsSocket::Turn TlsSocket::shake_hands() {
  // What others left there would be taken for the reason.
  ERR_clear_error();
  return turn_after(SSL_do_handshake(ssl_.get()));
}

Error TlsSocket::why_not() const {
  if (ERR_peek_last_error() == 0) return {ErrorCode::kUnavailable, "it hung up"};
  const auto reason = openssl_reason();
  const auto verified = SSL_get_verify_result(ssl_.get());
  if (verified == X509_V_OK) return {ErrorCode::kUnauthenticated, reason};
  return {ErrorCode::kUnauthenticated,
          fmt::format("{}: {}", reason, X509_verify_cert_error_string(verified))};
}

Status TlsSocket::shake_hands_within(std::chrono::milliseconds patience) {
  using Clock = std::chrono::steady_clock;
  const auto until = Clock::now() + patience;
  for (;;) {
    const auto turn = shake_hands();
    if (turn == Turn::kDone) return {};
    if (turn == Turn::kFailed) return why_not();
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
    if (left <= 0) return Error{ErrorCode::kDeadlineExceeded, "it does not answer in TLS"};
    pollfd wanted{socket_, static_cast<short>(turn == Turn::kWhenReadable ? POLLIN : POLLOUT), 0};
    ::poll(&wanted, 1, static_cast<int>(left));
  }
}

TlsSocket::Turn TlsSocket::read(std::span<char> into, std::size_t& count) {
  ERR_clear_error();
  count = 0;
  return turn_after(SSL_read_ex(ssl_.get(), into.data(), into.size(), &count));
}

TlsSocket::Turn TlsSocket::write(std::span<const char> bytes) {
  ERR_clear_error();
  std::size_t all = 0;
  return turn_after(SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &all));
}

std::size_t TlsSocket::waiting() const {
  return static_cast<std::size_t>(SSL_pending(ssl_.get()));
}

}  // namespace mosaic::tls
