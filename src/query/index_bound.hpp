// What indexes alone know about a filter: a set of rows that no matching row lies outside of. The
// set is exact where indexes answer the whole filter.
#pragma once

#include <functional>

#include "query/filter_node.hpp"
#include "query/row_source.hpp"

namespace mosaic::query {

/// How much of a filter the indexes of a source answer.
enum class IndexCoverage : std::uint8_t { kNone, kPartial, kFull };

IndexCoverage index_coverage(const FilterNode& filter, const RowSource& source);

/// The rows of (after, source.last_row()] that the indexed part of `filter` lets through; the
/// matching rows themselves under full coverage. The coverage must not be kNone. Calls
/// `before_lookup` ahead of each question to an index; it may throw.
RowSet index_bound(const FilterNode& filter, RowSource& source, Row after,
                   const std::function<void()>& before_lookup);

}  // namespace mosaic::query
