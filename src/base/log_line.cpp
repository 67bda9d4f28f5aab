#include "base/log_line.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include <fmt/format.h>

#include "base/utf8.hpp"

namespace mosaic::log {
namespace {

constexpr std::array<std::string_view, 7> kWords = {"trace", "debug",    "info", "warn",
                                                    "error", "critical", "off"};

std::string shortened(std::string_view text) {
  return to_utf8(text.substr(0, kTextBytesMax));
}

bool is_plain(char c) {
  constexpr std::string_view kMarks = "_-.:/+@";
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || kMarks.find(c) != kMarks.npos;
}

/// A line that breaks would be two, and a terminal obeys control characters.
void append_on_one_line(std::string& out, std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += c;
    }
  }
}

/// Without the quotes of a JSON string whose text nobody could misread.
std::string_view bare(std::string_view json) {
  if (json.size() <= 2 || json.front() != '"') return json;
  const auto text = json.substr(1, json.size() - 2);
  return std::all_of(text.begin(), text.end(), is_plain) ? text : json;
}

}  // namespace

std::string_view to_string(Level level) {
  return kWords[static_cast<std::size_t>(level)];
}

std::optional<Level> level_of(std::string_view word) {
  const auto found = std::find(kWords.begin(), kWords.end(), word);
  if (found == kWords.end()) return std::nullopt;
  return static_cast<Level>(found - kWords.begin());
}

Field::Field(std::string_view name, std::string_view text)
    : key(name), json(JsonWriter().string(shortened(text)).take()) {}

Field Field::of_json(std::string_view name, std::string text) {
  Field field;
  field.key = name;
  field.json = std::move(text);
  return field;
}

std::string text_line(Level level, std::string_view message, std::span<const Field> fields) {
  std::string out(to_string(level));
  out += ' ';
  append_on_one_line(out, shortened(message));
  for (const auto& field : fields) {
    out.append(" ").append(field.key).append("=");
    append_on_one_line(out, bare(field.json));
  }
  return out;
}

std::string json_line(Level level, std::string_view message, std::span<const Field> fields) {
  JsonWriter json;
  json.key("level").string(to_string(level));
  json.key("message").string(shortened(message));
  for (const auto& field : fields) json.key(field.key).raw(field.json);
  return json.take();
}

}  // namespace mosaic::log
