// The port through which filters reach the rows of a shard: one fixed view, whose last row never
// moves while somebody holds it. A row, once written, never changes. Used by one thread at a time.
#pragma once

#include <functional>
#include <string_view>

#include "base/json_scalar.hpp"
#include "base/row_set.hpp"
#include "query/document_fields.hpp"

namespace mosaic::query {

/// Returns false to end the visit; may throw, which ends it, too.
using RowVisit = std::function<bool(Row, const DocumentFields&)>;

class RowSource {
 public:
  virtual ~RowSource() = default;

  /// Rows are numbered from 1; 0 when there is none yet.
  virtual Row last_row() const = 0;

  /// `path` as filters name it; `$id` is asked for, too, and may be answered with true.
  virtual bool is_indexed(std::string_view path) const = 0;

  /// Adds the rows of (after, last_row()] whose value at the indexed path passes. A number equals
  /// both its integer and its floating-point form; kExists passes all but null and ignores `value`.
  /// Integers past int64 count as the double nearest to them: `value` always lies nearer to zero.
  virtual void find_indexed(std::string_view path, IndexTest test, const JsonScalar& value,
                            Row after, RowSet& out) = 0;

  /// The same for a value that passes both tests, `low` being kGreater or kGreaterOrEqual and
  /// `high` kLess or kLessOrEqual: one walk over the range instead of two over its halves.
  virtual void find_between(std::string_view path, const IndexEnd& low, const IndexEnd& high,
                            Row after, RowSet& out) = 0;

  /// Visits every row version in (after, last_row()] by rising row.
  virtual void scan(Row after, FieldsNeeded fields, const RowVisit& visit) = 0;

  /// Visits the rows of `rows` that lie in this view, by rising row.
  virtual void visit(const RowSet& rows, FieldsNeeded fields, const RowVisit& visit) = 0;
};

}  // namespace mosaic::query
