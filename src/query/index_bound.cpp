#include "query/index_bound.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

namespace mosaic::query {
namespace {

/// The number as an index holds it. Indexes know int64 and double only, so past 2^63 they confuse
/// neighbours: such a number is left to the scan.
std::optional<JsonScalar> to_scalar(const JsonNumber& number) {
  if (const auto* integer = std::get_if<std::int64_t>(&number)) return *integer;
  const auto* real = std::get_if<double>(&number);
  if (real && std::abs(*real) < 0x1p63) return *real;
  return std::nullopt;
}

std::optional<JsonScalar> to_scalar(const JsonValue& value) {
  if (const auto* number = std::get_if<JsonNumber>(&value.value)) return to_scalar(*number);
  if (const auto* text = std::get_if<std::string>(&value.value)) return *text;
  return std::nullopt;
}

bool is_answerable(const ValueSet& set) {
  const auto& numbers = set.numbers();
  return set.containers().empty() &&
         std::all_of(numbers.begin(), numbers.end(),
                     [](const JsonNumber& number) { return to_scalar(number).has_value(); });
}

bool is_answerable(const FilterNode& leaf) {
  switch (leaf.op) {
    case FilterOp::kContains:
      return false;
    case FilterOp::kExists:
      return true;
    case FilterOp::kIn:
      return is_answerable(leaf.set);
    default:
      return to_scalar(leaf.value).has_value();
  }
}

IndexCoverage list_coverage(const FilterNode& list, const RowSource& source) {
  auto least = IndexCoverage::kFull;
  auto most = IndexCoverage::kNone;
  for (const auto& child : list.children) {
    const auto coverage = index_coverage(child, source);
    least = std::min(least, coverage);
    most = std::max(most, coverage);
  }
  // Every branch of an OR must be bounded, but one bounded branch already bounds an AND.
  if (least == IndexCoverage::kFull || list.op == FilterOp::kOr) return least;
  return most == IndexCoverage::kNone ? IndexCoverage::kNone : IndexCoverage::kPartial;
}

IndexTest test_of(FilterOp op) {
  switch (op) {
    case FilterOp::kLess:
      return IndexTest::kLess;
    case FilterOp::kLessOrEqual:
      return IndexTest::kLessOrEqual;
    case FilterOp::kGreater:
      return IndexTest::kGreater;
    case FilterOp::kGreaterOrEqual:
      return IndexTest::kGreaterOrEqual;
    case FilterOp::kExists:
      return IndexTest::kExists;
    default:
      return IndexTest::kEqual;
  }
}

bool is_lower_end(FilterOp op) {
  return op == FilterOp::kGreater || op == FilterOp::kGreaterOrEqual;
}

bool is_upper_end(FilterOp op) {
  return op == FilterOp::kLess || op == FilterOp::kLessOrEqual;
}

/// A lower and an upper end of one path whose values are of one type.
bool are_ends_of_a_range(const FilterNode& a, const FilterNode& b) {
  const bool both_ends =
      (is_lower_end(a.op) && is_upper_end(b.op)) || (is_upper_end(a.op) && is_lower_end(b.op));
  return both_ends && a.path.text == b.path.text && a.value.value.index() == b.value.value.index();
}

class IndexReader {
 public:
  IndexReader(RowSource& source, Row after, const std::function<void()>& before_lookup)
      : source_(source), after_(after), before_lookup_(before_lookup) {}

  RowSet bound(const FilterNode& node) {
    switch (node.op) {
      case FilterOp::kAnd:
        return intersection(node);
      case FilterOp::kOr:
        return union_of(node);
      case FilterOp::kNot:
        return all_rows() -= bound(node.children.front());
      default:
        return leaf_rows(node);
    }
  }

 private:
  RowSet all_rows() const {
    RowSet rows;
    rows.insert_range(after_ + 1, source_.last_row());
    return rows;
  }

  RowSet intersection(const FilterNode& node) {
    auto rows = all_rows();
    std::vector<const FilterNode*> open;
    for (const auto& child : node.children) {
      if (index_coverage(child, source_) != IndexCoverage::kNone) open.push_back(&child);
    }
    while (!open.empty()) {
      const auto* child = open.back();
      open.pop_back();
      const auto other = std::find_if(open.begin(), open.end(), [&](const FilterNode* candidate) {
        return are_ends_of_a_range(*child, *candidate);
      });
      if (other == open.end()) {
        rows &= bound(*child);
        continue;
      }
      rows &= range_rows(*child, **other);
      open.erase(other);
    }
    return rows;
  }

  RowSet range_rows(const FilterNode& a, const FilterNode& b) {
    const auto& low = is_lower_end(a.op) ? a : b;
    const auto& high = is_lower_end(a.op) ? b : a;
    before_lookup_();
    RowSet rows;
    source_.find_between(low.path.text, {test_of(low.op), *to_scalar(low.value)},
                         {test_of(high.op), *to_scalar(high.value)}, after_, rows);
    return rows;
  }

  RowSet union_of(const FilterNode& node) {
    RowSet rows;
    for (const auto& child : node.children) rows |= bound(child);
    return rows;
  }

  RowSet leaf_rows(const FilterNode& leaf) {
    RowSet rows;
    if (leaf.op != FilterOp::kIn) {
      find(leaf, to_scalar(leaf.value).value_or(JsonScalar{}), rows);
      return rows;
    }
    for (const bool value : {false, true}) {
      if (leaf.set.contains(value)) find(leaf, value, rows);
    }
    for (const auto& number : leaf.set.numbers()) find(leaf, *to_scalar(number), rows);
    for (const auto& text : leaf.set.strings()) find(leaf, text, rows);
    return rows;
  }

  void find(const FilterNode& leaf, const JsonScalar& value, RowSet& out) {
    before_lookup_();
    source_.find_indexed(leaf.path.text, test_of(leaf.op), value, after_, out);
  }

  RowSource& source_;
  const Row after_;
  const std::function<void()>& before_lookup_;
};

}  // namespace

IndexCoverage index_coverage(const FilterNode& filter, const RowSource& source) {
  switch (filter.op) {
    case FilterOp::kAnd:
    case FilterOp::kOr:
      return list_coverage(filter, source);
    case FilterOp::kNot:
      // Rows that may match say nothing about those that do not.
      return index_coverage(filter.children.front(), source) == IndexCoverage::kFull
                 ? IndexCoverage::kFull
                 : IndexCoverage::kNone;
    default:
      return is_answerable(filter) && source.is_indexed(filter.path.text) ? IndexCoverage::kFull
                                                                          : IndexCoverage::kNone;
  }
}

RowSet index_bound(const FilterNode& filter, RowSource& source, Row after,
                   const std::function<void()>& before_lookup) {
  return IndexReader(source, after, before_lookup).bound(filter);
}

}  // namespace mosaic::query
