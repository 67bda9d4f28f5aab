// Copies of a database as one connection sees it, made while others write: for snapshots and
// backups. A copy has the same pages at the same places as its source, so that two copies of one
// shard differ in few places, and is readable by itself: no `-wal` stands beside it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "mosaic/collection.hpp"
#include "storage/database.hpp"

namespace mosaic::storage {

/// Pages copied at a time: a few milliseconds, after which the owner is asked again.
constexpr int kCopyPages = 512;

/// Hears how many pages of how many are copied; false stops the copying.
using CopyProgress = std::function<bool(std::uint64_t done, std::uint64_t pages)>;

struct CopiedFile {
  std::uint64_t bytes = 0;
  std::string sha256;  ///< of the file
};

/// Copies what the open read transaction of `from` shows to a new file at `path`, durable when this
/// returns. Throws deadline_exceeded when `go_on` wants no more, corrupt_data for a damaged page,
/// and unavailable for a disk that is full; nothing is left at `path` then.
CopiedFile copy_database(Database& from, const std::filesystem::path& path,
                         const CopyProgress& go_on);

/// A copy of a shard or of the catalog, and up to where that has applied the log.
struct StateCopy {
  CopiedFile file;
  Seq seq = 0;
};

/// Copies a database that others have open and go on writing. Throws like copy_database().
StateCopy copy_state(const std::filesystem::path& from, const std::filesystem::path& to,
                     const CopyProgress& go_on);

/// Puts a copy in the place of a database that nobody has open, which may be missing; what derives
/// from that goes. Durable when it returns. Throws unavailable.
void replace_database(const std::filesystem::path& copy, const std::filesystem::path& place);

/// Removes a shard's file that nobody has open, and what derives from it. Throws unavailable.
void remove_shard(const std::filesystem::path& file);

}  // namespace mosaic::storage
