#include "cli/text_width.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace mosaic::cli {
namespace {

struct CodePoint {
  char32_t value;
  std::size_t bytes;
};

/// The first code point of a text that is not empty. A stray byte stands for itself.
CodePoint first_code_point(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  const std::size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 1;
  if (bytes == 1 || bytes > text.size()) return {lead, 1};
  char32_t value = lead & (0xffU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xc0U) != 0x80U) return {lead, 1};
    value = (value << 6) | (byte(i) & 0x3fU);
  }
  return {value, bytes};
}

struct Range {
  char32_t first;
  char32_t last;
};

/// Marks that sit on the character before them, joiners and directions (Unicode 15: Mn, Me, Cf).
constexpr std::array<Range, 26> kNoColumn = {{
    {0x300, 0x36f},     {0x483, 0x489},   {0x591, 0x5bd},   {0x610, 0x61a},   {0x64b, 0x65f},
    {0x6d6, 0x6dc},     {0x6df, 0x6e4},   {0x900, 0x902},   {0x93a, 0x93a},   {0x93c, 0x93c},
    {0x941, 0x948},     {0x94d, 0x94d},   {0xe31, 0xe31},   {0xe34, 0xe3a},   {0xe47, 0xe4e},
    {0x1ab0, 0x1aff},   {0x1dc0, 0x1dff}, {0x200b, 0x200f}, {0x202a, 0x202e}, {0x2060, 0x2064},
    {0x20d0, 0x20f0},   {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}, {0xfeff, 0xfeff}, {0x1f3fb, 0x1f3ff},
    {0xe0100, 0xe01ef},
}};

/// East Asian Width W and F (Unicode UAX #11), neighbouring ranges joined.
constexpr std::array<Range, 22> kTwoColumns = {{
    {0x1100, 0x115f},   {0x231a, 0x231b},   {0x23e9, 0x23ec}, {0x25fd, 0x25fe}, {0x2614, 0x2615},
    {0x2648, 0x2653},   {0x26aa, 0x26ab},   {0x26bd, 0x26be}, {0x2705, 0x2705}, {0x2753, 0x2755},
    {0x2e80, 0x303e},   {0x3041, 0x33ff},   {0x3400, 0x4dbf}, {0x4e00, 0x9fff}, {0xa000, 0xa4cf},
    {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe30, 0xfe6f}, {0xff00, 0xff60}, {0xffe0, 0xffe6},
    {0x1f300, 0x1faff}, {0x20000, 0x3fffd},
}};

template <std::size_t N>
bool contains(const std::array<Range, N>& ranges, char32_t value) {
  const auto after =
      std::upper_bound(ranges.begin(), ranges.end(), value,
                       [](char32_t v, const Range& range) { return v < range.first; });
  return after != ranges.begin() && value <= std::prev(after)->last;
}

std::size_t columns_of(char32_t value) {
  if (value < 0x300) return 1;
  if (contains(kNoColumn, value)) return 0;
  return contains(kTwoColumns, value) ? 2 : 1;
}

/// C0, DEL and C1: a terminal obeys them instead of showing them.
bool is_control(char32_t value) {
  return value < 0x20 || (value >= 0x7f && value < 0xa0) || value == 0x2028 || value == 0x2029;
}

/// Characters that turn the direction of what follows: a title must not reorder its line.
bool is_direction(char32_t value) {
  return value == 0x200e || value == 0x200f || (value >= 0x202a && value <= 0x202e) ||
         (value >= 0x2066 && value <= 0x2069);
}

}  // namespace

std::size_t text_width(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    const auto point = first_code_point(text);
    columns += columns_of(point.value);
    text.remove_prefix(point.bytes);
  }
  return columns;
}

std::string one_line(std::string_view text) {
  std::string out;
  bool blank = false;
  while (!text.empty()) {
    const auto point = first_code_point(text);
    if (point.value == ' ' || is_control(point.value)) {
      blank = !out.empty();
    } else if (!is_direction(point.value)) {
      if (blank) out += ' ';
      blank = false;
      out += text.substr(0, point.bytes);
    }
    text.remove_prefix(point.bytes);
  }
  return out;
}

std::string fit(std::string_view text, std::size_t columns) {
  if (text_width(text) <= columns) return std::string(text);
  if (columns == 0) return {};
  std::size_t used = 0;
  std::size_t bytes = 0;
  while (bytes < text.size()) {
    const auto point = first_code_point(text.substr(bytes));
    if (used + columns_of(point.value) > columns - 1) break;
    used += columns_of(point.value);
    bytes += point.bytes;
  }
  return std::string(text.substr(0, bytes)) + "…";
}

}  // namespace mosaic::cli
