// Sizes as people write them: 268435456, 256MiB, 2GB.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace mosaic::cli {

/// A whole number of bytes, or of KiB, MiB, GiB, TiB (powers of 1024) or KB, MB, GB, TB (powers of
/// 1000), without a blank between. Nothing when it is none or has more than 64 bits.
std::optional<std::uint64_t> parse_byte_size(std::string_view text);

}  // namespace mosaic::cli
