// Zstandard, one frame with a checksum for each object. Pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace mosaic::backup {

std::string compress(std::string_view bytes);

/// Nothing when it is not exactly one whole frame of at most `bytes_max` bytes that says its size.
std::optional<std::string> decompress(std::string_view frame, std::size_t bytes_max);

}  // namespace mosaic::backup
