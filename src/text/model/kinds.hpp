// What normalizers and pre-tokenizers have in common: they come by type from a tokenizer.json, and
// several in a row count as one.
#pragma once

#include <fmt/format.h>

#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "text/model/json_value.hpp"

namespace mosaic::text {

/// A type's name, and how one is made of its JSON.
template <class Base>
struct Kind {
  std::string_view name;
  std::unique_ptr<const Base> (*make)(const JsonValue& value);
};

template <class Base, class Made>
std::unique_ptr<const Base> make_kind(const JsonValue& value) {
  if constexpr (std::is_constructible_v<Made, const JsonValue&>) {
    return std::make_unique<const Made>(value);
  } else {
    return std::make_unique<const Made>();
  }
}

/// Throws a Failure that names a type which none of `kinds` has.
template <class Base>
std::unique_ptr<const Base> read_kind(const JsonValue& value, std::span<const Kind<Base>> kinds) {
  const auto type = value.at("type").string();
  for (const auto& kind : kinds) {
    if (kind.name == type) return kind.make(value);
  }
  value.refuse(fmt::format("is a '{}', which is not supported", type));
}

/// The parts of a sequence, each read by `read`.
template <class Base>
std::vector<std::unique_ptr<const Base>> read_steps(
    const JsonValue& list, std::unique_ptr<const Base> (*read)(const JsonValue&)) {
  std::vector<std::unique_ptr<const Base>> steps;
  for (const auto step : list.array()) steps.push_back(read(list.item(step, steps.size())));
  return steps;
}

}  // namespace mosaic::text
