// The vectors of a shard file that are live in the state that a connection sees.
#pragma once

#include <utility>

#include "base/row_set.hpp"
#include "storage/database.hpp"

namespace mosaic::storage {

/// Visits row, id and little-endian float32 vector of every live document after row `after` that
/// has one, by rising row. The views end with the visit.
template <class Visit>
void visit_live_vectors(Database& database, Row after, Visit&& visit) {
  auto select = database.cached(
      "SELECT x.row, v.id, x.vector FROM vectors x JOIN versions v ON v.row = x.row "
      "WHERE x.row > ?1 AND NOT EXISTS (SELECT 1 FROM ended e WHERE e.row = x.row) ORDER BY x.row");
  select->bind(1, after);
  while (select->step()) {
    visit(Row{select->column_int(0)}, select->column_text(1), select->column_blob(2));
  }
}

}  // namespace mosaic::storage
