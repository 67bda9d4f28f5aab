#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "base/utf8.hpp"
#include "mosaic/search.hpp"
#include "storage/sandbox.hpp"

namespace mosaic::storage {
namespace {

// SQLite's parser gives up, with less clear words, at about a hundred.
constexpr std::size_t kBracketDepthMax = 64;

// Words that can make long values and use one of them many times over: SQLite looks at no deadline
// between two operations on it. In a short expression that cannot last.
constexpr std::array<std::string_view, 16> kBuildingWords = {"select",
                                                             "with",
                                                             "values",
                                                             "hex",
                                                             "zeroblob",
                                                             "replace",
                                                             "printf",
                                                             "format",
                                                             "quote",
                                                             "json",
                                                             "json_array",
                                                             "json_object",
                                                             "json_group_array",
                                                             "json_group_object",
                                                             "json_quote",
                                                             "group_concat"};

bool is_word(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || std::isalnum(byte) != 0 || c == '_';
}

bool is_building_word(std::string_view word) {
  std::string lower(word);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::find(kBuildingWords.begin(), kBuildingWords.end(), lower) != kBuildingWords.end();
}

/// Walks over the tokens as far as quotes, words and brackets tell them apart.
class WhereScan {
 public:
  explicit WhereScan(std::string_view text) : text_(text) {}

  std::optional<std::string> problem() {
    while (at_ < text_.size()) {
      if (auto found = take_token()) return found;
    }
    if (!open_.empty())
      return fmt::format("the bracket opened at byte {} is not closed", open_.back());
    return std::nullopt;
  }

  bool builds() const { return builds_; }

 private:
  std::optional<std::string> take_token() {
    const char c = text_[at_];
    if (c == '\'' || c == '"' || c == '`') return take_quoted(c);
    if (c == '[') return take_quoted(']');
    if (is_word(c)) return take_word();
    if (starts("--") || starts("/*")) return refuse("a comment");
    if (c == ';') return refuse("a semicolon");
    if (c == '?' || c == ':' || c == '@' || c == '$' || c == '#') return refuse("a parameter");
    if (c == '\0') return refuse("a NUL byte");
    if (starts("||")) builds_ = true;
    return take_bracket(c);
  }

  std::optional<std::string> take_bracket(char c) {
    if (c == ')') {
      if (open_.empty()) {
        return fmt::format("the bracket closed at byte {} was never opened", at_);
      }
      open_.pop_back();
    } else if (c == '(') {
      open_.push_back(at_);
      if (open_.size() > kBracketDepthMax) {
        return fmt::format("brackets are nested deeper than {} at byte {}", kBracketDepthMax, at_);
      }
    }
    ++at_;
    return std::nullopt;
  }

  std::optional<std::string> take_word() {
    const auto start = at_;
    while (at_ < text_.size() && is_word(text_[at_])) ++at_;
    builds_ = builds_ || is_building_word(text_.substr(start, at_ - start));
    return std::nullopt;
  }

  /// A doubled quote is two quoted pieces side by side, which ends at the same place.
  std::optional<std::string> take_quoted(char closing) {
    const auto end = text_.find(closing, at_ + 1);
    if (end == std::string_view::npos) {
      return fmt::format("the quote opened at byte {} is not closed", at_);
    }
    const auto inside = text_.substr(at_ + 1, end - at_ - 1);
    if (inside.find('\0') != std::string_view::npos) return refuse("a NUL byte");
    // A function's name may be quoted too.
    if (closing != '\'') builds_ = builds_ || is_building_word(inside);
    at_ = end + 1;
    return std::nullopt;
  }

  bool starts(std::string_view token) const { return text_.substr(at_, token.size()) == token; }

  std::string refuse(std::string_view what) const {
    return fmt::format("{} at byte {} is not allowed", what, at_);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<std::size_t> open_;
  bool builds_ = false;
};

Error refused(std::string_view why) {
  return invalid(fmt::format("where: {}", why));
}

}  // namespace

Status check_where(std::string_view expression) {
  if (expression.size() > kWhereBytesMax) {
    return refused(fmt::format("{} bytes are more than {}", expression.size(), kWhereBytesMax));
  }
  if (expression.find_first_not_of(" \t\r\n\f") == std::string_view::npos) {
    return refused("the expression is empty");
  }
  if (!is_utf8(expression)) return refused("the expression is not UTF-8");
  WhereScan scan(expression);
  if (const auto problem = scan.problem()) return refused(*problem);
  if (scan.builds() && expression.size() > kBuildingWhereBytesMax) {
    return refused(
        fmt::format("{} bytes are more than {} for an expression with a subquery, || or "
                    "a function that builds text",
                    expression.size(), kBuildingWhereBytesMax));
  }
  return {};
}

}  // namespace mosaic::storage
