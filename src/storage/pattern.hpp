// LIKE, GLOB and substring search as SQLite defines them, but able to stop: SQLite's own run on for
// many seconds over megabytes and look at no deadline. Pure functions over UTF-8.
#pragma once

#include <string_view>

#include "storage/patience.hpp"

namespace mosaic::storage {

enum class Match { kNo, kYes, kStopped };

/// `%` is any text, `_` any character, ASCII letters match in either case. The character after
/// `escape` (one character, or empty for none) stands for itself.
Match like(std::string_view pattern, std::string_view text, std::string_view escape,
           Patience& patience);

/// `*` is any text, `?` any character, `[a-z]` and `[^a-z]` sets of characters.
Match glob(std::string_view pattern, std::string_view text, Patience& patience);

struct Found {
  Match match = Match::kNo;
  std::size_t at = 0;
};

/// The first place at or after `from` where `needle`, which is not empty, stands in `text`.
Found find(std::string_view text, std::string_view needle, std::size_t from, Patience& patience);

/// Bytes of the character at `at`: its first byte and what continues it.
std::size_t character_bytes(std::string_view text, std::size_t at);

}  // namespace mosaic::storage
