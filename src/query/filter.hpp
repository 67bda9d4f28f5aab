// The JSON filter language of the public contract. A Filter is an immutable tree that copies in
// constant time and may be used by many threads at once.
//
// `{}` matches all. `{"path": value}` means equality; `{"path": {"$op": operand, ...}}` applies
// operators, all of which must hold; `{"path": {"key": ...}}` without operators means equality of
// the whole object. Paths are dotted metadata paths, or `$id`, `$title`, `$text`; a key that itself
// holds a dot cannot be reached. Filters combine by `$and`, `$or` and `$not`; `$not` below a path
// takes operators.
//
// A path that is missing or null matches no comparison, hence its negations: `$ne`, `$nin`, `$not`
// and `$exists: false` match it. Equality with null (`{"a": null}`, `$eq`, null within `$in`)
// matches missing or null; `$ne: null` is the opposite. Comparisons hold within one JSON type;
// orderings take numbers, compared exactly, or strings, compared by bytes.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "mosaic/result.hpp"
#include "query/document_fields.hpp"

namespace mosaic::query {

struct FilterNode;

constexpr std::size_t kFilterDepthMax = 32;       ///< objects and arrays inside each other
constexpr std::size_t kFilterValuesMax = 10'000;  ///< strings, numbers, booleans and nulls

class Filter {
 public:
  /// Reads at most kFilterBytesMax bytes of JSON. The error names operator, path and value.
  static Result<Filter> parse(std::string_view json);

  /// The same text for filters that differ in key order, white space or spelling of numbers only.
  const std::string& canonical() const;

  /// Throws Failure(kCorruptData) when the metadata is no JSON object.
  bool matches(const DocumentFields& document) const;

  /// The fields that matches() looks at.
  FieldsNeeded fields_needed() const;

  /// How many tests one document can cost.
  std::size_t leaves() const;

  const FilterNode& root() const;

 private:
  struct Parsed;

  explicit Filter(std::shared_ptr<const Parsed> parsed) : parsed_(std::move(parsed)) {}

  std::shared_ptr<const Parsed> parsed_;
};

}  // namespace mosaic::query
