// Every page of a database file against its checksum, as bytes: pages that nothing refers to as
// well. Pages that the write-ahead log holds do not count, because SQLite reads them there, and a
// crash in the middle of copying them back leaves anything in the file. Any thread.
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
};

/// Throws Failure(unavailable) when the file cannot be read.
PageReport walk_pages(const std::filesystem::path& database, const WalContents& wal,
                      const std::function<void(std::uint64_t)>& progress);

}  // namespace mosaic::storage
