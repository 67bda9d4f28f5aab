#include "query/filter_parser.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>

#include "base/failure.hpp"
#include "mosaic/search.hpp"
#include "query/filter.hpp"
#include "query/json_element.hpp"

namespace mosaic::query {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

constexpr std::size_t kShownBytesMax = 80;  // of a path or value within an error

enum class Word : std::uint8_t {
  kAnd,
  kOr,
  kNot,
  kEq,
  kNe,
  kGt,
  kGte,
  kLt,
  kLte,
  kIn,
  kNin,
  kExists,
  kContains
};

struct NamedWord {
  std::string_view name;
  Word word;
};

constexpr std::array kWords = {NamedWord{"$and", Word::kAnd},
                               NamedWord{"$or", Word::kOr},
                               NamedWord{"$not", Word::kNot},
                               NamedWord{"$eq", Word::kEq},
                               NamedWord{"$ne", Word::kNe},
                               NamedWord{"$gt", Word::kGt},
                               NamedWord{"$gte", Word::kGte},
                               NamedWord{"$lt", Word::kLt},
                               NamedWord{"$lte", Word::kLte},
                               NamedWord{"$in", Word::kIn},
                               NamedWord{"$nin", Word::kNin},
                               NamedWord{"$exists", Word::kExists},
                               NamedWord{"$contains", Word::kContains}};

/// At most kShownBytesMax bytes, never cut inside a character.
std::string shown(std::string_view text) {
  if (text.size() <= kShownBytesMax) return std::string(text);
  auto end = kShownBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "...";
}

std::string shown(element value) {
  return shown(simdjson::minify(value));
}

[[noreturn]] void refuse(std::string detail) {
  throw Failure(invalid("filter: " + std::move(detail)));
}

[[noreturn]] void refuse_operand(std::string_view name, std::string_view path,
                                 std::string_view expected, element operand) {
  refuse(fmt::format("{} at '{}' takes {}, not {}", name, shown(path), expected, shown(operand)));
}

/// `path` is empty at the top of a filter.
Word operator_at(std::string_view name, std::string_view path) {
  const auto found = std::find_if(kWords.begin(), kWords.end(),
                                  [&](const NamedWord& word) { return word.name == name; });
  if (found == kWords.end()) {
    refuse(fmt::format("unknown operator '{}'{}", shown(name),
                       path.empty() ? "" : fmt::format(" at '{}'", shown(path))));
  }
  return found->word;
}

void check_depth(std::size_t depth) {
  if (depth > kFilterDepthMax) {
    refuse(fmt::format("nested deeper than {} levels", kFilterDepthMax));
  }
}

/// Walks the whole text once, so that everything after may recurse and copy without a thought.
void check_limits(element value, std::size_t depth, std::size_t& values) {
  object fields;
  simdjson::dom::array items;
  if (value.get_object().get(fields) == simdjson::SUCCESS) {
    check_depth(depth + 1);
    for (const auto field : fields) check_limits(field.value, depth + 1, values);
  } else if (value.get_array().get(items) == simdjson::SUCCESS) {
    check_depth(depth + 1);
    for (const auto item : items) check_limits(item, depth + 1, values);
  } else if (++values > kFilterValuesMax) {
    refuse(fmt::format("more than {} values", kFilterValuesMax));
  }
}

FieldPath parse_path(std::string_view text) {
  FieldPath path{.text = std::string(text)};
  if (text == "$id") path.root = FieldRoot::kId;
  if (text == "$title") path.root = FieldRoot::kTitle;
  if (text == "$text") path.root = FieldRoot::kText;
  if (path.root != FieldRoot::kMetadata) return path;
  for (std::size_t start = 0; start <= text.size();) {
    const auto end = std::min(text.find('.', start), text.size());
    if (end == start) refuse(fmt::format("path '{}' has an empty part", shown(text)));
    path.keys.emplace_back(text.substr(start, end - start));
    start = end + 1;
  }
  return path;
}

bool is_operator_key(std::string_view key) {
  return key.starts_with('$');
}

bool is_field_key(std::string_view key) {
  return !is_operator_key(key) || key == "$id" || key == "$title" || key == "$text";
}

FilterNode exists(const FieldPath& path) {
  return {.op = FilterOp::kExists, .path = path};
}

/// Any of `values`; null among them stands for "not there".
FilterNode one_of(const FieldPath& path, std::vector<JsonValue> values) {
  const auto nulls = std::erase_if(values, [](const JsonValue& value) {
    return std::holds_alternative<std::nullptr_t>(value.value);
  });
  FilterNode in{.op = FilterOp::kIn, .path = path};
  in.set = ValueSet(std::move(values));
  if (nulls == 0) return in;
  auto absent = make_not(exists(path));
  if (in.set.size() == 0) return absent;
  std::vector<FilterNode> either;
  either.push_back(std::move(in));
  either.push_back(std::move(absent));
  return make_or(std::move(either));
}

FilterNode parse_ordering(const FieldPath& path, std::string_view name, FilterOp op,
                          element operand) {
  if (!operand.is_number() && !operand.is_string()) {
    refuse_operand(name, path.text, "a number or a string", operand);
  }
  FilterNode node{.op = op, .path = path};
  node.value = to_value(operand);
  return node;
}

FilterNode parse_in(const FieldPath& path, std::string_view name, element operand) {
  if (!operand.is_array()) refuse_operand(name, path.text, "an array", operand);
  return one_of(path, std::get<JsonValue::Array>(to_value(operand).value));
}

FilterNode parse_exists(const FieldPath& path, element operand) {
  if (!operand.is_bool()) refuse_operand("$exists", path.text, "true or false", operand);
  return operand.get_bool().value_unsafe() ? exists(path) : make_not(exists(path));
}

FilterNode parse_contains(const FieldPath& path, element operand) {
  FilterNode node{.op = FilterOp::kContains, .path = path};
  node.value = to_value(operand);
  return node;
}

FilterNode parse_operators(const FieldPath& path, object operators);

FilterNode parse_not_below(const FieldPath& path, element operand) {
  object operators;
  if (operand.get_object().get(operators) != simdjson::SUCCESS || operators.size() == 0) {
    refuse_operand("$not", path.text, "an object of operators", operand);
  }
  return make_not(parse_operators(path, operators));
}

FilterNode parse_operator(const FieldPath& path, std::string_view name, element operand) {
  switch (operator_at(name, path.text)) {
    case Word::kEq:
      return one_of(path, {to_value(operand)});
    case Word::kNe:
      return make_not(one_of(path, {to_value(operand)}));
    case Word::kGt:
      return parse_ordering(path, name, FilterOp::kGreater, operand);
    case Word::kGte:
      return parse_ordering(path, name, FilterOp::kGreaterOrEqual, operand);
    case Word::kLt:
      return parse_ordering(path, name, FilterOp::kLess, operand);
    case Word::kLte:
      return parse_ordering(path, name, FilterOp::kLessOrEqual, operand);
    case Word::kIn:
      return parse_in(path, name, operand);
    case Word::kNin:
      return make_not(parse_in(path, name, operand));
    case Word::kExists:
      return parse_exists(path, operand);
    case Word::kContains:
      return parse_contains(path, operand);
    case Word::kNot:
      return parse_not_below(path, operand);
    case Word::kAnd:
    case Word::kOr:
      break;
  }
  refuse(fmt::format("{} combines whole filters and cannot stand at '{}'", name, shown(path.text)));
}

FilterNode parse_operators(const FieldPath& path, object operators) {
  std::vector<FilterNode> tests;
  for (const auto field : operators) {
    if (!is_operator_key(field.key)) {
      refuse(
          fmt::format("'{}' at '{}' stands among operators", shown(field.key), shown(path.text)));
    }
    tests.push_back(parse_operator(path, field.key, field.value));
  }
  return make_and(std::move(tests));
}

FilterNode parse_condition(const FieldPath& path, element condition) {
  object fields;
  if (condition.get_object().get(fields) == simdjson::SUCCESS &&
      std::any_of(fields.begin(), fields.end(),
                  [](const auto& field) { return is_operator_key(field.key); })) {
    return parse_operators(path, fields);
  }
  return one_of(path, {to_value(condition)});
}

FilterNode parse_object(element filter);

std::vector<FilterNode> parse_list(std::string_view name, element operand) {
  simdjson::dom::array filters;
  if (operand.get_array().get(filters) != simdjson::SUCCESS || filters.size() == 0) {
    refuse(fmt::format("{} takes an array of one or more filters, not {}", name, shown(operand)));
  }
  std::vector<FilterNode> children;
  for (const auto filter : filters) children.push_back(parse_object(filter));
  return children;
}

FilterNode parse_field(std::string_view key, element value) {
  if (is_field_key(key)) return parse_condition(parse_path(key), value);
  switch (operator_at(key, "")) {
    case Word::kAnd:
      return make_and(parse_list(key, value));
    case Word::kOr:
      return make_or(parse_list(key, value));
    case Word::kNot:
      return make_not(parse_object(value));
    default:
      refuse(fmt::format("operator '{}' needs a path in front of it", key));
  }
}

FilterNode parse_object(element filter) {
  object fields;
  if (filter.get_object().get(fields) != simdjson::SUCCESS) {
    refuse(fmt::format("a filter is an object, not {}", shown(filter)));
  }
  std::vector<FilterNode> conditions;
  for (const auto field : fields) conditions.push_back(parse_field(field.key, field.value));
  return make_and(std::move(conditions));
}

}  // namespace

FilterNode parse_filter(std::string_view json) {
  if (json.size() > kFilterBytesMax) {
    refuse(fmt::format("{} bytes, at most {}", json.size(), kFilterBytesMax));
  }
  simdjson::dom::parser parser;
  element root;
  if (const auto error = parser.parse(json.data(), json.size()).get(root)) {
    refuse(fmt::format("not valid JSON: {}", simdjson::error_message(error)));
  }
  std::size_t values = 0;
  check_limits(root, 0, values);
  return parse_object(root);
}

}  // namespace mosaic::query
