#include "query/filter_evaluation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <compare>
#include <cstring>

#include "base/failure.hpp"
#include "query/json_element.hpp"

namespace mosaic::query {
namespace {

using simdjson::dom::element;

/// What a path leads to: nothing (missing or null), a string, or any other JSON value.
using FieldValue = std::variant<std::monostate, std::string_view, element>;

FieldValue field_value(element found) {
  if (found.is_null()) return {};
  std::string_view text;
  if (found.get_string().get(text) == simdjson::SUCCESS) return text;
  return found;
}

FieldValue field_value(const std::optional<std::string_view>& text) {
  if (text) return *text;
  return {};
}

element parse_metadata(const DocumentFields& document) {
  thread_local simdjson::dom::parser parser;
  element root;
  if (parser.parse(document.metadata.data(), document.metadata.size()).get(root) ||
      !root.is_object()) {
    throw Failure(ErrorCode::kCorruptData,
                  fmt::format("metadata of document '{}' is no JSON object", document.id));
  }
  return root;
}

bool contains_text(std::string_view text, std::string_view part) {
  // memmem stays linear whatever the strings hold; string_view::find can take their product.
  return part.empty() || memmem(text.data(), text.size(), part.data(), part.size()) != nullptr;
}

bool contains(const JsonValue& value, const FieldValue& field) {
  if (const auto* text = std::get_if<std::string_view>(&field)) {
    const auto* part = std::get_if<std::string>(&value.value);
    return part && contains_text(*text, *part);
  }
  simdjson::dom::array items;
  const auto* found = std::get_if<element>(&field);
  if (!found || found->get_array().get(items) != simdjson::SUCCESS) return false;
  return std::any_of(items.begin(), items.end(), [&](element item) { return equal(value, item); });
}

bool is_in(const ValueSet& set, const FieldValue& field) {
  if (const auto* text = std::get_if<std::string_view>(&field)) return set.contains(*text);
  const auto* found = std::get_if<element>(&field);
  if (!found) return false;
  if (found->is_bool()) return set.contains(found->get_bool().value_unsafe());
  if (found->is_number()) return set.contains(to_number(*found));
  const auto& containers = set.containers();
  return std::any_of(containers.begin(), containers.end(),
                     [&](const JsonValue& value) { return equal(value, *found); });
}

/// How the field stands to the bound; unordered when their types differ.
std::partial_ordering compare(const FieldValue& field, const JsonValue& bound) {
  if (const auto* text = std::get_if<std::string_view>(&field)) {
    const auto* limit = std::get_if<std::string>(&bound.value);
    if (limit) return *text <=> std::string_view(*limit);
  } else if (const auto* found = std::get_if<element>(&field); found && found->is_number()) {
    const auto* limit = std::get_if<JsonNumber>(&bound.value);
    if (limit) return exact_value(to_number(*found)) <=> exact_value(*limit);
  }
  return std::partial_ordering::unordered;
}

bool passes(const FilterNode& leaf, const FieldValue& field) {
  switch (leaf.op) {
    case FilterOp::kIn:
      return is_in(leaf.set, field);
    case FilterOp::kLess:
      return compare(field, leaf.value) < 0;
    case FilterOp::kLessOrEqual:
      return compare(field, leaf.value) <= 0;
    case FilterOp::kGreater:
      return compare(field, leaf.value) > 0;
    case FilterOp::kGreaterOrEqual:
      return compare(field, leaf.value) >= 0;
    case FilterOp::kContains:
      return contains(leaf.value, field);
    default:
      return !std::holds_alternative<std::monostate>(field);
  }
}

class Evaluation {
 public:
  explicit Evaluation(const DocumentFields& document) : document_(document) {}

  bool holds(const FilterNode& node) {
    const auto child_holds = [this](const FilterNode& child) { return holds(child); };
    switch (node.op) {
      case FilterOp::kAnd:
        return std::all_of(node.children.begin(), node.children.end(), child_holds);
      case FilterOp::kOr:
        return std::any_of(node.children.begin(), node.children.end(), child_holds);
      case FilterOp::kNot:
        return !holds(node.children.front());
      default:
        return passes(node, find(node.path));
    }
  }

 private:
  FieldValue find(const FieldPath& path) {
    switch (path.root) {
      case FieldRoot::kId:
        return document_.id;
      case FieldRoot::kTitle:
        return field_value(document_.title);
      case FieldRoot::kText:
        return field_value(document_.text);
      case FieldRoot::kMetadata:
        break;
    }
    return document_.metadata.empty() ? FieldValue{} : find_in_metadata(path.keys);
  }

  FieldValue find_in_metadata(const std::vector<std::string>& keys) {
    if (!metadata_) metadata_ = parse_metadata(document_);
    auto found = *metadata_;
    for (const auto& key : keys) {
      if (!found.is_object() || found.at_key(key).get(found) != simdjson::SUCCESS) return {};
    }
    return field_value(found);
  }

  const DocumentFields& document_;
  std::optional<element> metadata_;
};

}  // namespace

bool holds(const FilterNode& filter, const DocumentFields& document) {
  return Evaluation(document).holds(filter);
}

}  // namespace mosaic::query
