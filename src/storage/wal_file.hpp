// SQLite's write-ahead log read as bytes, to tell what of it counts: the frames up to the last
// commit in an unbroken chain of salts and checksums (https://www.sqlite.org/fileformat2.html,
// "The Write-Ahead Log"). SQLite ends there without a word; here it is said whether more was once
// committed. Reads a file that nobody writes meanwhile. One thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <unordered_set>

namespace mosaic::storage {

struct WalContents {
  std::unordered_set<std::uint32_t> pages;  ///< that a committed frame holds
  std::uint32_t committed = 0;              ///< frames that count
  std::uint32_t database_pages = 0;         ///< as of the last commit; 0: there is none
  /// What was changed or went missing after it was written; empty when nothing shows. A process
  /// that was killed leaves none of that; a loss of power may.
  std::string damage;
  /// What may be that, or frames of before a recovery: without the index that tells how many were
  /// committed, it cannot be known.
  std::string doubt;
};

/// Of the database at `database`; one without a write-ahead log has none of it. `progress` hears of
/// bytes read. Throws Failure(unavailable) when a file cannot be read.
WalContents read_wal(const std::filesystem::path& database,
                     const std::function<void(std::uint64_t)>& progress);

}  // namespace mosaic::storage
