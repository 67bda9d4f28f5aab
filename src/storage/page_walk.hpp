// Every page of a database file against its checksum, as bytes: pages that nothing refers to as
// well. Those that the write-ahead log holds are told apart: SQLite reads them there, and writes
// them anew when it moves the log into the file. Any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

#include "storage/wal_file.hpp"

namespace mosaic::storage {

struct PageReport {
  std::uint64_t pages = 0;             ///< that the database has
  std::vector<std::uint32_t> damaged;  ///< rising, missing ones as well
  /// In the file, but whole in the write-ahead log. A process that is killed leaves none; a loss of
  /// power while the log is moved may.
  std::vector<std::uint32_t> shadowed;
};

/// Throws Failure(unavailable) when the file cannot be read.
PageReport walk_pages(const std::filesystem::path& database, const WalContents& wal,
                      const std::function<void(std::uint64_t)>& progress);

}  // namespace mosaic::storage
