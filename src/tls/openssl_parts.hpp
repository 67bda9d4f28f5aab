// What the files of this room need of OpenSSL: owners of its objects, and its errors as ours.
#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mosaic::tls {

template <auto kFree>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    kFree(object);
  }
};

using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Context = std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>>;

/// Why OpenSSL's last call on this thread failed; forgets it.
std::string openssl_reason();
/// Throws Failure(internal) unless `done`: what fails only for want of memory or of chance.
void require(bool done, std::string_view what);

/// Read a PEM file. Throw Failure: not_found, unavailable when it cannot be read, corrupt_data when
/// there is none in it. A key with a passphrase is refused: nobody could be asked for it.
Certificate read_certificate(const std::filesystem::path& path);
/// All of a file: while an authority takes the place of another, both are let in.
std::vector<Certificate> read_certificates(const std::filesystem::path& path);
Key read_key(const std::filesystem::path& path);

}  // namespace mosaic::tls
