#include "tls/authority.hpp"

#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <array>

#include <fmt/format.h>

#include "base/durable_file.hpp"
#include "base/failure.hpp"
#include "tls/certificate_names.hpp"
#include "tls/openssl_parts.hpp"

namespace mosaic::tls {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kCertificateMode = 0644;
constexpr unsigned kKeyMode = 0600;
/// Keys may lie in it.
constexpr unsigned kFolderMode = 0700;
constexpr long kX509Version3 = 2;
/// Clocks of nodes differ: a new certificate is good on one that is late, too.
constexpr long kEarlierS = 3'600;
constexpr long kDayS = 86'400;

struct Extension {
  int kind;  ///< NID_...
  std::string value;
};

CertificateFiles files_of(const fs::path& folder, const std::string& name) {
  return {folder / (name + ".pem"), folder / (name + "-key.pem")};
}

Key make_key() {
  Key key(EVP_EC_gen("P-256"));
  require(key != nullptr, "no key can be made");
  return key;
}

/// 128 random bits but for the first, so that it is never negative or 0 (RFC 5280, 4.1.2.2).
void set_serial(X509* certificate) {
  std::array<unsigned char, 16> bytes{};
  require(RAND_bytes(bytes.data(), bytes.size()) == 1, "no random number");
  bytes[0] = static_cast<unsigned char>((bytes[0] & 0x7F) | 0x40);
  BIGNUM* number = BN_bin2bn(bytes.data(), bytes.size(), nullptr);
  const bool done = number != nullptr &&
                    BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nullptr;
  BN_free(number);
  require(done, "no serial number");
}

void add_extension(X509* certificate, X509* issuer, const Extension& wanted) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension =
      X509V3_EXT_conf_nid(nullptr, &context, wanted.kind, wanted.value.c_str());
  const bool done = extension != nullptr && X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  require(done, fmt::format("certificate without '{}'", wanted.value));
}

/// An unsigned one; without an issuer it is its own.
Certificate make_certificate(EVP_PKEY* key, const std::string& name, int days, X509* issuer,
                             const std::vector<Extension>& extensions) {
  Certificate made(X509_new());
  require(made != nullptr, "no memory for a certificate");
  X509* const certificate = made.get();
  if (issuer == nullptr) issuer = certificate;
  set_serial(certificate);
  X509_NAME* subject = X509_get_subject_name(certificate);
  require(X509_set_version(certificate, kX509Version3) == 1 &&
              X509_gmtime_adj(X509_getm_notBefore(certificate), -kEarlierS) != nullptr &&
              X509_gmtime_adj(X509_getm_notAfter(certificate), days * kDayS) != nullptr &&
              X509_set_pubkey(certificate, key) == 1 &&
              X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                         reinterpret_cast<const unsigned char*>(name.c_str()), -1,
                                         -1, 0) == 1 &&
              X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1,
          "no certificate can be made");
  for (const auto& extension : extensions) add_extension(certificate, issuer, extension);
  return made;
}

void sign(X509* certificate, EVP_PKEY* key) {
  require(X509_sign(certificate, key, EVP_sha256()) > 0, "a certificate cannot be signed");
}

std::string written(BIO* bio) {
  char* bytes = nullptr;
  const auto size = BIO_get_mem_data(bio, &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

std::string pem_of(X509* certificate) {
  const Bio bio(BIO_new(BIO_s_mem()));
  require(bio != nullptr && PEM_write_bio_X509(bio.get(), certificate) == 1,
          "a certificate cannot be written as PEM");
  return written(bio.get());
}

std::string pem_of(EVP_PKEY* key) {
  const Bio bio(BIO_new(BIO_s_secmem()));
  require(bio != nullptr && PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0,
                                                          nullptr, nullptr) == 1,
          "a key cannot be written as PEM");
  return written(bio.get());
}

void refuse_to_overwrite(const fs::path& path) {
  std::error_code unknown;
  if (fs::exists(fs::symlink_status(path, unknown)))
    throw Failure(ErrorCode::kAlreadyExists, fmt::format("'{}' is there already", path.string()));
}

CertificateFiles write(const CertificateFiles& files, X509* certificate, EVP_PKEY* key) {
  refuse_to_overwrite(files.certificate);
  refuse_to_overwrite(files.key);
  auto secret = pem_of(key);
  const auto wrote = to_result([&] { write_new_durably(files.key, secret, kKeyMode); });
  OPENSSL_cleanse(secret.data(), secret.size());
  if (!wrote) throw Failure(wrote.error());
  try {
    write_new_durably(files.certificate, pem_of(certificate), kCertificateMode);
  } catch (...) {
    // Alone it is of no use, and would be in the way of another try.
    std::error_code stays;
    fs::remove(files.key, stays);
    throw;
  }
  return files;
}

struct Authority {
  Certificate certificate;
  Key key;
};

Authority read_authority(const fs::path& folder) {
  const auto files = files_of(folder, "ca");
  Authority authority{read_certificate(files.certificate), read_key(files.key)};
  if (X509_check_private_key(authority.certificate.get(), authority.key.get()) != 1) {
    static_cast<void>(openssl_reason());
    throw Failure(
        ErrorCode::kCorruptData,
        fmt::format("'{}' is not the key of '{}'", files.key.string(), files.certificate.string()));
  }
  if (X509_check_ca(authority.certificate.get()) == 0) {
    throw Failure(
        ErrorCode::kCorruptData,
        fmt::format("'{}' is not the certificate of an authority", files.certificate.string()));
  }
  return authority;
}

}  // namespace

Result<CertificateFiles> make_authority(const fs::path& folder) {
  return to_result([&] {
    make_durable_folder(folder, kFolderMode);
    const auto key = make_key();
    const auto certificate =
        make_certificate(key.get(), "MosaicDB cluster", kAuthorityDays, nullptr,
                         {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
                          {NID_key_usage, "critical,keyCertSign,cRLSign"},
                          {NID_subject_key_identifier, "hash"}});
    sign(certificate.get(), key.get());
    return write(files_of(folder, "ca"), certificate.get(), key.get());
  });
}

Result<CertificateFiles> issue_certificate(const CertificateWish& wish) {
  return to_result([&] {
    if (const auto status = check_name(wish.name); !status) throw Failure(status.error());
    const auto names = or_throw(alternative_names(wish.name, wish.hosts));
    const auto authority = read_authority(wish.ca_folder);
    make_durable_folder(wish.folder, kFolderMode);
    const auto key = make_key();
    const auto certificate =
        make_certificate(key.get(), wish.name, kCertificateDays, authority.certificate.get(),
                         {{NID_basic_constraints, "critical,CA:FALSE"},
                          {NID_key_usage, "critical,digitalSignature"},
                          {NID_ext_key_usage, "serverAuth,clientAuth"},
                          {NID_subject_alt_name, names},
                          {NID_subject_key_identifier, "hash"},
                          {NID_authority_key_identifier, "keyid:always"}});
    sign(certificate.get(), authority.key.get());
    return write(files_of(wish.folder, wish.name), certificate.get(), key.get());
  });
}

}  // namespace mosaic::tls
