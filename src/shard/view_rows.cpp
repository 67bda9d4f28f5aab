#include "shard/view_rows.hpp"

#include <algorithm>

namespace mosaic::shard {
namespace {

storage::RowVisit adapt(const query::RowVisit& visit) {
  return [&visit](Row row, const storage::RowFields& fields) {
    return visit(row, {fields.id, fields.title, fields.text, fields.metadata});
  };
}

bool with_text(query::FieldsNeeded fields) {
  return fields.title || fields.text;
}

}  // namespace

bool ViewRows::is_indexed(std::string_view path) const {
  return std::find(view_.indexed.begin(), view_.indexed.end(), path) != view_.indexed.end();
}

void ViewRows::find_indexed(std::string_view path, IndexTest test, const JsonScalar& value,
                            Row after, RowSet& out) {
  reader_.find_indexed(path, test, value, after, out);
}

void ViewRows::find_between(std::string_view path, const IndexEnd& low, const IndexEnd& high,
                            Row after, RowSet& out) {
  reader_.find_between(path, low, high, after, out);
}

void ViewRows::scan(Row after, query::FieldsNeeded fields, const query::RowVisit& visit) {
  reader_.scan(after, with_text(fields), adapt(visit));
}

void ViewRows::visit(const RowSet& rows, query::FieldsNeeded fields, const query::RowVisit& visit) {
  reader_.visit(rows, with_text(fields), adapt(visit));
}

}  // namespace mosaic::shard
