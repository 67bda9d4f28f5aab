// What Replace and Split look for: a string, or a regular expression of one set of characters that
// may repeat (`\s+`, ` {2,}`, `[0-9]`), which needs no going back. Other expressions are refused.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "text/model/json_value.hpp"

namespace mosaic::text {

/// Bytes [begin, end) of a text.
struct Span {
  std::size_t begin;
  std::size_t end;
};

class Pattern {
 public:
  /// `value` is {"String": ...} or {"Regex": ...}.
  explicit Pattern(const JsonValue& value);

  /// The first match that begins at `from` or later, never an empty one.
  std::optional<Span> find(std::string_view text, std::size_t from) const;

 private:
  void read_expression(std::u32string_view expression, const JsonValue& value);
  bool holds(char32_t c) const;

  std::string literal_;  // empty where it is an expression
  std::vector<std::pair<char32_t, char32_t>> ranges_;
  bool white_space_ = false;
  std::size_t count_min_ = 1;
  std::size_t count_max_ = 1;
};

}  // namespace mosaic::text
