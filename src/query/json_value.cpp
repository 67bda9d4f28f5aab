#include "query/json_value.hpp"

#include <cmath>

namespace mosaic::query {
namespace {

/// One overload per kind of JSON value, for std::visit.
struct ValueWriter {
  JsonWriter& out;

  void operator()(std::nullptr_t) const { out.null(); }
  void operator()(bool value) const { out.boolean(value); }
  void operator()(const JsonNumber& value) const { write(out, value); }
  void operator()(const std::string& value) const { out.string(value); }
  void operator()(const JsonValue::Array& items) const {
    out.begin_array();
    for (const auto& item : items) write(out, item);
    out.end_array();
  }
  void operator()(const JsonValue::Object& fields) const {
    out.begin_object();
    for (const auto& [key, value] : fields) {
      out.key(key);
      write(out, value);
    }
    out.end_object();
  }
};

/// Always with an exponent: parsers refuse a double past 2^64 that is written like an integer.
void write_real(JsonWriter& out, double value) {
  char digits[32];
  const auto end =
      std::to_chars(digits, digits + sizeof digits, value, std::chars_format::scientific).ptr;
  out.raw({digits, static_cast<std::size_t>(end - digits)});
}

}  // namespace

JsonNumber normal_form(double value) {
  constexpr double kTwoTo63 = 9223372036854775808.0;
  if (std::trunc(value) != value) return value;
  if (value >= -kTwoTo63 && value < kTwoTo63) return static_cast<std::int64_t>(value);
  if (value >= kTwoTo63 && value < 2 * kTwoTo63) return static_cast<std::uint64_t>(value);
  return value;
}

void write(JsonWriter& out, const JsonValue& value) {
  std::visit(ValueWriter{out}, value.value);
}

void write(JsonWriter& out, const JsonNumber& number) {
  if (const auto* integer = std::get_if<std::int64_t>(&number)) {
    out.number(*integer);
  } else if (const auto* large = std::get_if<std::uint64_t>(&number)) {
    out.number(*large);
  } else {
    write_real(out, std::get<double>(number));
  }
}

std::string to_json(const JsonValue& value) {
  JsonWriter out;
  write(out, value);
  return out.take();
}

}  // namespace mosaic::query
