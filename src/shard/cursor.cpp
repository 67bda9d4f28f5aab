#include "shard/cursor.hpp"

#include <charconv>

#include <fmt/format.h>

namespace mosaic::shard {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";
constexpr char kSeparator = '.';
constexpr std::size_t kShownMax = 64;

}  // namespace

std::string encode_cursor(const Cursor& cursor) {
  std::string text = cursor.as_of == 0 ? "" : fmt::format("{}{}", cursor.as_of, kSeparator);
  for (const char c : cursor.after) {
    const auto byte = static_cast<unsigned char>(c);
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

Result<Cursor> decode_cursor(std::string_view text) {
  Cursor cursor;
  const auto separator = text.find(kSeparator);
  auto id = text;
  bool good = true;
  if (separator != std::string_view::npos) {
    const auto* end = text.data() + separator;
    const auto read = std::from_chars(text.data(), end, cursor.as_of);
    good = read.ec == std::errc() && read.ptr == end && cursor.as_of != 0;
    id.remove_prefix(separator + 1);
  }
  for (std::size_t i = 0; i + 1 < id.size(); i += 2) {
    const auto high = kDigits.find(id[i]);
    const auto low = kDigits.find(id[i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) break;
    cursor.after += static_cast<char>(high << 4 | low);
  }
  if (good && cursor.after.size() * 2 == id.size()) return cursor;
  return invalid(fmt::format("cursor '{}' is not one that a list gave", text.substr(0, kShownMax)));
}

}  // namespace mosaic::shard
