#include "text/model/json_value.hpp"

#include <fmt/format.h>

#include <cmath>

#include "base/failure.hpp"

namespace mosaic::text {

JsonValue JsonValue::parse(simdjson::dom::parser& parser, std::string_view bytes,
                           std::string name) {
  simdjson::dom::element root;
  if (const auto error = parser.parse(bytes.data(), bytes.size()).get(root)) {
    throw Failure(invalid(fmt::format("{}: {}", name, simdjson::error_message(error))));
  }
  return {root, std::move(name)};
}

std::optional<JsonValue> JsonValue::find(std::string_view key) const {
  simdjson::dom::element found;
  if (object().at_key(key).get(found) || found.is_null()) return std::nullopt;
  return member(found, key);
}

JsonValue JsonValue::at(std::string_view key) const {
  auto found = find(key);
  if (!found) refuse(fmt::format("has no '{}'", key));
  return std::move(*found);
}

simdjson::dom::object JsonValue::object() const {
  simdjson::dom::object value;
  if (element_.get(value)) refuse("is not an object");
  return value;
}

simdjson::dom::array JsonValue::array() const {
  simdjson::dom::array value;
  if (element_.get(value)) refuse("is not an array");
  return value;
}

std::string_view JsonValue::string() const {
  std::string_view value;
  if (element_.get(value)) refuse("is not a string");
  return value;
}

bool JsonValue::boolean() const {
  bool value = false;
  if (element_.get(value)) refuse("is not true or false");
  return value;
}

std::uint64_t JsonValue::number() const {
  std::uint64_t value = 0;
  if (element_.get(value)) refuse("is not a whole number from 0");
  return value;
}

double JsonValue::real() const {
  double value = 0;
  if (element_.get(value) || !std::isfinite(value)) refuse("is not a finite number");
  return value;
}

std::string_view JsonValue::string_or(std::string_view key, std::string_view otherwise) const {
  const auto found = find(key);
  return found ? found->string() : otherwise;
}

bool JsonValue::boolean_or(std::string_view key, bool otherwise) const {
  const auto found = find(key);
  return found ? found->boolean() : otherwise;
}

JsonValue JsonValue::item(simdjson::dom::element element, std::size_t position) const {
  return {element, fmt::format("{}[{}]", way_, position)};
}

JsonValue JsonValue::member(simdjson::dom::element element, std::string_view key) const {
  return {element, fmt::format("{}.{}", way_, key)};
}

void JsonValue::refuse(std::string_view what) const {
  throw Failure(invalid(fmt::format("{} {}", way_, what)));
}

}  // namespace mosaic::text
