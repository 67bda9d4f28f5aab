#include "storage/shard_restore.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include "base/durable_names.hpp"
#include "storage/page_walk.hpp"

namespace mosaic::storage {
namespace {

namespace fs = std::filesystem;

// What ended is gone, and with it every trace of when.
constexpr const char* kForgetHistory = R"sql(
DELETE FROM vectors WHERE row IN (SELECT row FROM ended);
DELETE FROM carried_links WHERE row IN (SELECT row FROM ended);
DELETE FROM versions WHERE row IN (SELECT row FROM ended);
DELETE FROM ended;
DELETE FROM edges WHERE edge IN (SELECT edge FROM ended_edges);
DELETE FROM ended_edges;
DELETE FROM arrivals;
DELETE FROM written_meanwhile;
DROP TABLE IF EXISTS staged_vectors;
)sql";

bool has_table(Database& database, std::string_view name) {
  auto select = database.cached("SELECT 1 FROM sqlite_schema WHERE name = ?1");
  select->bind_text(1, name);
  return select->step();
}

/// What is remembered of states of before, and which snapshots show them. A file without the marks
/// of its history gets new ones when it is next opened.
void forget_past(Database& database) {
  for (const auto* table : {"times", "pins", "pagerank_history", "requests"}) {
    if (has_table(database, table)) database.execute(fmt::format("DELETE FROM {}", table));
  }
  if (has_table(database, "history_fts"))
    database.execute("INSERT INTO history_fts(history_fts) VALUES('delete-all')");
  database.execute(
      "DELETE FROM meta WHERE key IN ('retention_s', 'history_from', 'history_since', "
      "'vectors_from', 'purged', 'purge_versions_from', 'purge_links_from')");
}

constexpr int kOperationsPerLook = 100'000;

int ended(void* keep_on) {
  return (*static_cast<const KeepOn*>(keep_on))() ? 0 : 1;
}

/// From now on statements end when nobody wants them any more.
void watch(Database& database, const KeepOn& keep_on) {
  if (!keep_on) return;
  sqlite3_progress_handler(database.handle(), kOperationsPerLook, ended,
                           const_cast<KeepOn*>(&keep_on));
}

void check_pages(const fs::path& path, const KeepOn& keep_on) {
  const auto report = walk_pages(path, {}, [&](std::uint64_t) {
    if (keep_on && !keep_on())
      throw Failure(ErrorCode::kDeadlineExceeded, "nobody wants the pages checked any more");
  });
  if (report.damaged.empty()) return;
  throw Failure(ErrorCode::kCorruptData,
                fmt::format("'{}' is damaged: page {} does not match its checksum",
                            path.filename().string(), report.damaged.front()));
}

void check_trees(Database& database) {
  auto check = database.prepare("PRAGMA quick_check(1)");
  if (check.step() && check.column_text(0) == "ok") return;
  throw Failure(ErrorCode::kCorruptData,
                fmt::format("'{}' is damaged: {}", database.path().filename().string(),
                            check.column_text(0)));
}

}  // namespace

void verify_copy(const fs::path& path, const ShardIdentity& expected, const KeepOn& keep_on) {
  check_pages(path, keep_on);
  Database database(path, OpenMode::kPrivate);
  watch(database, keep_on);
  check_trees(database);
  complete_schema(database);
  auto identity = expected;
  identity.collection = {static_cast<Seq>(read_meta(database, "collection"))};
  check_identity(database, identity);
  check_dimension(database, identity);
  database.seal();
}

void rebase_shard(const fs::path& path, Seq seq, std::int64_t time_ms, const KeepOn& keep_on) {
  {
    Database database(path, OpenMode::kPrivate);
    watch(database, keep_on);
    complete_schema(database);
    auto space = read_space(database);
    Transaction transaction(database);
    database.execute(kForgetHistory);
    forget_past(database);
    // There is no state of before that moment.
    database.execute(fmt::format("INSERT INTO times(time_ms, seq) VALUES({}, {})", time_ms, seq));
    for (const auto* table : {"versions", "edges", "pagerank"})
      database.execute(fmt::format("UPDATE {} SET seq = {}", table, seq));
    write_space(database, {.dimension = space.dimension});
    write_meta(database, "moving", 0);
    write_meta(database, "index_seq", 0);
    write_meta(database, "collection", 0);
    write_meta(database, "applied_seq", static_cast<std::int64_t>(seq));
    transaction.commit();
    database.seal();
  }
  sync_file(path);
}

void adopt_shard(const fs::path& path, CollectionId collection) {
  Database database(path, OpenMode::kReadWrite);
  Transaction transaction(database);
  write_meta(database, "collection", static_cast<std::int64_t>(collection.value));
  write_meta(database, "applied_seq", static_cast<std::int64_t>(collection.value));
  transaction.commit();
  database.execute("PRAGMA wal_checkpoint(TRUNCATE)");
}

}  // namespace mosaic::storage
