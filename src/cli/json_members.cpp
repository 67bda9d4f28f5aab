#include "cli/json_members.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_map>

namespace mosaic::cli {
namespace {

constexpr std::string_view kBlank = " \t\r\n";

/// Walks over text that has been validated already: it looks for ends and checks nothing.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) { skip_blank(); }

  char next() const { return position_ < text_.size() ? text_[position_] : '\0'; }
  void skip(char expected) {
    if (next() == expected) ++position_;
    skip_blank();
  }

  std::string_view value() {
    const auto begin = position_;
    if (next() == '"') {
      skip_string();
    } else if (next() == '{' || next() == '[') {
      skip_container();
    } else {
      position_ = std::min(text_.find_first_of(",]} \t\r\n", position_), text_.size());
    }
    const auto token = text_.substr(begin, position_ - begin);
    skip_blank();
    return token;
  }

 private:
  void skip_blank() {
    position_ = std::min(text_.find_first_not_of(kBlank, position_), text_.size());
  }

  void skip_string() {
    ++position_;
    while (position_ < text_.size() && text_[position_] != '"') {
      position_ += text_[position_] == '\\' ? 2 : 1;
    }
    ++position_;
  }

  void skip_container() {
    int depth = 0;
    do {
      const char c = next();
      if (c == '"') {
        skip_string();
        continue;
      }
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') --depth;
      ++position_;
    } while (depth > 0 && position_ < text_.size());
  }

  std::string_view text_;
  std::size_t position_ = 0;
};

/// "[json.exception.parse_error.101] parse error at line 1, column 5: syntax error ..." says to
/// people: "column 5: syntax error ...".
std::string readable(std::string_view message) {
  const auto after = [&](std::string_view mark) {
    const auto at = message.find(mark);
    if (at != std::string_view::npos) message.remove_prefix(at + mark.size());
  };
  after("] ");
  after("parse error at line 1, ");
  return std::string(message);
}

}  // namespace

Result<std::vector<JsonMember>> members_of_line(std::string_view text) {
  if (!nlohmann::json::accept(text)) {
    try {
      [[maybe_unused]] const auto tree = nlohmann::json::parse(text);
    } catch (const nlohmann::json::exception& error) {
      return invalid("not valid JSON: " + readable(error.what()));
    }
  }
  if (Scanner(text).next() != '{') return invalid("not a JSON object");
  return members_of_object(text);
}

std::vector<JsonMember> members_of_object(std::string_view object) {
  std::vector<JsonMember> members;
  std::unordered_map<std::string, std::size_t> places;
  Scanner scanner(object);
  scanner.skip('{');
  while (scanner.next() == '"') {
    auto key = decode_string(scanner.value());
    scanner.skip(':');
    const auto value = scanner.value();
    const auto [place, is_new] = places.emplace(key, members.size());
    if (is_new) {
      members.push_back({std::move(key), value});
    } else {
      members[place->second].value = value;
    }
    scanner.skip(',');
  }
  return members;
}

std::vector<std::string_view> items_of_array(std::string_view array) {
  std::vector<std::string_view> items;
  Scanner scanner(array);
  scanner.skip('[');
  while (scanner.next() != ']' && scanner.next() != '\0') {
    items.push_back(scanner.value());
    scanner.skip(',');
  }
  return items;
}

std::string decode_string(std::string_view token) {
  if (token.find('\\') == std::string_view::npos) {
    return std::string(token.substr(1, token.size() - 2));
  }
  return nlohmann::json::parse(token).get<std::string>();
}

}  // namespace mosaic::cli
