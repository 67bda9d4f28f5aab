#include "check/database_check.hpp"

#include <fmt/format.h>

#include "storage/page_walk.hpp"
#include "storage/text_tables.hpp"

namespace mosaic::check {
namespace {

constexpr std::size_t kNamed = 20;
constexpr std::string_view kIntegrityLinesMax = "100";

/// SQLite's words about an index, which can be made anew from its table.
bool concerns_index(std::string_view line) {
  return line.find(" index ") != std::string_view::npos;
}

void check_structure(Scope& scope, const std::filesystem::path& file, DatabaseCheck& check) {
  auto lines =
      check.database->prepare(fmt::format("PRAGMA integrity_check({})", kIntegrityLinesMax));
  while (lines.step()) {
    const auto line = lines.column_text(0);
    if (line == "ok") return;
    check.structure_whole = false;
    auto what = fmt::format("SQLite says: {}", line);
    if (concerns_index(line)) {
      scope.find_derived(Remedy::kReindex, file, "", std::move(what));
    } else {
      scope.find(Severity::kTruth, file, "", std::move(what),
                 "what these pages held, as far as it cannot be read");
    }
  }
}

void check_text(Scope& scope, const std::filesystem::path& file, DatabaseCheck& check) {
  for (const auto& table : storage::text_tables(*check.database)) {
    try {
      storage::check_text_table(*check.database, table);
    } catch (const Failure& failure) {
      if (failure.error().code != ErrorCode::kCorruptData) throw;
      scope.find_derived(Remedy::kText, file, fmt::format("table {}", table),
                         "the text index does not match the rows");
    }
  }
}

}  // namespace

std::string few_of(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < kNamed; ++i) {
    text += (i == 0 ? "" : ", ") + names[i];
  }
  if (names.size() > kNamed) text += fmt::format(" and {} more", names.size() - kNamed);
  return text;
}

std::string place_of_pages(const std::vector<std::uint32_t>& pages) {
  std::vector<std::string> numbers;
  for (const auto page : pages) numbers.push_back(std::to_string(page));
  return (pages.size() == 1 ? "page " : "pages ") + few_of(numbers);
}

DatabaseCheck check_database(Scope& scope, const std::filesystem::path& file,
                             const std::string& wal_lost, std::vector<std::uint32_t>& pages) {
  DatabaseCheck check;
  const auto wal = storage::read_wal(file, scope.bytes_read());
  if (!wal.damage.empty()) {
    const std::filesystem::path wal_path = file.string() + "-wal";
    if (wal_lost.empty()) {
      scope.find_derived(Remedy::kEndWal, wal_path, "", wal.damage);
    } else {
      scope.find(Severity::kTruth, wal_path, "", wal.damage, wal_lost);
    }
  }
  if (!wal.doubt.empty()) {
    scope.find(Severity::kNote, file.string() + "-wal", "",
               wal.doubt + ": what a loss of power, or a crash before an earlier start, may leave");
  }
  auto walked = storage::walk_pages(file, wal, scope.bytes_read());
  if (!walked.shadowed.empty()) {
    scope.find_derived(Remedy::kEndWal, file, place_of_pages(walked.shadowed),
                       "damaged, but whole in the write-ahead log");
  }
  pages = std::move(walked.damaged);
  check.pages_whole = pages.empty();
  try {
    check.database = std::make_unique<storage::Database>(file, storage::OpenMode::kFrozen);
    if (!check.pages_whole) return check;
    check_structure(scope, file, check);
    if (check.structure_whole) check_text(scope, file, check);
  } catch (const Failure& failure) {
    if (failure.error().code != ErrorCode::kCorruptData) throw;
    check.structure_whole = false;
    if (check.pages_whole) {
      check.database.reset();
      scope.find(Severity::kTruth, file, "", failure.error().detail, "all that it held");
    }
  }
  return check;
}

}  // namespace mosaic::check
