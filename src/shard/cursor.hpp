// The opaque position that a list hands out with each page: the last id, in hexadecimal, so that it
// fits any URL, and before it the seq of the past that is listed, if it is one.
#pragma once

#include <string>
#include <string_view>

#include "mosaic/collection.hpp"

namespace mosaic::shard {

struct Cursor {
  std::string after;  ///< the last id; empty: from the beginning
  Seq as_of = 0;      ///< 0: of no state of the past
  friend bool operator==(const Cursor&, const Cursor&) = default;
};

std::string encode_cursor(const Cursor& cursor);
/// Error invalid_argument for a text that encode_cursor() did not make.
Result<Cursor> decode_cursor(std::string_view cursor);

}  // namespace mosaic::shard
