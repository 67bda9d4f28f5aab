// SHA-256 (FIPS 180-4) by OpenSSL, for names and files that nobody must be able to forge. Checksums
// against accidents are in checksum.hpp and far cheaper.
#pragma once

#include <string>
#include <string_view>

namespace mosaic {

/// As 64 hexadecimal digits.
std::string sha256(std::string_view bytes);

}  // namespace mosaic
