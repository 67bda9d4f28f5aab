// Certificates under test, read back from their files.
#pragma once

#include <gtest/gtest.h>
#include <openssl/x509v3.h>

#include "support/authority_folder.hpp"
#include "tls/openssl_parts.hpp"

namespace mosaic::tls::test {

using mosaic::test::AuthorityFolder;

/// Whether `authority` vouches for the certificate, as a client or as a server. OpenSSL's own
/// answer.
inline bool vouches(const std::filesystem::path& authority,
                    const std::filesystem::path& certificate,
                    int purpose = X509_PURPOSE_SSL_CLIENT) {
  const auto ca = read_certificate(authority);
  const auto leaf = read_certificate(certificate);
  const std::unique_ptr<X509_STORE, Freed<X509_STORE_free>> store(X509_STORE_new());
  const std::unique_ptr<X509_STORE_CTX, Freed<X509_STORE_CTX_free>> check(X509_STORE_CTX_new());
  X509_STORE_add_cert(store.get(), ca.get());
  X509_STORE_CTX_init(check.get(), store.get(), leaf.get(), nullptr);
  X509_STORE_CTX_set_purpose(check.get(), purpose);
  return X509_verify_cert(check.get()) == 1;
}

}  // namespace mosaic::tls::test
