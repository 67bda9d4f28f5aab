// The SHA-256 of a file, read piece by piece.
#pragma once

#include <filesystem>
#include <string>

#include "mosaic/result.hpp"

namespace mosaic {

/// As 64 hexadecimal digits. unavailable when the file cannot be read.
Result<std::string> sha256_of_file(const std::filesystem::path& path);

}  // namespace mosaic
