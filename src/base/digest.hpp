// SHA-256 (FIPS 180-4) and HMAC (RFC 2104) by OpenSSL, for names and files that nobody must be able
// to forge. Checksums against accidents are in checksum.hpp and far cheaper.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace mosaic {

using Sha256Digest = std::array<std::uint8_t, 32>;

/// A digest in pieces. Belongs to one thread.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void update(std::string_view bytes);
  /// Of everything since the last one; begins anew.
  Sha256Digest finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

/// As 64 hexadecimal digits.
std::string sha256(std::string_view bytes);

Sha256Digest hmac_sha256(std::string_view key, std::string_view text);

/// Two lower-case digits for each byte.
std::string to_hex(std::span<const std::uint8_t> bytes);
/// The other way; false when `text` is not exactly two lower-case digits for each byte.
bool from_hex(std::string_view text, std::span<std::uint8_t> bytes);

}  // namespace mosaic
