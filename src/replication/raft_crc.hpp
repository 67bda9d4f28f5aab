// The checksum of libraft's files: CRC-32 of the polynomial 0x04c11db7, most significant bit first,
// from 0, not inverted.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace mosaic::replication {

inline constexpr auto kCrcTable = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    auto crc = i << 24;
    for (int bit = 0; bit < 8; ++bit) crc = (crc << 1) ^ ((crc >> 31) != 0 ? 0x04c11db7U : 0U);
    table[i] = crc;
  }
  return table;
}();

/// Goes on from `crc`.
inline std::uint32_t crc32(std::string_view bytes, std::uint32_t crc = 0) {
  for (const char c : bytes)
    crc = (crc << 8) ^ kCrcTable[(crc >> 24) ^ static_cast<std::uint8_t>(c)];
  return crc;
}

}  // namespace mosaic::replication
