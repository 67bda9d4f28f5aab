// Which classes a character belongs to, as runs of equal characters by rising code point. The table
// is made by a script that asks the reference tokenizer about every character.
#pragma once

#include <cstdint>
#include <span>

namespace mosaic::text {

struct UnicodeRange {
  char32_t first;
  char32_t last;
  std::uint8_t classes;  ///< bits of CharacterClass
};

std::span<const UnicodeRange> unicode_ranges();

}  // namespace mosaic::text
