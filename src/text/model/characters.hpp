// Characters as the reference tokenizer (the Python package `tokenizers`) sees them: their classes
// and lower case. Its Unicode tables are of several versions, so that the classes of its youngest
// characters differ from those of the standard. Pure functions for any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mosaic::text {

constexpr char32_t kCodePointMax = 0x10FFFF;
constexpr char32_t kReplacement = 0xFFFD;

/// Bits of a set. The order is that of tests/tokenizer/make_unicode_ranges.py.
enum CharacterClass : std::uint8_t {
  kWhiteSpace = 1,
  kControl = 2,  ///< what BertNormalizer cleans away: Cc, Cf, Co but for tab and line breaks
  kNonspacingMark = 4,
  kPunctuation = 8,
  kNumeric = 16,
  kWord = 32,  ///< \w of a regular expression
  kCombiningMark = 64,
  kUnknown = 128,  ///< younger than the reference's normalisation, which leaves it alone
};

/// Classes of all characters in two stages: 256 characters are a block, equal blocks are one.
class CharacterTable {
 public:
  /// Made once for the process.
  static const CharacterTable& get();

  std::uint8_t classes(char32_t c) const { return blocks_[index_[c >> 8]][c & 0xFF]; }
  bool is(char32_t c, std::uint8_t any_of) const { return (classes(c) & any_of) != 0; }

 private:
  using Block = std::array<std::uint8_t, 256>;
  CharacterTable();

  std::array<std::uint16_t, (kCodePointMax >> 8) + 1> index_;
  std::vector<Block> blocks_;
};

/// One character at a time; U+0130 has a lower case of two.
void append_lower(char32_t c, std::u32string& out);

inline bool is_ascii(char c) {
  return static_cast<unsigned char>(c) < 0x80;
}

/// The character at `at`, which is moved past it. `text` is valid UTF-8.
char32_t next_character(std::string_view text, std::size_t& at);

/// Bytes of the character that starts with `lead`, in valid UTF-8.
inline std::size_t character_bytes(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

/// The end of the character that `at` is in, or `at` where it is between two.
inline std::size_t character_end(std::string_view text, std::size_t at) {
  while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++at;
  return at;
}

void append_utf8(char32_t c, std::string& out);

/// `bytes` as UTF-8: each longest part of a character that is cut short or not allowed becomes one
/// U+FFFD (Unicode 15, section 3.9: substitution of maximal subparts).
std::string replace_invalid(std::string_view bytes);

}  // namespace mosaic::text
