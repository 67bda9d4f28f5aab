#include "tls/openssl_parts.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <fmt/format.h>

#include "base/durable_file.hpp"
#include "base/failure.hpp"

namespace mosaic::tls {
namespace {

namespace fs = std::filesystem;

/// A PEM file with a chain of many has a few KiB.
constexpr std::uintmax_t kFileBytesMax = 1 << 20;

std::string read_file(const fs::path& path) {
  std::error_code unknown;
  const auto size = fs::file_size(path, unknown);
  if (!unknown && size > kFileBytesMax)
    throw Failure(ErrorCode::kCorruptData, fmt::format("'{}' is no PEM file", path.string()));
  auto bytes = read_whole(path);
  if (!bytes) throw Failure(ErrorCode::kNotFound, fmt::format("there is no '{}'", path.string()));
  return std::move(*bytes);
}

Bio over(const std::string& bytes) {
  Bio bio(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
  require(bio != nullptr, "no memory for a file");
  return bio;
}

int no_passphrase(char*, int, int, void*) {
  return -1;
}

}  // namespace

std::string openssl_reason() {
  const auto error = ERR_peek_last_error();
  ERR_clear_error();
  const char* reason = error == 0 ? nullptr : ERR_reason_error_string(error);
  return reason == nullptr ? "unknown reason" : reason;
}

void require(bool done, std::string_view what) {
  if (!done) throw Failure(ErrorCode::kInternal, fmt::format("{}: {}", what, openssl_reason()));
}

Certificate read_certificate(const fs::path& path) {
  return std::move(read_certificates(path).front());
}

std::vector<Certificate> read_certificates(const fs::path& path) {
  const auto bytes = read_file(path);
  const auto bio = over(bytes);
  std::vector<Certificate> all;
  while (auto* one = PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr))
    all.emplace_back(one);
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (!all.empty() && at_end) {
    ERR_clear_error();
    return all;
  }
  throw Failure(ErrorCode::kCorruptData, fmt::format("'{}' holds no certificate in PEM: {}",
                                                     path.string(), openssl_reason()));
}

Key read_key(const fs::path& path) {
  auto bytes = read_file(path);
  Key key(PEM_read_bio_PrivateKey(over(bytes).get(), nullptr, no_passphrase, nullptr));
  OPENSSL_cleanse(bytes.data(), bytes.size());
  if (key) return key;
  throw Failure(ErrorCode::kCorruptData,
                fmt::format("'{}' holds no key in PEM, or one with a passphrase: {}", path.string(),
                            openssl_reason()));
}

}  // namespace mosaic::tls
