#include "storage/log_file.hpp"

#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include "base/checksum.hpp"

namespace mosaic::storage {
namespace {

constexpr int kLogFormatVersion = 1;
constexpr std::uint64_t kLogWalBytesMax = 64 << 20;

// AUTOINCREMENT remembers the highest seq ever given, also when every entry has been truncated.
constexpr const char* kLogSchema = R"sql(
CREATE TABLE entries(
  seq INTEGER PRIMARY KEY AUTOINCREMENT, collection INTEGER NOT NULL, kind INTEGER NOT NULL,
  checksum INTEGER NOT NULL, bytes BLOB NOT NULL) STRICT;
CREATE INDEX entries_by_collection ON entries(collection);
CREATE INDEX catalog_entries ON entries(kind) WHERE kind <> 1;
)sql";

std::int64_t row_checksum(const LogRow& row) {
  const auto seed =
      row.seq ^ (row.collection.value << 24) ^ (static_cast<std::uint64_t>(row.kind) << 60);
  return std::bit_cast<std::int64_t>(checksum(row.bytes, seed));
}

EntryKind kind_of(const Statement& select) {
  return static_cast<EntryKind>(select.column_int(2));
}

LogRow read_row(const Statement& select) {
  LogRow row;
  row.seq = static_cast<Seq>(select.column_int(0));
  row.collection.value = static_cast<Seq>(select.column_int(1));
  row.kind = kind_of(select);
  row.bytes = select.column_blob(4);
  if (row_checksum(row) == select.column_int(3)) return row;
  throw Failure(ErrorCode::kCorruptData, fmt::format("log entry {} fails its checksum", row.seq));
}

std::filesystem::path with_schema(const std::filesystem::path& path) {
  Database database(path, OpenMode::kCreate);
  const auto version = database.query_int("PRAGMA user_version");
  if (version > kLogFormatVersion) {
    throw Failure(ErrorCode::kCorruptData,
                  fmt::format("log.db has format version {}, this program reads {}", version,
                              kLogFormatVersion));
  }
  if (version == kLogFormatVersion) return path;
  Transaction transaction(database);
  database.execute(kLogSchema);
  database.execute(fmt::format("PRAGMA user_version = {}", kLogFormatVersion));
  transaction.commit();
  return path;
}

}  // namespace

LogFile::LogFile(const std::filesystem::path& path)
    : writer_(with_schema(path), OpenMode::kReadWrite), reader_(path, OpenMode::kReadOnly) {
  writer_.execute("PRAGMA synchronous = FULL");
  last_seq_ =
      static_cast<Seq>(writer_.query_int("SELECT coalesce(max(seq), 0) FROM sqlite_sequence"));
  const auto first =
      static_cast<Seq>(writer_.query_int("SELECT coalesce(min(seq), 0) FROM entries"));
  forgotten_ = first == 0 ? last_seq_ : first - 1;
}

void LogFile::append(std::span<LogRow> rows) {
  Transaction transaction(writer_);
  auto insert = writer_.cached("INSERT INTO entries VALUES(?1, ?2, ?3, ?4, ?5)");
  auto seq = last_seq_;
  for (auto& row : rows) {
    row.seq = ++seq;
    insert->bind(1, static_cast<std::int64_t>(row.seq))
        .bind(2, static_cast<std::int64_t>(row.collection.value));
    insert->bind(3, static_cast<std::int64_t>(row.kind))
        .bind(4, row_checksum(row))
        .bind_blob(5, row.bytes);
    insert->run();
  }
  transaction.commit();
  last_seq_ = seq;
  if (wal_bytes() > kLogWalBytesMax) writer_.execute("PRAGMA wal_checkpoint(PASSIVE)");
}

std::vector<LogRow> LogFile::read(Seq after, std::optional<CollectionId> collection,
                                  std::size_t bytes_max) {
  const std::lock_guard lock(reading_);
  auto select =
      reader_.cached(collection ? "SELECT seq, collection, kind, checksum, bytes FROM entries "
                                  "WHERE collection = ?2 AND seq > ?1 ORDER BY seq"
                                : "SELECT seq, collection, kind, checksum, bytes FROM entries "
                                  "WHERE seq > ?1 ORDER BY seq");
  select->bind(1, static_cast<std::int64_t>(after));
  if (collection) select->bind(2, static_cast<std::int64_t>(collection->value));
  std::vector<LogRow> rows;
  for (std::size_t size = 0; size < bytes_max && select->step(); size += rows.back().bytes.size()) {
    rows.push_back(read_row(*select));
  }
  return rows;
}

std::vector<LogRow> LogFile::read_catalog(Seq after) {
  const std::lock_guard lock(reading_);
  auto select = reader_.cached(
      "SELECT seq, collection, kind, checksum, bytes FROM entries WHERE kind <> 1 AND seq > ?1 "
      "ORDER BY seq");
  select->bind(1, static_cast<std::int64_t>(after));
  std::vector<LogRow> rows;
  while (select->step()) {
    // The index is over all that are no writes, which are few.
    if (is_catalog(kind_of(*select))) rows.push_back(read_row(*select));
  }
  return rows;
}

Seq LogFile::last_seq_of(CollectionId collection) {
  const std::lock_guard lock(reading_);
  auto select = reader_.cached("SELECT coalesce(max(seq), 0) FROM entries WHERE collection = ?1");
  select->bind(1, static_cast<std::int64_t>(collection.value));
  select->step();
  return static_cast<Seq>(select->column_int(0));
}

void LogFile::truncate(Seq floor) {
  auto remove = writer_.cached("DELETE FROM entries WHERE seq <= ?1");
  remove->bind(1, static_cast<std::int64_t>(floor));
  remove->run();
  forgotten_ = std::min(std::max(forgotten_, floor), last_seq_);
}

std::uint64_t LogFile::wal_bytes() const {
  std::error_code missing;
  const auto size = std::filesystem::file_size(writer_.path().string() + "-wal", missing);
  return missing ? 0 : size;
}

}  // namespace mosaic::storage
