#include "storage/text_tables.hpp"

#include <fmt/format.h>

namespace mosaic::storage {

std::vector<std::string> text_tables(Database& database) {
  auto select = database.prepare(
      "SELECT name FROM sqlite_schema WHERE type = 'table' "
      "AND sql LIKE 'CREATE VIRTUAL TABLE%USING fts5%' ORDER BY name");
  std::vector<std::string> names;
  while (select.step()) names.emplace_back(select.column_text(0));
  return names;
}

void check_text_table(Database& database, const std::string& table) {
  // FTS5 takes its check for a write, though it makes none. Rank 1: against the rows as well.
  Transaction never_committed(database);
  database.execute(fmt::format("INSERT INTO {0}({0}, rank) VALUES('integrity-check', 1)", table));
}

void rebuild_text_table(Database& database, const std::string& table) {
  database.execute(fmt::format("INSERT INTO {0}({0}) VALUES('rebuild')", table));
}

}  // namespace mosaic::storage
