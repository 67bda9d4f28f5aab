#include "storage/salvage.hpp"

#include <fmt/format.h>

#include "base/durable_names.hpp"
#include "storage/text_tables.hpp"

namespace mosaic::storage {
namespace {

namespace fs = std::filesystem;

/// Ends like what a node takes for the rest of a cut short write.
fs::path unfinished(const fs::path& path) {
  return path.string() + ".tmp";
}

void remove_with_side_files(const fs::path& path) {
  for (const auto* suffix : {"", "-wal", "-shm"}) fs::remove(path.string() + suffix);
}

std::string as_name(std::string_view name) {
  return fmt::format("\"{}\"", name);
}

struct Definition {
  std::string name;
  std::string sql;
};

std::vector<Definition> definitions(Database& database, const std::string& condition) {
  auto select = database.prepare(fmt::format(
      "SELECT name, sql FROM old.sqlite_schema s WHERE sql IS NOT NULL AND {}", condition));
  std::vector<Definition> found;
  while (select.step()) {
    found.push_back({std::string(select.column_text(0)), std::string(select.column_text(1))});
  }
  return found;
}

/// A table that is none of FTS5's own, which begin with the name of theirs.
constexpr const char* kIsTruth =
    "type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
    "AND NOT EXISTS (SELECT 1 FROM {0}sqlite_schema v WHERE v.sql LIKE 'CREATE VIRTUAL%' "
    "AND substr(s.name, 1, length(v.name) + 1) = v.name || '_')";

std::string is_truth(std::string_view schema) {
  return fmt::format(fmt::runtime(kIsTruth), schema);
}

void copy_rows(Database& database) {
  for (const auto& table : definitions(database, is_truth("old."))) {
    database.execute(table.sql);
    database.execute(
        fmt::format("INSERT INTO main.{0} SELECT * FROM old.{0} NOT INDEXED", as_name(table.name)));
  }
  // The numbers that AUTOINCREMENT has given, also those of rows that are gone.
  database.execute(
      "DELETE FROM main.sqlite_sequence; "
      "INSERT INTO main.sqlite_sequence SELECT * FROM old.sqlite_sequence");
}

void make_derived(Database& database) {
  for (const auto* condition : {"type = 'view'", "type = 'index'", "sql LIKE 'CREATE VIRTUAL%'"}) {
    for (const auto& made : definitions(database, condition)) database.execute(made.sql);
  }
  for (const auto& table : text_tables(database)) rebuild_text_table(database, table);
}

void copy_pragma(Database& database, const char* name) {
  const auto value = database.query_int(fmt::format("PRAGMA old.{}", name));
  database.execute(fmt::format("PRAGMA main.{} = {}", name, value));
}

void copy_database(const fs::path& from, const fs::path& to) {
  Database database(to, OpenMode::kCreate);
  auto attach = database.prepare("ATTACH ?1 AS old");
  attach.bind_text(1, std::string_view(from.native()));
  attach.run();
  {
    Transaction transaction(database);
    copy_rows(database);
    make_derived(database);
    copy_pragma(database, "application_id");
    copy_pragma(database, "user_version");
    transaction.commit();
  }
  database.execute("DETACH old; PRAGMA wal_checkpoint(TRUNCATE)");
}

}  // namespace

std::vector<std::string> truth_tables(Database& database) {
  auto select = database.prepare("SELECT name FROM sqlite_schema s WHERE sql IS NOT NULL AND " +
                                 is_truth("main.") + " ORDER BY name");
  std::vector<std::string> names;
  while (select.step()) names.emplace_back(select.column_text(0));
  return names;
}

void end_wal(const fs::path& path) {
  { Database(path, OpenMode::kReadWrite).execute("PRAGMA wal_checkpoint(TRUNCATE)"); }
  // Of a new file in this place, they would be taken for its own.
  for (const auto* suffix : {"-wal", "-shm"}) fs::remove(path.string() + suffix);
}

void rebuild_database(const fs::path& path) {
  const auto fresh = unfinished(path);
  remove_with_side_files(fresh);
  try {
    copy_database(path, fresh);
  } catch (...) {
    remove_with_side_files(fresh);
    throw;
  }
  end_wal(path);
  sync_file(fresh);
  rename_durably(fresh, path);
}

}  // namespace mosaic::storage
