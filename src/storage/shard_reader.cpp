#include "storage/shard_reader.hpp"

#include <sqlite3.h>

#include <cstring>

#include <fmt/format.h>

namespace mosaic::storage {
namespace {

constexpr int kOperationsPerDeadlineCheck = 1000;
constexpr std::string_view kAllTypes = "'true','false','integer','real','text','array','object'";

int past_deadline(void* deadline) {
  return static_cast<Deadline*>(deadline)->passed(std::chrono::steady_clock::now()) ? 1 : 0;
}

std::optional<std::string_view> optional_view(const Statement& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return row.column_text(column);
}

RowFields fields_of(const Statement& row, bool with_text) {
  RowFields fields{row.column_text(1), std::nullopt, std::nullopt, row.column_text(2)};
  if (with_text) {
    fields.title = optional_view(row, 3);
    fields.text = optional_view(row, 4);
  }
  return fields;
}

std::string_view operator_of(IndexTest test) {
  switch (test) {
    case IndexTest::kEqual:
      return "=";
    case IndexTest::kLess:
      return "<";
    case IndexTest::kLessOrEqual:
      return "<=";
    case IndexTest::kGreater:
      return ">";
    case IndexTest::kGreaterOrEqual:
      return ">=";
    case IndexTest::kExists:
      break;
  }
  throw Failure(ErrorCode::kInternal, "this index test compares nothing");
}

/// The JSON types that may hold a value equal to, or ordered with, `value`.
std::vector<std::string_view> types_of(const JsonScalar& value) {
  if (const auto* boolean = std::get_if<bool>(&value)) return {*boolean ? "true" : "false"};
  if (std::holds_alternative<std::string>(value)) return {"text"};
  return {"integer", "real"};
}

void bind_scalar(Statement& statement, int position, const JsonScalar& value) {
  if (const auto* boolean = std::get_if<bool>(&value))
    statement.bind(position, std::int64_t{*boolean});
  if (const auto* integer = std::get_if<std::int64_t>(&value)) statement.bind(position, *integer);
  if (const auto* real = std::get_if<double>(&value)) statement.bind(position, *real);
  if (const auto* text = std::get_if<std::string>(&value))
    statement.bind_text(position, std::string_view(*text));
}

void insert_all(Statement& select, RowSet& out) {
  while (select.step()) out.insert(select.column_int(0));
}

}  // namespace

ShardReader::ShardReader(const std::filesystem::path& path,
                         std::shared_ptr<DocumentLengths> lengths)
    : database_(path, OpenMode::kReadOnly) {
  text_ = std::make_unique<TextIndex>(database_, std::move(lengths));
  sandbox_ = std::make_unique<Sandbox>(database_);
}

Seq ShardReader::pin() {
  arm({});
  database_.execute("BEGIN");
  return static_cast<Seq>(read_meta(database_, "applied_seq"));
}

void ShardReader::unpin() {
  arm({});
  if (pinned()) database_.execute("ROLLBACK");
}

RowSet ShardReader::rows_where(std::string_view expression, const Past* past) {
  auto rows = past ? sandbox_->rows_where(expression, deadline_, *past)
                   : sandbox_->rows_where(expression, deadline_);
  // The sandbox has used the connection's progress handler for itself.
  arm(deadline_);
  return rows;
}

void ShardReader::arm(Deadline deadline) {
  deadline_ = deadline;
  const bool bounded = deadline.at != TimePoint::max();
  sqlite3_progress_handler(database_.handle(), bounded ? kOperationsPerDeadlineCheck : 0,
                           bounded ? past_deadline : nullptr, &deadline_);
}

CopiedFile ShardReader::copy_to(const std::filesystem::path& path, const CopyProgress& go_on) {
  arm({});
  return copy_database(database_, path, go_on);
}

Row ShardReader::last_row() {
  return database_.query_int("SELECT coalesce(max(row), 0) FROM versions");
}

std::optional<Row> ShardReader::find_live(std::string_view id) {
  auto newest =
      database_.cached("SELECT row FROM versions WHERE id = ?1 ORDER BY row DESC LIMIT 1");
  newest->bind_text(1, id);
  if (!newest->step()) return std::nullopt;
  const Row row = newest->column_int(0);
  auto ended = database_.cached("SELECT 1 FROM ended WHERE row = ?1");
  ended->bind(1, row);
  if (ended->step()) return std::nullopt;
  return row;
}

std::string ShardReader::id_of(Row row) {
  auto select = database_.cached("SELECT id FROM versions WHERE row = ?1");
  select->bind(1, row);
  if (!select->step())
    throw Failure(ErrorCode::kCorruptData, fmt::format("row {} is missing from its shard", row));
  return std::string(select->column_text(0));
}

Seq ShardReader::seq_of(Row row) {
  auto select = database_.cached("SELECT seq FROM versions WHERE row = ?1");
  select->bind(1, row);
  if (!select->step())
    throw Failure(ErrorCode::kCorruptData, fmt::format("row {} is missing from its shard", row));
  return static_cast<Seq>(select->column_int(0));
}

std::optional<double> ShardReader::pagerank_of(std::string_view id) {
  auto select = database_.cached("SELECT value FROM pagerank WHERE id = ?1");
  select->bind_text(1, id);
  if (!select->step()) return std::nullopt;
  return select->column_double(0);
}

StoredDocument ShardReader::load(Row row, const Include& include, const Past* past) {
  auto select = database_.cached(
      "SELECT v.id, v.seq, p.value, CASE WHEN ?2 THEN v.title END, CASE WHEN ?3 THEN v.metadata "
      "END, "
      "CASE WHEN ?4 THEN v.text END FROM versions v LEFT JOIN pagerank p ON p.id = v.id WHERE "
      "v.row = ?1");
  select->bind(1, row).bind(2, std::int64_t{include.title});
  select->bind(3, std::int64_t{include.metadata}).bind(4, std::int64_t{include.text});
  if (!select->step()) refuse_missing(row);
  StoredDocument stored;
  stored.document.id = select->column_text(0);
  stored.seq = static_cast<Seq>(select->column_int(1));
  if (!past && !select->is_null(2)) stored.pagerank = select->column_double(2);
  stored.document.title = select->column_optional_text(3);
  stored.document.metadata = select->column_text(4);
  stored.document.text = select->column_optional_text(5);
  if (include.vector) stored.document.vector = vector_of(row);
  if (past) stored.pagerank = past_.pagerank_of(*past, stored.document.id);
  if (include.links && past) stored.document.links = past_.links_of(*past, row, stored.document.id);
  if (include.links && !past) load_links(row, stored.document);
  return stored;
}

/// What was found in one state may have ended, and have been purged, in a newer one.
void ShardReader::refuse_missing(Row row) {
  const bool purged = read_history_marks(database_).purged != 0;
  throw Failure(purged ? ErrorCode::kUnavailable : ErrorCode::kCorruptData,
                fmt::format("row {} is missing from its shard{}", row,
                            purged ? ": it may have been purged meanwhile" : ""));
}

Vector ShardReader::vector_of(Row row) {
  const auto bytes = vector_bytes(row).value_or("");
  Vector vector(bytes.size() / sizeof(float));
  if (!vector.empty()) std::memcpy(vector.data(), bytes.data(), bytes.size());
  return vector;
}

bool ShardReader::is_staged(Row row) {
  auto select = database_.cached("SELECT 1 FROM staged_vectors WHERE row = ?1");
  select->bind(1, row);
  return select->step();
}

std::optional<std::string> ShardReader::vector_bytes(Row row) {
  auto select = database_.cached("SELECT vector FROM vectors WHERE row = ?1");
  select->bind(1, row);
  if (!select->step()) return std::nullopt;
  return std::string(select->column_blob(0));
}

void ShardReader::load_links(Row row, Document& document) {
  const auto read = [&](Statement& select) {
    while (select.step()) {
      document.links.push_back({std::string(select.column_text(0)),
                                std::string(select.column_text(1)), select.column_double(2)});
    }
  };
  auto carried = database_.cached(
      "SELECT target, kind, weight FROM carried_links WHERE row = ?1 ORDER BY position");
  carried->bind(1, row);
  read(*carried);
  if (!document.links.empty()) return;
  auto select = database_.cached(
      "SELECT target, kind, weight FROM edges e WHERE source = ?1 "
      "AND NOT EXISTS (SELECT 1 FROM ended_edges x WHERE x.edge = e.edge) ORDER BY edge");
  select->bind_text(1, std::string_view(document.id));
  read(*select);
}

std::vector<std::pair<Row, std::string>> ShardReader::live_after(Row after, std::size_t limit) {
  auto select = database_.cached(
      "SELECT row, id FROM versions v WHERE row > ?1 "
      "AND NOT EXISTS (SELECT 1 FROM ended e WHERE e.row = v.row) ORDER BY row LIMIT ?2");
  select->bind(1, after).bind(2, static_cast<std::int64_t>(limit));
  std::vector<std::pair<Row, std::string>> documents;
  while (select->step()) documents.emplace_back(select->column_int(0), select->column_text(1));
  return documents;
}

std::vector<std::pair<Row, std::string>> ShardReader::list_after(std::string_view after,
                                                                 std::size_t limit) {
  auto select = database_.cached(
      "SELECT row, id FROM versions v WHERE id > ?1 "
      "AND NOT EXISTS (SELECT 1 FROM ended e WHERE e.row = v.row) ORDER BY id LIMIT ?2");
  select->bind_text(1, after).bind(2, static_cast<std::int64_t>(limit));
  std::vector<std::pair<Row, std::string>> documents;
  while (select->step()) documents.emplace_back(select->column_int(0), select->column_text(1));
  return documents;
}

void ShardReader::scan(Row after, bool with_text, const RowVisit& visit) {
  auto select = database_.cached(
      with_text ? "SELECT row, id, metadata, title, text FROM versions WHERE row > ?1 ORDER BY row"
                : "SELECT row, id, metadata FROM versions WHERE row > ?1 ORDER BY row");
  select->bind(1, after);
  while (select->step()) {
    if (!visit(select->column_int(0), fields_of(*select, with_text))) return;
  }
}

void ShardReader::visit(const RowSet& rows, bool with_text, const RowVisit& visit) {
  auto select = database_.cached(
      with_text ? "SELECT row, id, metadata, title, text FROM versions WHERE row = ?1"
                : "SELECT row, id, metadata FROM versions WHERE row = ?1");
  bool more = true;
  rows.for_each([&](Row row) {
    if (!more) return;
    select->reset();
    select->bind(1, row);
    if (select->step()) more = visit(row, fields_of(*select, with_text));
  });
}

RowSet ShardReader::live_among(const RowSet& rows) {
  // `rows` may be remembered from before a purge: only what is there can be live.
  RowSet live;
  auto present = database_.cached("SELECT row FROM versions");
  insert_all(*present, live);
  live &= rows;
  RowSet ended;
  auto select = database_.cached("SELECT row FROM ended");
  insert_all(*select, ended);
  live -= ended;
  return live;
}

void ShardReader::find_indexed(std::string_view path, IndexTest test, const JsonScalar& value,
                               Row after, RowSet& out) {
  const auto json = json_path(path);
  if (test == IndexTest::kExists) {
    auto select = database_.prepare(
        fmt::format("SELECT row FROM versions WHERE json_type(metadata, '{}') IN ({}) AND row > ?1",
                    json, kAllTypes));
    select.bind(1, after);
    return insert_all(select, out);
  }
  for (const auto type : types_of(value)) {
    // Both terms are answered by the index alone, so the rows themselves are never read.
    auto select =
        database_.prepare(fmt::format("SELECT row FROM versions WHERE json_type(metadata, '{0}') = "
                                      "'{1}' AND metadata->>'{0}' {2} ?1 AND row > ?2",
                                      json, type, operator_of(test)));
    bind_scalar(select, 1, value);
    select.bind(2, after);
    insert_all(select, out);
  }
}

void ShardReader::find_between(std::string_view path, const IndexEnd& low, const IndexEnd& high,
                               Row after, RowSet& out) {
  for (const auto type : types_of(low.value)) {
    auto select = database_.prepare(
        fmt::format("SELECT row FROM versions WHERE json_type(metadata, '{0}') = '{1}' "
                    "AND metadata->>'{0}' {2} ?1 AND metadata->>'{0}' {3} ?3 AND row > ?2",
                    json_path(path), type, operator_of(low.test), operator_of(high.test)));
    bind_scalar(select, 1, low.value);
    select.bind(2, after);
    bind_scalar(select, 3, high.value);
    insert_all(select, out);
  }
}

}  // namespace mosaic::storage
