#include "text/model/charsmap.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "base/utf8.hpp"
#include "text/model/characters.hpp"

namespace mosaic::text {
namespace {

/// A cluster of characters is looked up as a whole up to this size; the reference's own limit.
constexpr std::size_t kClusterBytesMax = 5;
constexpr std::size_t kUnitBytes = 4;

std::string from_base64(const JsonValue& value) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  auto text = value.string();
  if (text.size() % 4 != 0) value.refuse("is not base64");
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  std::array<std::uint8_t, 256> digit;
  digit.fill(0xFF);
  for (std::size_t i = 0; i < kDigits.size(); ++i) {
    digit[static_cast<unsigned char>(kDigits[i])] = static_cast<std::uint8_t>(i);
  }
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const auto six = digit[static_cast<unsigned char>(c)];
    if (six == 0xFF) value.refuse("is not base64");
    bits = bits << 6 | six;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>(bits >> count & 0xFF);
  }
  return out;
}

std::uint32_t unit_at(std::string_view bytes) {
  std::uint32_t unit = 0;
  for (std::size_t i = 0; i < kUnitBytes; ++i) {
    unit |= std::uint32_t{static_cast<unsigned char>(bytes[i])} << 8 * i;
  }
  return unit;
}

// The fields of a unit: whether a leaf hangs on it, its label or its leaf's value, and where its
// children are.
bool has_leaf(std::uint32_t unit) {
  return (unit >> 8 & 1) != 0;
}
std::uint32_t value_of(std::uint32_t unit) {
  return unit & 0x7FFFFFFF;
}
std::uint32_t label_of(std::uint32_t unit) {
  return unit & 0x800000FF;
}
std::uint32_t offset_of(std::uint32_t unit) {
  return unit >> 10 << ((unit & 0x200) >> 6);
}

/// Marks of Unicode 16 and 17, which utf8proc does not know yet: they extend what is before them.
constexpr std::pair<char32_t, char32_t> kYoungMarks[] = {
    {0x897, 0x897},     {0x1ACF, 0x1ADD},   {0x1AE0, 0x1AEB},   {0x10D69, 0x10D6D},
    {0x10EFA, 0x10EFC}, {0x113B8, 0x113C0}, {0x113C2, 0x113C2}, {0x113C5, 0x113C5},
    {0x113C7, 0x113CA}, {0x113CC, 0x113D0}, {0x113D2, 0x113D2}, {0x113E1, 0x113E2},
    {0x11B60, 0x11B67}, {0x11F5A, 0x11F5A}, {0x1611E, 0x1612F}, {0x1E5EE, 0x1E5EF},
    {0x1E6E3, 0x1E6E3}, {0x1E6E6, 0x1E6E6}, {0x1E6EE, 0x1E6EF}, {0x1E6F5, 0x1E6F5}};

/// The character, or one that utf8proc knows and that joins its neighbours in the same way.
utf8proc_int32_t known(char32_t c) {
  constexpr utf8proc_int32_t kMark = 0x300;
  const bool young = c >= 0x897 && std::any_of(std::begin(kYoungMarks), std::end(kYoungMarks),
                                               [c](const auto& range) {
                                                 return c >= range.first && c <= range.second;
                                               });
  return young ? kMark : static_cast<utf8proc_int32_t>(c);
}

/// The end of the cluster of characters (Unicode Standard Annex 29) that begins at `at`.
std::size_t cluster_end(std::string_view text, std::size_t at) {
  const bool plain = is_ascii(text[at]) && text[at] != '\r';
  if (plain && (at + 1 == text.size() || is_ascii(text[at + 1]))) return at + 1;
  utf8proc_int32_t state = 0;
  auto last = known(next_character(text, at));
  while (at < text.size()) {
    const auto end = at;
    const auto next = known(next_character(text, at));
    if (::utf8proc_grapheme_break_stateful(last, next, &state)) return end;
    last = next;
  }
  return at;
}

}  // namespace

Charsmap::Charsmap(const JsonValue& value) {
  const auto source = value.at("precompiled_charsmap");
  const auto bytes = from_base64(source);
  if (bytes.size() < kUnitBytes) source.refuse("is too short");
  const auto trie_bytes = unit_at(bytes);
  if (trie_bytes % kUnitBytes != 0 || trie_bytes > bytes.size() - kUnitBytes || trie_bytes == 0) {
    source.refuse("has a trie of a wrong size");
  }
  units_.reserve(trie_bytes / kUnitBytes);
  for (std::size_t at = 0; at < trie_bytes; at += kUnitBytes) {
    units_.push_back(unit_at(std::string_view(bytes).substr(kUnitBytes + at)));
  }
  texts_ = bytes.substr(kUnitBytes + trie_bytes);
  if (!is_utf8(texts_)) source.refuse("has texts that are not UTF-8");
}

std::optional<std::string_view> Charsmap::rewritten(std::string_view part) const {
  std::uint64_t node = offset_of(units_[0]);
  for (const char byte : part) {
    const auto label = static_cast<unsigned char>(byte);
    if (label == 0) return std::nullopt;
    node ^= label;
    if (node >= units_.size() || label_of(units_[node]) != label) return std::nullopt;
    const auto unit = units_[node];
    node ^= offset_of(unit);
    if (!has_leaf(unit)) continue;
    if (node >= units_.size()) return std::nullopt;
    const auto begin = value_of(units_[node]);
    // A text begins at a character: else what it gives would be no UTF-8.
    if (begin >= texts_.size() || (static_cast<unsigned char>(texts_[begin]) & 0xC0) == 0x80) {
      return std::nullopt;
    }
    const auto text = std::string_view(texts_).substr(begin);
    return text.substr(0, text.find('\0'));
  }
  return std::nullopt;
}

void Charsmap::append_cluster(std::string_view cluster, std::string& out) const {
  if (cluster.size() <= kClusterBytesMax) {
    if (const auto text = rewritten(cluster)) {
      out += *text;
      return;
    }
  }
  for (std::size_t at = 0; at < cluster.size();) {
    const auto part = cluster.substr(at, character_bytes(cluster[at]));
    out += rewritten(part).value_or(part);
    at += part.size();
  }
}

void Charsmap::apply(NormalText& text) const {
  const std::string_view bytes = text.text;
  std::string out;
  out.reserve(bytes.size());
  std::size_t start = 0;
  for (std::size_t begin = 0; begin < bytes.size();) {
    const auto end = cluster_end(bytes, begin);
    const bool of_start = begin < text.start_bytes || out.empty();
    append_cluster(bytes.substr(begin, end - begin), out);
    if (of_start) start = out.size();
    begin = end;
  }
  text.start_bytes = text.start_bytes > 0 ? start : 0;
  text.text = std::move(out);
}

}  // namespace mosaic::text
