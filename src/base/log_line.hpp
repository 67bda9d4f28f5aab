// The text of a log line behind its time: as text for people or as the members of a JSON object.
// Pure functions; whatever bytes a message or a field holds, a line is one line of valid UTF-8.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/json_writer.hpp"

namespace mosaic::log {

/// Longer messages and texts are cut: a line must not fill a file.
constexpr std::size_t kTextBytesMax = 8 << 10;

/// In the order of urgency; kOff is a threshold only.
enum class Level : std::uint8_t { kTrace, kDebug, kInfo, kWarn, kError, kCritical, kOff };

/// The words of the setting `log.level`.
std::string_view to_string(Level level);
std::optional<Level> level_of(std::string_view word);

/// What a line says besides its message: a name and a value. `key` is a literal, and none of time,
/// level and message.
struct Field {
  Field(std::string_view name, std::string_view text);
  Field(std::string_view name, const char* text) : Field(name, std::string_view(text)) {}
  Field(std::string_view name, const std::string& text) : Field(name, std::string_view(text)) {}
  template <class Number>
  requires std::is_arithmetic_v<Number> Field(std::string_view name, Number value) : key(name) {
    if constexpr (std::is_same_v<Number, bool>) {
      json = value ? "true" : "false";
    } else {
      json = JsonWriter().number(value).take();
    }
  }

  /// `text` is valid JSON already.
  static Field of_json(std::string_view name, std::string text);

  std::string_view key;
  std::string json;

 private:
  Field() = default;
};

/// "warn the message key=value key="two words"": values are bare where that is unambiguous.
std::string text_line(Level level, std::string_view message, std::span<const Field> fields);

/// `"level":"warn","message":"the message","key":"value"`, without the braces around it.
std::string json_line(Level level, std::string_view message, std::span<const Field> fields);

}  // namespace mosaic::log
