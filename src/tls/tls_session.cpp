#include "tls/tls_session.hpp"

#include <openssl/err.h>

#include <array>
#include <limits>

#include <fmt/format.h>

#include "tls/openssl_parts.hpp"

namespace mosaic::tls {
namespace {

/// The most that a record holds.
constexpr std::size_t kRecordBytesMax = 16 << 10;

BIO* make_memory() {
  BIO* bio = BIO_new(BIO_s_mem());
  require(bio != nullptr, "no memory for TLS");
  // Empty means that more will come.
  BIO_set_mem_eof_return(bio, -1);
  return bio;
}

}  // namespace

TlsSession::TlsSession(const TlsContext& context, Side side)
    : ssl_(SSL_new(context.get()), SSL_free), in_(nullptr), out_(nullptr) {
  require(ssl_ != nullptr, "no memory for TLS");
  Bio in(make_memory());
  Bio out(make_memory());
  in_ = in.get();
  out_ = out.get();
  SSL_set_bio(ssl_.get(), in.release(), out.release());
  side == Side::kAccepting ? SSL_set_accept_state(ssl_.get()) : SSL_set_connect_state(ssl_.get());
}

TlsSession::~TlsSession() = default;

bool TlsSession::established() const {
  return SSL_is_init_finished(ssl_.get()) == 1;
}

bool TlsSession::ended() const {
  return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
}

Error TlsSession::failed() {
  const auto verified = SSL_get_verify_result(ssl_.get());
  const auto reason = openssl_reason();
  if (verified == X509_V_OK) return {ErrorCode::kUnauthenticated, reason};
  return {ErrorCode::kUnauthenticated,
          fmt::format("{}: {}", reason, X509_verify_cert_error_string(verified))};
}

Status TlsSession::receive(std::string_view bytes, std::string& plain) {
  if (!bytes.empty()) {
    require(bytes.size() <= std::numeric_limits<int>::max() &&
                BIO_write(in_, bytes.data(), static_cast<int>(bytes.size())) ==
                    static_cast<int>(bytes.size()),
            "no memory for TLS");
  }
  ERR_clear_error();
  std::array<char, kRecordBytesMax> record;
  while (true) {
    // Goes on with the handshake, too.
    const int read = SSL_read(ssl_.get(), record.data(), record.size());
    if (read > 0) {
      plain.append(record.data(), static_cast<std::size_t>(read));
      continue;
    }
    const int error = SSL_get_error(ssl_.get(), read);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_ZERO_RETURN) return {};
    return failed();
  }
}

Status TlsSession::send(std::string_view plain) {
  ERR_clear_error();
  while (!plain.empty()) {
    std::size_t sent = 0;
    if (SSL_write_ex(ssl_.get(), plain.data(), plain.size(), &sent) != 1) return failed();
    plain.remove_prefix(sent);
  }
  return {};
}

void TlsSession::close() {
  if (established()) SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

std::string TlsSession::take_outgoing() {
  std::string bytes(BIO_ctrl_pending(out_), '\0');
  if (!bytes.empty()) BIO_read(out_, bytes.data(), static_cast<int>(bytes.size()));
  return bytes;
}

}  // namespace mosaic::tls
