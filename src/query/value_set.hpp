// The values that a `$eq` or `$in` accepts, arranged for lookup: a list of thousands of values
// costs a document a handful of comparisons. Never holds null: the parser turns that into a test
// for absence.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "query/json_value.hpp"

namespace mosaic::query {

class ValueSet {
 public:
  ValueSet() = default;
  explicit ValueSet(std::vector<JsonValue> values);

  bool contains(std::string_view text) const;
  bool contains(const JsonNumber& number) const;
  bool contains(bool value) const { return value ? has_true_ : has_false_; }

  /// Each list is sorted and free of repetitions.
  const std::vector<std::string>& strings() const { return strings_; }
  const std::vector<JsonNumber>& numbers() const { return numbers_; }
  /// Arrays and objects, to be compared one by one; sorted by their JSON text.
  const std::vector<JsonValue>& containers() const { return containers_; }
  std::size_t size() const;

 private:
  void add(JsonValue value);
  void arrange();

  std::vector<std::string> strings_;
  std::vector<JsonNumber> numbers_;
  std::vector<JsonValue> containers_;
  bool has_true_ = false;
  bool has_false_ = false;
};

/// Appends every value of `set` in a fixed order.
void write(JsonWriter& out, const ValueSet& set);

}  // namespace mosaic::query
