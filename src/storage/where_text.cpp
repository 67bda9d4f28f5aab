#include "storage/where_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>

#include "base/utf8.hpp"
#include "mosaic/document.hpp"
#include "mosaic/search.hpp"
#include "storage/sandbox.hpp"

namespace mosaic::storage {
namespace {

// SQLite's parser gives up, with less clear words, at about a hundred.
constexpr std::size_t kBracketDepthMax = 64;

// Words by which a value can be made longer than any stored one, or kept in a register and used
// many times. Everything else reads or makes anew each value that it uses, which the heap budget
// sees.
constexpr std::string_view kBuildingWords[] = {"select",
                                               "with",
                                               "values",
                                               "case",
                                               "hex",
                                               "zeroblob",
                                               "replace",
                                               "quote",
                                               "json",
                                               "json_array",
                                               "json_object",
                                               "json_quote",
                                               "json_group_array",
                                               "json_group_object",
                                               "group_concat"};

// Reading a number from digits is the slowest operation, three nanoseconds a byte, and takes three
// bytes of an expression (`-b|`): this product is some 0.4 seconds. Stored metadata always fits.
constexpr std::size_t kBuildingBytesProductMax = std::size_t{480} << 20;
static_assert(kBuildingBytesProductMax / kBuildingWhereBytesMax > kMetadataBytesMax);

// Text and titles have up to a MiB, metadata 64 KiB: reading one takes at most two milliseconds, or
// a tenth of that. All mentions in one row together stay at some 0.2 seconds.
constexpr std::size_t kTextMentionsMax = 100;
constexpr std::size_t kMetadataMentionsMax = 1'000;

bool is_word(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || std::isalnum(byte) != 0 || c == '_';
}

std::string lower(std::string_view word) {
  std::string text(word);
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
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
  bool reads_too_often() const {
    return text_mentions_ > kTextMentionsMax || metadata_mentions_ > kMetadataMentionsMax;
  }

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
    note(lower(text_.substr(start, at_ - start)));
    return std::nullopt;
  }

  void note(std::string_view name) {
    if (name == "text" || name == "title") ++text_mentions_;
    if (name == "metadata") ++metadata_mentions_;
    builds_ = builds_ || std::find(std::begin(kBuildingWords), std::end(kBuildingWords), name) !=
                             std::end(kBuildingWords);
  }

  /// A doubled quote is two quoted pieces side by side, which ends at the same place.
  std::optional<std::string> take_quoted(char closing) {
    const auto end = text_.find(closing, at_ + 1);
    if (end == std::string_view::npos) {
      return fmt::format("the quote opened at byte {} is not closed", at_);
    }
    const auto inside = text_.substr(at_ + 1, end - at_ - 1);
    if (inside.find('\0') != std::string_view::npos) return refuse("a NUL byte");
    // Names of columns and functions may be quoted too.
    if (closing != '\'') note(lower(inside));
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
  std::size_t text_mentions_ = 0;
  std::size_t metadata_mentions_ = 0;
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
    return refused(fmt::format(
        "{} bytes are more than {} for an expression with a subquery, CASE, || or a function that "
        "builds text",
        expression.size(), kBuildingWhereBytesMax));
  }
  if (scan.reads_too_often()) {
    return refused(fmt::format("text and title may be named {} times, metadata {} times",
                               kTextMentionsMax, kMetadataMentionsMax));
  }
  return {};
}

int value_bytes_max(std::string_view expression) {
  WhereScan scan(expression);
  scan.problem();
  if (!scan.builds()) return kSandboxValueBytesMax;
  const auto bytes = kBuildingBytesProductMax / expression.size();
  return static_cast<int>(std::min(bytes, std::size_t{kSandboxValueBytesMax}));
}

}  // namespace mosaic::storage
