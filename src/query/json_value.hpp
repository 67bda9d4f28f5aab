// JSON values as filters hold them: owned, immutable, comparable. Numbers compare by their exact
// mathematical value, whatever form they were written in; objects compare regardless of key order.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/json_writer.hpp"

namespace mosaic::query {

/// A uint64 only past what an int64 holds; a double only where it is not such an integer.
using JsonNumber = std::variant<std::int64_t, std::uint64_t, double>;

static_assert(std::numeric_limits<long double>::digits >= 64,
              "exact_value() needs a long double that holds every 64-bit integer");

inline long double exact_value(const JsonNumber& number) {
  return std::visit([](auto value) { return static_cast<long double>(value); }, number);
}

/// The one form of a number that all spellings of the same value share: 1.0 becomes 1.
JsonNumber normal_form(double value);

struct JsonValue {
  using Array = std::vector<JsonValue>;
  using Object = std::vector<std::pair<std::string, JsonValue>>;  // sorted by key

  std::variant<std::nullptr_t, bool, JsonNumber, std::string, Array, Object> value;
};

/// Appends `value` in one fixed form: no white space, keys sorted, numbers as in normal_form().
void write(JsonWriter& out, const JsonValue& value);
void write(JsonWriter& out, const JsonNumber& number);

/// The text that write() appends.
std::string to_json(const JsonValue& value);

}  // namespace mosaic::query
