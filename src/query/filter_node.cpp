#include "query/filter_node.hpp"

#include <algorithm>
#include <map>
#include <string_view>

namespace mosaic::query {
namespace {

std::string_view word_of(FilterOp op) {
  switch (op) {
    case FilterOp::kAnd:
      return "$and";
    case FilterOp::kOr:
      return "$or";
    case FilterOp::kNot:
      return "$not";
    case FilterOp::kIn:
      return "$in";
    case FilterOp::kLess:
      return "$lt";
    case FilterOp::kLessOrEqual:
      return "$lte";
    case FilterOp::kGreater:
      return "$gt";
    case FilterOp::kGreaterOrEqual:
      return "$gte";
    case FilterOp::kExists:
      return "$exists";
    case FilterOp::kContains:
      return "$contains";
  }
  return {};
}

/// Sorted by their canonical text, each once.
std::vector<FilterNode> arranged(std::vector<FilterNode> nodes) {
  std::map<std::string, FilterNode> by_text;
  for (auto& node : nodes) {
    auto text = canonical_text(node);
    by_text.emplace(std::move(text), std::move(node));
  }
  std::vector<FilterNode> list;
  for (auto& [text, node] : by_text) list.push_back(std::move(node));
  return list;
}

/// A list of one is its element; lists of the same operator inside each other are one list.
FilterNode make_list(FilterOp op, std::vector<FilterNode> children) {
  std::vector<FilterNode> flat;
  for (auto& child : children) {
    if (child.op == op) {
      std::move(child.children.begin(), child.children.end(), std::back_inserter(flat));
    } else {
      flat.push_back(std::move(child));
    }
  }
  flat = arranged(std::move(flat));
  if (flat.size() == 1) return std::move(flat.front());
  FilterNode list{.op = op};
  list.children = std::move(flat);
  return list;
}

void write_list(JsonWriter& out, const FilterNode& node) {
  out.key(word_of(node.op)).begin_array();
  for (const auto& child : node.children) out.raw(canonical_text(child));
  out.end_array();
}

void write_operand(JsonWriter& out, const FilterNode& leaf) {
  switch (leaf.op) {
    case FilterOp::kIn:
      out.begin_array();
      write(out, leaf.set);
      out.end_array();
      break;
    case FilterOp::kExists:
      out.boolean(true);
      break;
    default:
      write(out, leaf.value);
  }
}

void write_leaf(JsonWriter& out, const FilterNode& leaf) {
  out.key(leaf.path.text).begin_object().key(word_of(leaf.op));
  write_operand(out, leaf);
  out.end_object();
}

}  // namespace

FilterNode make_and(std::vector<FilterNode> children) {
  return make_list(FilterOp::kAnd, std::move(children));
}

FilterNode make_or(std::vector<FilterNode> children) {
  return make_list(FilterOp::kOr, std::move(children));
}

FilterNode make_not(FilterNode child) {
  if (child.op == FilterOp::kNot) {
    auto inner = std::move(child.children.front());
    return inner;
  }
  FilterNode negation{.op = FilterOp::kNot};
  negation.children.push_back(std::move(child));
  return negation;
}

std::string canonical_text(const FilterNode& node) {
  JsonWriter out;
  out.begin_object();
  if (node.op == FilterOp::kNot) {
    out.key(word_of(node.op)).raw(canonical_text(node.children.front()));
  } else if (node.op != FilterOp::kAnd && node.op != FilterOp::kOr) {
    write_leaf(out, node);
  } else if (node.op == FilterOp::kOr || !node.children.empty()) {
    write_list(out, node);
  }
  out.end_object();
  return out.take();
}

}  // namespace mosaic::query
