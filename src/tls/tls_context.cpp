#include "tls/tls_context.hpp"

#include <openssl/x509v3.h>

#include <fmt/format.h>

#include "base/failure.hpp"
#include "tls/openssl_parts.hpp"

namespace mosaic::tls {
namespace {

using Store = std::unique_ptr<X509_STORE_CTX, Freed<X509_STORE_CTX_free>>;

void require_all(const TlsFiles& files) {
  const auto given = [](const std::filesystem::path& path, std::string_view what) {
    if (path.empty()) {
      throw Failure(
          invalid(fmt::format("cluster.{} is empty: certificate, key and ca go together", what)));
    }
  };
  given(files.certificate, "certificate");
  given(files.key, "key");
  given(files.ca, "ca");
}

/// Better said at start than by every other node.
void require_vouched(SSL_CTX* context, X509* certificate, const TlsFiles& files) {
  const Store check(X509_STORE_CTX_new());
  require(check &&
              X509_STORE_CTX_init(check.get(), SSL_CTX_get_cert_store(context), certificate,
                                  nullptr) == 1 &&
              X509_STORE_CTX_set_purpose(check.get(), X509_PURPOSE_SSL_CLIENT) == 1,
          "a certificate cannot be checked");
  if (X509_verify_cert(check.get()) == 1) return;
  const int reason = X509_STORE_CTX_get_error(check.get());
  static_cast<void>(openssl_reason());
  throw Failure(
      invalid(fmt::format("the authority of '{}' does not vouch for '{}': {}", files.ca.string(),
                          files.certificate.string(), X509_verify_cert_error_string(reason))));
}

void set_rules(SSL_CTX* context) {
  require(SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1, "no TLS 1.3");
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  // A session that was resumed would not show its certificate again.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  require(SSL_CTX_set_num_tickets(context, 0) == 1, "tickets cannot be turned off");
  // Idle connections keep no buffers.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
}

}  // namespace

Result<TlsContext> TlsContext::load(const TlsFiles& files) {
  return to_result([&] {
    require_all(files);
    const auto authorities = read_certificates(files.ca);
    const auto certificate = read_certificate(files.certificate);
    const auto key = read_key(files.key);
    const std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_method()), Freed<SSL_CTX_free>());
    require(context != nullptr, "no TLS");
    set_rules(context.get());
    auto* store = SSL_CTX_get_cert_store(context.get());
    for (const auto& authority : authorities)
      require(X509_STORE_add_cert(store, authority.get()) == 1, "no memory for an authority");
    require(SSL_CTX_use_certificate(context.get(), certificate.get()) == 1,
            "a certificate cannot be used");
    if (SSL_CTX_use_PrivateKey(context.get(), key.get()) != 1) {
      static_cast<void>(openssl_reason());
      throw Failure(invalid(fmt::format("'{}' is not the key of '{}'", files.key.string(),
                                        files.certificate.string())));
    }
    require_vouched(context.get(), certificate.get(), files);
    return TlsContext(context);
  });
}

}  // namespace mosaic::tls
