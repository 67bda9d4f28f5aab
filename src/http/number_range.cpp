#include "http/number_range.hpp"

#include <charconv>
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>

namespace mosaic::http {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr std::size_t kShownBytes = 64;

template <class Integer>
bool overflows(std::string_view digits) {
  Integer number = 0;
  return std::from_chars(digits.data(), digits.data() + digits.size(), number).ec ==
         std::errc::result_out_of_range;
}

bool out_of_range(const std::string& number) {
  if (number.find_first_not_of("-0123456789") != std::string::npos)
    return std::isinf(std::strtod(number.c_str(), nullptr));
  return number.front() == '-' ? overflows<std::int64_t>(number) : overflows<std::uint64_t>(number);
}

void check_number(std::string_view token, const JsonPath& path) {
  const std::string number(token.substr(0, token.find_first_of(" \t\r\n")));
  if (!out_of_range(number)) return;
  const bool cut = number.size() > kShownBytes;
  throw Failure(
      invalid(fmt::format("{} is {}{}, which no 64-bit number holds", path.text(),
                          std::string_view(number).substr(0, kShownBytes), cut ? "..." : "")));
}

/// False when the text cannot be read any further.
bool check(ondemand::value value, const JsonPath& path);

bool check_object(ondemand::value& value, const JsonPath& path) {
  ondemand::object object;
  if (value.get_object().get(object)) return false;
  for (auto item : object) {
    ondemand::field field;
    std::string_view key;
    if (std::move(item).get(field) || field.unescaped_key().get(key)) return false;
    if (!check(field.value(), JsonPath(path, key))) return false;
  }
  return true;
}

bool check_array(ondemand::value& value, const JsonPath& path) {
  ondemand::array array;
  if (value.get_array().get(array)) return false;
  std::size_t index = 0;
  for (auto item : array) {
    ondemand::value element;
    if (std::move(item).get(element)) return false;
    if (!check(element, JsonPath(path, index++))) return false;
  }
  return true;
}

bool check(ondemand::value value, const JsonPath& path) {
  ondemand::json_type type{};
  if (value.type().get(type)) return false;
  if (type == ondemand::json_type::object) return check_object(value, path);
  if (type == ondemand::json_type::array) return check_array(value, path);
  if (type == ondemand::json_type::number) check_number(value.raw_json_token(), path);
  return true;
}

}  // namespace

void refuse_number_out_of_range(std::string_view text, const JsonPath& path) {
  const simdjson::padded_string padded(text);
  ondemand::parser parser;
  ondemand::document document;
  ondemand::value root;
  if (parser.iterate(padded).get(document) || document.get_value().get(root)) return;
  check(root, path);
}

}  // namespace mosaic::http
