#include "shard/cursor.hpp"

#include <fmt/format.h>

namespace mosaic::shard {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";
constexpr std::size_t kShownMax = 64;

}  // namespace

std::string encode_cursor(std::string_view last_id) {
  std::string cursor;
  for (const char c : last_id) {
    const auto byte = static_cast<unsigned char>(c);
    cursor += kDigits[byte >> 4];
    cursor += kDigits[byte & 15];
  }
  return cursor;
}

Result<std::string> decode_cursor(std::string_view cursor) {
  std::string id;
  for (std::size_t i = 0; i + 1 < cursor.size(); i += 2) {
    const auto high = kDigits.find(cursor[i]);
    const auto low = kDigits.find(cursor[i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) break;
    id += static_cast<char>(high << 4 | low);
  }
  if (id.size() * 2 == cursor.size()) return id;
  return invalid(
      fmt::format("cursor '{}' is not one that a list gave", cursor.substr(0, kShownMax)));
}

}  // namespace mosaic::shard
