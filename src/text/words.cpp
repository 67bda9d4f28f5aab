#include "text/words.hpp"

#include <algorithm>

namespace mosaic::text {
namespace {

unsigned char byte_at(std::string_view text, std::size_t i) {
  return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
}

/// Bytes of the punctuation mark beyond ASCII that starts at `i`, or 0: U+0080 to U+00BF (no-break
/// space, guillemets), U+2000 to U+207F (dashes, quotes, bullets), U+3000 to U+303F (full stops of
/// Chinese and Japanese).
std::size_t wide_mark(std::string_view text, std::size_t i) {
  const auto first = byte_at(text, i);
  const auto second = byte_at(text, i + 1);
  if (first == 0xC2) return 2;
  if (first == 0xE2 && (second == 0x80 || second == 0x81)) return 3;
  if (first == 0xE3 && second == 0x80) return 3;
  return 0;
}

/// How many bytes at `i` belong to no word.
std::size_t gap(std::string_view text, std::size_t i) {
  const auto byte = byte_at(text, i);
  if (byte >= 0x80) return wide_mark(text, i);
  const bool is_word = (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
  return is_word ? 0 : 1;
}

}  // namespace

std::string ascii_lower(std::string_view text) {
  std::string lower(text);
  for (auto& byte : lower) {
    if (byte >= 'A' && byte <= 'Z') byte = static_cast<char>(byte + ('a' - 'A'));
  }
  return lower;
}

std::vector<std::string_view> words_of(std::string_view lower_case_text, std::size_t words_max) {
  std::vector<std::string_view> words;
  for (std::size_t i = 0; i < lower_case_text.size() && words.size() < words_max;) {
    if (const auto skipped = gap(lower_case_text, i)) {
      i += skipped;
      continue;
    }
    const auto start = i;
    while (i < lower_case_text.size() && i - start < kWordBytesMax &&
           gap(lower_case_text, i) == 0) {
      ++i;
    }
    words.push_back(lower_case_text.substr(start, i - start));
  }
  return words;
}

}  // namespace mosaic::text
