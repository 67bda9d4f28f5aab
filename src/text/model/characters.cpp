#include "text/model/characters.hpp"

#include <utf8proc.h>

#include <algorithm>

#include "text/model/unicode_ranges.hpp"

namespace mosaic::text {
namespace {

/// Letters of Unicode 16 and 17, which utf8proc does not know yet: [first, last] moves by `shift`.
struct Shift {
  char32_t first;
  char32_t last;
  std::int32_t shift;
};
constexpr Shift kYoungLetters[] = {{0x1C89, 0x1C89, 1},      {0xA7CB, 0xA7CB, 0x264 - 0xA7CB},
                                   {0xA7CC, 0xA7CC, 1},      {0xA7CE, 0xA7CE, 1},
                                   {0xA7D2, 0xA7D2, 1},      {0xA7D4, 0xA7D4, 1},
                                   {0xA7DA, 0xA7DA, 1},      {0xA7DC, 0xA7DC, 0x19B - 0xA7DC},
                                   {0x10D50, 0x10D65, 0x20}, {0x16EA0, 0x16EB8, 0x1B}};

/// How the second byte of a character is bounded (RFC 3629, section 4); `size` 0 is no lead byte.
struct Lead {
  std::size_t size;
  unsigned low = 0x80;
  unsigned high = 0xBF;
};

Lead lead_of(unsigned byte) {
  if (byte < 0x80) return {1};
  if (byte >= 0xC2 && byte <= 0xDF) return {2};
  if (byte >= 0xE0 && byte <= 0xEF)
    return {3, byte == 0xE0 ? 0xA0U : 0x80, byte == 0xED ? 0x9FU : 0xBF};
  if (byte >= 0xF0 && byte <= 0xF4)
    return {4, byte == 0xF0 ? 0x90U : 0x80, byte == 0xF4 ? 0x8FU : 0xBF};
  return {0};
}

/// Bytes of the start of `bytes` that could begin a character, and whether they are a whole one.
std::pair<std::size_t, bool> longest_part(std::string_view bytes) {
  auto [size, low, high] = lead_of(static_cast<unsigned char>(bytes[0]));
  std::size_t found = 1;
  for (; found < size && found < bytes.size(); ++found) {
    const auto byte = static_cast<unsigned char>(bytes[found]);
    if (byte < low || byte > high) break;
    low = 0x80;
    high = 0xBF;
  }
  return {found, found == size};
}

}  // namespace

const CharacterTable& CharacterTable::get() {
  static const CharacterTable table;
  return table;
}

CharacterTable::CharacterTable() {
  const auto ranges = unicode_ranges();
  auto range = ranges.begin();
  for (std::size_t i = 0; i < index_.size(); ++i) {
    Block block{};
    for (std::size_t low = 0; low < block.size(); ++low) {
      const auto c = static_cast<char32_t>(i << 8 | low);
      while (range != ranges.end() && range->last < c) ++range;
      if (range != ranges.end() && range->first <= c) block[low] = range->classes;
    }
    if (blocks_.empty() || blocks_.back() != block) blocks_.push_back(block);
    index_[i] = static_cast<std::uint16_t>(blocks_.size() - 1);
  }
}

void append_lower(char32_t c, std::u32string& out) {
  if (c == 0x130) {
    out += U"i\u0307";
    return;
  }
  for (const auto& letters : kYoungLetters) {
    if (c >= letters.first && c <= letters.last) {
      out += static_cast<char32_t>(static_cast<std::int32_t>(c) + letters.shift);
      return;
    }
  }
  out += static_cast<char32_t>(::utf8proc_tolower(static_cast<utf8proc_int32_t>(c)));
}

char32_t next_character(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) {
    return static_cast<char32_t>(static_cast<unsigned char>(text[at + i]));
  };
  const auto size = character_bytes(text[at]);
  char32_t c = byte(0);
  if (size == 2) c = (c & 0x1F) << 6 | (byte(1) & 0x3F);
  if (size == 3) c = (c & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
  if (size == 4) {
    c = (c & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F);
  }
  at += size;
  return c;
}

void append_utf8(char32_t c, std::string& out) {
  const auto tail = [&](int shift) { return static_cast<char>(0x80 | (c >> shift & 0x3F)); };
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += {static_cast<char>(0xC0 | c >> 6), tail(0)};
  } else if (c < 0x10000) {
    out += {static_cast<char>(0xE0 | c >> 12), tail(6), tail(0)};
  } else {
    out += {static_cast<char>(0xF0 | c >> 18), tail(12), tail(6), tail(0)};
  }
}

std::string replace_invalid(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  while (!bytes.empty()) {
    const auto [size, whole] = longest_part(bytes);
    out += whole ? bytes.substr(0, size) : std::string_view("\uFFFD");
    bytes.remove_prefix(size);
  }
  return out;
}

}  // namespace mosaic::text
