// The filter language by the letter of the contract, without a thought of speed: what the real one
// is measured against. Reads the filter's JSON anew for every document.
#pragma once

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

namespace mosaic::query::naive {

using Json = nlohmann::json;
__extension__ typedef __int128 Wide;

inline Wide to_wide(const Json& integer) {
  return integer.is_number_unsigned() ? Wide{integer.get<std::uint64_t>()}
                                      : Wide{integer.get<std::int64_t>()};
}

/// -1, 0 or 1.
inline int compare_with_real(Wide integer, double real) {
  if (real >= 1e20) return -1;
  if (real <= -1e20) return 1;
  const auto whole = static_cast<Wide>(std::floor(real));
  if (integer != whole) return integer < whole ? -1 : 1;
  return real > std::floor(real) ? -1 : 0;
}

inline int compare_numbers(const Json& a, const Json& b) {
  if (a.is_number_float() && b.is_number_float()) {
    const auto x = a.get<double>(), y = b.get<double>();
    return x < y ? -1 : x > y;
  }
  if (b.is_number_float()) return compare_with_real(to_wide(a), b.get<double>());
  if (a.is_number_float()) return -compare_with_real(to_wide(b), a.get<double>());
  return to_wide(a) < to_wide(b) ? -1 : to_wide(a) > to_wide(b);
}

inline bool equal(const Json& a, const Json& b) {
  if (a.is_number() && b.is_number()) return compare_numbers(a, b) == 0;
  if (a.type() != b.type()) return false;
  if (!a.is_structured()) return a == b;
  if (a.size() != b.size()) return false;
  for (const auto& [key, value] : a.items()) {
    if (a.is_object() && !b.contains(key)) return false;
    if (!equal(value, a.is_object() ? b.at(key) : b.at(std::stoul(key)))) return false;
  }
  return true;
}

/// Null where there is nothing.
inline Json find(const Json& document, const std::string& path) {
  if (path.starts_with('$')) return document.value(path, Json());
  Json found = document.value("metadata", Json::object());
  std::string rest = path;
  while (!rest.empty()) {
    const auto key = rest.substr(0, rest.find('.'));
    rest = key.size() == rest.size() ? "" : rest.substr(key.size() + 1);
    if (!found.is_object() || !found.contains(key)) return {};
    found = Json(found.at(key));
  }
  return found;
}

inline bool ordered(const std::string& op, const Json& field, const Json& bound) {
  int order = 0;
  if (field.is_number() && bound.is_number()) {
    order = compare_numbers(field, bound);
  } else if (field.is_string() && bound.is_string()) {
    order = field.get<std::string>().compare(bound.get<std::string>());
  } else {
    return false;
  }
  if (op == "$gt") return order > 0;
  if (op == "$gte") return order >= 0;
  if (op == "$lt") return order < 0;
  return order <= 0;
}

inline bool contains(const Json& field, const Json& value) {
  if (field.is_array()) {
    for (const auto& item : field) {
      if (equal(item, value)) return true;
    }
    return false;
  }
  return field.is_string() && value.is_string() &&
         field.get<std::string>().find(value.get<std::string>()) != std::string::npos;
}

bool condition(const Json& field, const Json& test);

inline bool one_operator(const Json& field, const std::string& op, const Json& operand) {
  if (op == "$eq") return equal(field, operand);
  if (op == "$ne") return !equal(field, operand);
  if (op == "$exists") return field.is_null() != operand.get<bool>();
  if (op == "$contains") return contains(field, operand);
  if (op == "$not") return !condition(field, operand);
  if (op == "$in" || op == "$nin") {
    bool found = false;
    for (const auto& value : operand) found |= equal(field, value);
    return found == (op == "$in");
  }
  return ordered(op, field, operand);
}

inline bool condition(const Json& field, const Json& test) {
  if (!test.is_object() || test.empty() || !test.begin().key().starts_with('$')) {
    return equal(field, test);
  }
  for (const auto& [op, operand] : test.items()) {
    if (!one_operator(field, op, operand)) return false;
  }
  return true;
}

/// `document` has the keys $id, $title, $text and metadata, as far as they exist.
inline bool matches(const Json& filter, const Json& document) {
  for (const auto& [key, value] : filter.items()) {
    bool holds = true;
    if (key == "$and") {
      for (const auto& child : value) holds &= matches(child, document);
    } else if (key == "$or") {
      holds = false;
      for (const auto& child : value) holds |= matches(child, document);
    } else if (key == "$not") {
      holds = !matches(value, document);
    } else {
      holds = condition(find(document, key), value);
    }
    if (!holds) return false;
  }
  return true;
}

}  // namespace mosaic::query::naive
