// The file of the log: one checksummed row per entry in log.db, synced before an append returns.
// Appending belongs to one thread; reading may happen on another at the same time, through a
// connection of its own.
#pragma once

#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "base/entry.hpp"
#include "storage/database.hpp"

namespace mosaic::storage {

struct LogRow {
  Seq seq = 0;
  CollectionId collection;  ///< whose shards it goes to; 0 for an entry that makes a collection
  EntryKind kind = EntryKind::kWrite;
  std::string bytes;
};

class LogFile {
 public:
  /// Opens or makes the file. Throws corrupt_data when it is damaged.
  explicit LogFile(const std::filesystem::path& path);

  Seq last_seq() const { return last_seq_; }
  /// Entries up to this one have been forgotten, as far as this file knows.
  Seq forgotten() const { return forgotten_; }

  /// Appends `rows` in one synced transaction, giving each the next seq. Throws and stores nothing
  /// on failure.
  void append(std::span<LogRow> rows);

  /// Entries after `after` by rising seq, of one collection when given, up to about `bytes_max`, at
  /// least one if there is any. A row whose checksum does not hold throws corrupt_data.
  std::vector<LogRow> read(Seq after, std::optional<CollectionId> collection,
                           std::size_t bytes_max);
  /// Catalog entries after `after`.
  std::vector<LogRow> read_catalog(Seq after);
  /// The newest entry of a collection, 0 when none is kept.
  Seq last_seq_of(CollectionId collection);

  /// Forgets entries up to and including `floor`.
  void truncate(Seq floor);
  std::uint64_t wal_bytes() const;
  /// Of the file on disk with its WAL. From any thread.
  std::uint64_t bytes() const { return bytes_on_disk(writer_.path()); }

 private:
  Database writer_;
  Database reader_;
  std::mutex reading_;  ///< the reading connection serves one thread at a time
  Seq last_seq_ = 0;
  Seq forgotten_ = 0;
};

}  // namespace mosaic::storage
