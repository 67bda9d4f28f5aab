// Appends JSON text to a string: fast, no tree. The caller keeps the structure right; commas are
// placed by the writer. Numbers are written in the shortest form that reads back the same.
#pragma once

#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>

namespace mosaic {

class JsonWriter {
 public:
  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }

  JsonWriter& key(std::string_view name) {
    string(name);
    out_ += ':';
    comma_ = false;
    return *this;
  }

  /// `text` must be UTF-8; control characters, quotes and backslashes are escaped (RFC 8259).
  JsonWriter& string(std::string_view text);

  JsonWriter& boolean(bool value) { return raw(value ? "true" : "false"); }
  JsonWriter& null() { return raw("null"); }

  template <class Number>
  JsonWriter& number(Number value) {
    if constexpr (std::is_floating_point_v<Number>) {
      if (!std::isfinite(value)) return null();
    }
    char digits[32];
    auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    if constexpr (std::is_floating_point_v<Number>) {
      // Written as an integer it would be one that readers of 64 bits refuse.
      constexpr Number kIntegersEnd = 9.2e18F;
      if (std::abs(value) > kIntegersEnd) {
        end =
            std::to_chars(digits, digits + sizeof digits, value, std::chars_format::scientific).ptr;
      }
    }
    return raw({digits, static_cast<std::size_t>(end - digits)});
  }

  /// JSON text that is already valid.
  JsonWriter& raw(std::string_view json) {
    separate();
    out_ += json;
    comma_ = true;
    return *this;
  }

  std::string take() { return std::move(out_); }
  std::size_t size() const { return out_.size(); }

 private:
  void separate() {
    if (comma_) out_ += ',';
  }
  JsonWriter& open(char bracket) {
    separate();
    out_ += bracket;
    comma_ = false;
    return *this;
  }
  JsonWriter& close(char bracket) {
    out_ += bracket;
    comma_ = true;
    return *this;
  }

  std::string out_;
  bool comma_ = false;
};

}  // namespace mosaic
