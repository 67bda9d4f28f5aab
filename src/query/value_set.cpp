#include "query/value_set.hpp"

#include <algorithm>

namespace mosaic::query {
namespace {

bool less(const JsonNumber& a, const JsonNumber& b) {
  return exact_value(a) < exact_value(b);
}

template <class T, class Less, class Equal>
void sort_unique(std::vector<T>& items, Less is_less, Equal is_equal) {
  std::sort(items.begin(), items.end(), is_less);
  items.erase(std::unique(items.begin(), items.end(), is_equal), items.end());
}

}  // namespace

ValueSet::ValueSet(std::vector<JsonValue> values) {
  for (auto& value : values) add(std::move(value));
  arrange();
}

void ValueSet::add(JsonValue value) {
  if (auto* text = std::get_if<std::string>(&value.value)) {
    strings_.push_back(std::move(*text));
  } else if (const auto* number = std::get_if<JsonNumber>(&value.value)) {
    numbers_.push_back(*number);
  } else if (const auto* boolean = std::get_if<bool>(&value.value)) {
    (*boolean ? has_true_ : has_false_) = true;
  } else {
    containers_.push_back(std::move(value));
  }
}

void ValueSet::arrange() {
  sort_unique(strings_, std::less<>(), std::equal_to<>());
  sort_unique(numbers_, less, [](const auto& a, const auto& b) { return a == b; });
  sort_unique(
      containers_, [](const auto& a, const auto& b) { return to_json(a) < to_json(b); },
      [](const auto& a, const auto& b) { return to_json(a) == to_json(b); });
}

bool ValueSet::contains(std::string_view text) const {
  return std::binary_search(strings_.begin(), strings_.end(), text, std::less<>());
}

bool ValueSet::contains(const JsonNumber& number) const {
  return std::binary_search(numbers_.begin(), numbers_.end(), number, less);
}

std::size_t ValueSet::size() const {
  return strings_.size() + numbers_.size() + containers_.size() + (has_true_ ? 1 : 0) +
         (has_false_ ? 1 : 0);
}

void write(JsonWriter& out, const ValueSet& set) {
  for (const bool value : {false, true}) {
    if (set.contains(value)) out.boolean(value);
  }
  for (const auto& number : set.numbers()) write(out, number);
  for (const auto& text : set.strings()) out.string(text);
  for (const auto& container : set.containers()) write(out, container);
}

}  // namespace mosaic::query
