// The tree that a filter's text becomes. It has fewer forms than the language: `$ne`, `$nin` and
// `$exists: false` are the negation of their positive form, equality is a set of one value, and
// null, which stands for "not there", is the absence of `$exists`. Never changed once parsed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "query/json_value.hpp"
#include "query/value_set.hpp"

namespace mosaic::query {

enum class FilterOp : std::uint8_t {
  kAnd,  ///< without children: everything
  kOr,
  kNot,  ///< one child
  kIn,   ///< the field is one of `set`
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kExists,    ///< there and not null
  kContains,  ///< an array that holds `value`, or a string that holds it as a substring
};

enum class FieldRoot : std::uint8_t { kMetadata, kId, kTitle, kText };

/// Where a leaf looks: a field of the document itself or a dotted path into its metadata.
struct FieldPath {
  std::string text;  ///< as the filter names it
  FieldRoot root = FieldRoot::kMetadata;
  std::vector<std::string> keys{};  ///< of metadata, outermost first
};

struct FilterNode {
  FilterOp op = FilterOp::kAnd;
  std::vector<FilterNode> children{};  ///< of kAnd, kOr and kNot
  FieldPath path{};                    ///< of every other form
  ValueSet set{};                      ///< of kIn
  JsonValue value{};                   ///< of the orderings (a number or a string) and kContains
};

/// Lists come out flat, sorted, without repetitions; a negation of a negation is neither.
FilterNode make_and(std::vector<FilterNode> children);
FilterNode make_or(std::vector<FilterNode> children);
FilterNode make_not(FilterNode child);

/// One fixed JSON text for every filter of this shape, whatever its key order and spelling.
std::string canonical_text(const FilterNode& node);

}  // namespace mosaic::query
