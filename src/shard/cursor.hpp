// The opaque position that a list hands out with each page: the last id, in hexadecimal, so that it
// fits any URL.
#pragma once

#include <string>
#include <string_view>

#include "mosaic/result.hpp"

namespace mosaic::shard {

std::string encode_cursor(std::string_view last_id);
/// Error invalid_argument for a text that encode_cursor() did not make.
Result<std::string> decode_cursor(std::string_view cursor);

}  // namespace mosaic::shard
