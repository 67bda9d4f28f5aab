#include "text/model/pattern.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "text/model/characters.hpp"

namespace mosaic::text {
namespace {

constexpr std::u32string_view kSpecial = U"\\^$.|?*+()[]{}";
constexpr std::u32string_view kSpecialInSet = U"\\^[]";
constexpr std::size_t kCountMax = 1'000;

std::u32string decoded(std::string_view text) {
  std::u32string out;
  for (std::size_t at = 0; at < text.size();) out += next_character(text, at);
  return out;
}

/// The text between braces as a number, or nothing.
std::optional<std::size_t> count_in(std::u32string_view digits) {
  if (digits.empty() || digits.size() > 4) return std::nullopt;
  std::size_t count = 0;
  for (const char32_t c : digits) {
    if (c < U'0' || c > U'9') return std::nullopt;
    count = 10 * count + (c - U'0');
  }
  if (count == 0 || count > kCountMax) return std::nullopt;
  return count;
}

/// (least, most) of `{n}`, `{n,}`, `+` or nothing at all.
std::optional<std::pair<std::size_t, std::size_t>> repeats(std::u32string_view text) {
  constexpr auto kEndless = std::numeric_limits<std::size_t>::max();
  if (text.empty()) return std::pair<std::size_t, std::size_t>(1, 1);
  if (text == U"+") return std::pair<std::size_t, std::size_t>(1, kEndless);
  if (text.size() < 3 || text.front() != U'{' || text.back() != U'}') return std::nullopt;
  text = text.substr(1, text.size() - 2);
  const bool endless = text.back() == U',';
  if (endless) text.remove_suffix(1);
  const auto count = count_in(text);
  if (!count) return std::nullopt;
  return std::pair(*count, endless ? kEndless : *count);
}

/// A character that is written plainly, none of `special`, or behind a backslash; `at` moves past
/// it.
std::optional<char32_t> one_character(std::u32string_view text, std::u32string_view special,
                                      std::size_t& at) {
  char32_t c = text[at++];
  if (c != U'\\') return special.find(c) == special.npos ? std::optional(c) : std::nullopt;
  if (at == text.size()) return std::nullopt;
  c = text[at++];
  if (c == U'n') return U'\n';
  if (c == U't') return U'\t';
  if (c == U'r') return U'\r';
  const bool letter = (c | 32) >= U'a' && (c | 32) <= U'z';
  const bool mark = c < 0x80 && !letter && !(c >= U'0' && c <= U'9');
  return mark ? std::optional(c) : std::nullopt;
}

}  // namespace

Pattern::Pattern(const JsonValue& value) {
  if (const auto literal = value.find("String")) {
    literal_ = literal->string();
    if (literal_.empty()) literal->refuse("is empty");
    return;
  }
  const auto expression = value.at("Regex");
  read_expression(decoded(expression.string()), expression);
}

void Pattern::read_expression(std::u32string_view expression, const JsonValue& value) {
  const auto refuse = [&] {
    value.refuse(fmt::format("is '{}', which is not one set of characters", value.string()));
  };
  std::size_t at = 0;
  const bool set = !expression.empty() && expression.front() == U'[';
  const auto special = set ? kSpecialInSet : kSpecial;
  if (set) at = 1;
  do {
    if (set && at < expression.size() && expression[at] == U']' && at > 1) break;
    if (at >= expression.size()) refuse();
    if (expression.substr(at).starts_with(U"\\s")) {
      white_space_ = true;
      at += 2;
      continue;
    }
    // Within a set, && and - beside a bracket have meanings of their own.
    const bool bare = expression[at] == U'&' || expression[at] == U'-';
    const auto first = one_character(expression, special, at);
    if (!first || (set && bare)) refuse();
    auto last = first;
    if (set && at + 1 < expression.size() && expression[at] == U'-' && expression[at + 1] != U']') {
      last = one_character(expression, special, ++at);
      if (!last || *last < *first) refuse();
    }
    ranges_.emplace_back(*first, *last);
  } while (set);
  if (set) ++at;
  const auto counts = repeats(expression.substr(at));
  if (!counts) refuse();
  std::tie(count_min_, count_max_) = *counts;
}

bool Pattern::holds(char32_t c) const {
  if (white_space_ && CharacterTable::get().is(c, kWhiteSpace)) return true;
  return std::any_of(ranges_.begin(), ranges_.end(),
                     [c](const auto& range) { return c >= range.first && c <= range.second; });
}

std::optional<Span> Pattern::find(std::string_view text, std::size_t from) const {
  if (!literal_.empty()) {
    const auto begin = text.find(literal_, from);
    if (begin == text.npos) return std::nullopt;
    return Span{begin, begin + literal_.size()};
  }
  std::size_t begin = from;
  std::size_t count = 0;
  for (std::size_t at = from; at < text.size();) {
    const auto character = at;
    if (holds(next_character(text, at))) {
      if (count++ == 0) begin = character;
      if (count == count_max_) return Span{begin, at};
    } else {
      if (count >= count_min_) return Span{begin, character};
      count = 0;
    }
  }
  if (count < count_min_) return std::nullopt;
  return Span{begin, text.size()};
}

}  // namespace mosaic::text
