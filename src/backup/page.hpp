// The unit of a backup: 4,096 bytes, known by the first half of its SHA-256, kept in a slot of a
// pack. A file's last page is filled up with zeros.
#pragma once

#include <array>
#include <compare>
#include <cstdint>

namespace mosaic::backup {

constexpr std::size_t kPageBytes = 4'096;
constexpr std::uint32_t kPackPagesMax = 2'048;  ///< 8 MiB before compression
/// A file has at most so many: 8 TiB.
constexpr std::uint64_t kFilePagesMax = std::uint64_t{1} << 31;

/// 128 bits: two pages meet by chance never, and by somebody's will after 2^64 attempts; restore
/// would then find it by the SHA-256 of the whole file.
using PageHash = std::array<std::uint64_t, 2>;

constexpr std::uint32_t kNoPack = ~std::uint32_t{0};

/// `pack` counts the packs that a run knows.
struct PagePlace {
  std::uint32_t pack = kNoPack;
  std::uint32_t slot = 0;
  friend auto operator<=>(const PagePlace&, const PagePlace&) = default;
};

constexpr std::uint64_t pages_of(std::uint64_t bytes) {
  return bytes / kPageBytes + (bytes % kPageBytes != 0 ? 1 : 0);
}

}  // namespace mosaic::backup
