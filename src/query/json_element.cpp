#include "query/json_element.hpp"

#include <algorithm>

namespace mosaic::query {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

const auto by_key = [](const auto& a, const auto& b) { return a.first < b.first; };

JsonValue::Array to_array(simdjson::dom::array items) {
  JsonValue::Array array;
  for (const auto item : items) array.push_back(to_value(item));
  return array;
}

JsonValue::Object to_object(simdjson::dom::object fields) {
  JsonValue::Object object;
  for (const auto field : fields) object.emplace_back(field.key, to_value(field.value));
  std::stable_sort(object.begin(), object.end(), by_key);
  return object;
}

bool equal_arrays(const JsonValue::Array& array, simdjson::dom::array items) {
  if (array.size() != items.size()) return false;
  auto value = array.begin();
  for (const auto item : items) {
    if (!equal(*value++, item)) return false;
  }
  return true;
}

bool equal_objects(const JsonValue::Object& object, simdjson::dom::object fields) {
  if (object.size() != fields.size()) return false;
  // Sorted once rather than looked up key by key: two large objects must not cost their product.
  std::vector<std::pair<std::string_view, element>> sorted;
  sorted.reserve(object.size());
  for (const auto field : fields) sorted.emplace_back(field.key, field.value);
  std::stable_sort(sorted.begin(), sorted.end(), by_key);
  return std::equal(object.begin(), object.end(), sorted.begin(), sorted.end(),
                    [](const auto& field, const auto& found) {
                      return field.first == found.first && equal(field.second, found.second);
                    });
}

}  // namespace

JsonNumber to_number(element number) {
  switch (number.type()) {
    case element_type::INT64:
      return number.get_int64().value_unsafe();
    case element_type::UINT64:
      return number.get_uint64().value_unsafe();
    default:
      return normal_form(number.get_double().value_unsafe());
  }
}

JsonValue to_value(element source) {
  switch (source.type()) {
    case element_type::ARRAY:
      return {to_array(source.get_array().value_unsafe())};
    case element_type::OBJECT:
      return {to_object(source.get_object().value_unsafe())};
    case element_type::STRING:
      return {std::string(source.get_string().value_unsafe())};
    case element_type::BOOL:
      return {source.get_bool().value_unsafe()};
    case element_type::NULL_VALUE:
      return {nullptr};
    default:
      return {to_number(source)};
  }
}

bool equal(const JsonValue& value, element found) {
  switch (found.type()) {
    case element_type::ARRAY: {
      const auto* array = std::get_if<JsonValue::Array>(&value.value);
      return array && equal_arrays(*array, found.get_array().value_unsafe());
    }
    case element_type::OBJECT: {
      const auto* object = std::get_if<JsonValue::Object>(&value.value);
      return object && equal_objects(*object, found.get_object().value_unsafe());
    }
    case element_type::STRING: {
      const auto* text = std::get_if<std::string>(&value.value);
      return text && *text == found.get_string().value_unsafe();
    }
    case element_type::BOOL: {
      const auto* boolean = std::get_if<bool>(&value.value);
      return boolean && *boolean == found.get_bool().value_unsafe();
    }
    case element_type::NULL_VALUE:
      return std::holds_alternative<std::nullptr_t>(value.value);
    default: {
      const auto* number = std::get_if<JsonNumber>(&value.value);
      return number && exact_value(*number) == exact_value(to_number(found));
    }
  }
}

}  // namespace mosaic::query
