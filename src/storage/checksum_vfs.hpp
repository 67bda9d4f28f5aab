// The file layer under every SQLite database of ours: the unix VFS plus a checksum per page. A page
// of a main database file is 4096 bytes; the last 8 hold XXH3 of the bytes before them, seeded with
// the page number, so that flipped bytes, a lost write and a page in the wrong place are all
// noticed by the read that meets them. WAL, journals and temporary files pass through: they have
// checksums of their own or do not outlive the process. Safe to use from any thread.
#pragma once

#include <cstdint>

namespace mosaic::storage {

/// The name to open databases with.
inline constexpr const char* kChecksumVfs = "mosaic";

constexpr int kPageBytes = 4096;
constexpr int kPageChecksumBytes = 8;  ///< reserved at the end of each page

/// Sets up SQLite's allocator and registers the VFS, once per process and before anything else uses
/// SQLite. Throws Failure(internal) when SQLite refuses.
void initialize_sqlite();

/// The kPageBytes at `page` are what was written as the page of this number.
bool page_matches(const char* page, std::uint32_t number);

/// The page that made a read on this thread answer SQLITE_IOERR_DATA most lately.
std::uint32_t last_damaged_page();

}  // namespace mosaic::storage
