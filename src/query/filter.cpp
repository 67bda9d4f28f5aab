#include "query/filter.hpp"

#include "base/failure.hpp"
#include "query/filter_evaluation.hpp"
#include "query/filter_parser.hpp"

namespace mosaic::query {

struct Filter::Parsed {
  FilterNode root;
  std::string canonical;
  FieldsNeeded needed;
  std::size_t leaves = 0;
};

namespace {

template <class Visit>
void for_each_leaf(const FilterNode& node, Visit& visit) {
  if (node.children.empty()) visit(node);
  for (const auto& child : node.children) for_each_leaf(child, visit);
}

FieldsNeeded fields_of(const FilterNode& root) {
  FieldsNeeded needed;
  auto note = [&needed](const FilterNode& leaf) {
    if (leaf.op == FilterOp::kAnd) return;
    needed.title |= leaf.path.root == FieldRoot::kTitle;
    needed.text |= leaf.path.root == FieldRoot::kText;
    needed.metadata |= leaf.path.root == FieldRoot::kMetadata;
  };
  for_each_leaf(root, note);
  return needed;
}

std::size_t count_leaves(const FilterNode& root) {
  std::size_t leaves = 0;
  auto count = [&leaves](const FilterNode&) { ++leaves; };
  for_each_leaf(root, count);
  return leaves;
}

}  // namespace

Result<Filter> Filter::parse(std::string_view json) {
  return to_result([&] {
    Parsed parsed;
    parsed.root = parse_filter(json);
    parsed.canonical = canonical_text(parsed.root);
    parsed.needed = fields_of(parsed.root);
    parsed.leaves = count_leaves(parsed.root);
    return Filter(std::make_shared<const Parsed>(std::move(parsed)));
  });
}

const std::string& Filter::canonical() const {
  return parsed_->canonical;
}

bool Filter::matches(const DocumentFields& document) const {
  return holds(parsed_->root, document);
}

FieldsNeeded Filter::fields_needed() const {
  return parsed_->needed;
}

std::size_t Filter::leaves() const {
  return parsed_->leaves;
}

const FilterNode& Filter::root() const {
  return parsed_->root;
}

}  // namespace mosaic::query
