#include "check/lost_documents.hpp"

#include <algorithm>
#include <unordered_set>

#include <fmt/format.h>

#include "base/row_set.hpp"
#include "check/database_check.hpp"
#include "storage/salvage.hpp"

namespace mosaic::check {
namespace {

using storage::Database;
using storage::OpenMode;

/// Runs `read`; false when it met damage.
template <class Read>
bool readable(Read&& read) {
  try {
    read();
    return true;
  } catch (const Failure& failure) {
    if (failure.error().code != ErrorCode::kCorruptData) throw;
    return false;
  }
}

void read_to_end(Database& database, const std::string& sql) {
  auto select = database.prepare(sql);
  while (select.step()) {
  }
}

struct Version {
  Row row;
  std::string id;
};

/// Every version that the index by id names; it stands on pages of its own.
std::vector<Version> versions_by_index(Database& database) {
  std::vector<Version> versions;
  auto select = database.prepare("SELECT row, id FROM versions INDEXED BY versions_by_id");
  while (select.step()) {
    versions.push_back({select.column_int(0), std::string(select.column_text(1))});
  }
  return versions;
}

std::unordered_set<Row> ended_rows(Database& database) {
  std::unordered_set<Row> rows;
  auto select = database.prepare("SELECT row FROM ended");
  while (select.step()) rows.insert(select.column_int(0));
  return rows;
}

bool document_readable(Database& database, Row row) {
  return readable([&] {
    auto version = database.cached("SELECT title, metadata, text FROM versions WHERE row = ?1");
    version->bind(1, row);
    if (!version->step()) throw Failure(ErrorCode::kCorruptData, "the row is not there");
    auto vector = database.cached("SELECT vector FROM vectors WHERE row = ?1");
    vector->bind(1, row);
    vector->step();
  });
}

void find_documents(Database& database, ShardLosses& losses) {
  std::vector<Version> versions;
  if (!readable([&] { versions = versions_by_index(database); })) {
    losses.unnamed = "documents whose ids cannot be told, because the index of ids is damaged, too";
  }
  std::unordered_set<Row> ended;
  if (!readable([&] { ended = ended_rows(database); })) {
    losses.unnamed = "which versions had ended";
    return;
  }
  for (const auto& version : versions) {
    if (!ended.contains(version.row) && !document_readable(database, version.row)) {
      losses.documents.push_back(version.id);
    }
  }
}

bool one_of(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

ShardLosses find_losses(Database& database) {
  ShardLosses losses;
  std::vector<std::string> tables;
  if (!readable([&] { tables = storage::truth_tables(database); })) {
    losses.unnamed = "all that it held: the list of its tables is damaged";
    return losses;
  }
  for (const auto& table : tables) {
    const auto all = fmt::format("SELECT * FROM \"{}\" NOT INDEXED", table);
    if (!readable([&] { read_to_end(database, all); })) losses.tables.push_back(table);
  }
  const bool documents = one_of(losses.tables, "versions") || one_of(losses.tables, "vectors") ||
                         one_of(losses.tables, "ended");
  if (documents) find_documents(database, losses);
  return losses;
}

std::string describe(const ShardLosses& losses) {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : "; ") + part; };
  if (!losses.tables.empty()) {
    add(fmt::format("parts of {} {}", losses.tables.size() == 1 ? "table" : "tables",
                    few_of(losses.tables)));
  }
  if (!losses.documents.empty()) {
    add(fmt::format("{} live {}: {}", losses.documents.size(),
                    losses.documents.size() == 1 ? "document" : "documents",
                    few_of(losses.documents)));
  }
  if (!losses.unnamed.empty()) add(losses.unnamed);
  return text;
}

}  // namespace mosaic::check
