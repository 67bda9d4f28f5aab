#include "storage/checksum_vfs.hpp"

#include <array>
#include <cstring>
#include <new>
#include <string>
#include <string_view>

#include <sqlite3.h>

#include "base/checksum.hpp"
#include "base/failure.hpp"
#include "storage/heap_budget.hpp"

namespace mosaic::storage {
namespace {

constexpr int kCheckedBytes = kPageBytes - kPageChecksumBytes;

// SQLite looks at the file's first 100 bytes while it holds no lock yet, so a checkpoint may be
// writing page 1 meanwhile. It trusts nothing of them: the whole page is read later, and verified.
constexpr sqlite3_int64 kHeaderBytes = 100;

using Page = std::array<char, kPageBytes>;

thread_local std::uint32_t damaged_page = 0;

sqlite3_vfs* base_vfs = nullptr;

/// Our file object; the unix VFS keeps its own right behind it.
struct CheckedFile {
  sqlite3_file file;
  sqlite3_file* inner() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

sqlite3_file* inner(sqlite3_file* file) {
  return reinterpret_cast<CheckedFile*>(file)->inner();
}

std::uint32_t page_at(sqlite3_int64 offset) {
  return static_cast<std::uint32_t>(offset / kPageBytes) + 1;
}

std::uint64_t page_checksum(const char* page, std::uint32_t number) {
  return checksum({page, kCheckedBytes}, number);
}

int damaged(std::uint32_t page) {
  damaged_page = page;
  return SQLITE_IOERR_DATA;
}

int verify(const char* page, std::uint32_t number) {
  return page_matches(page, number) ? SQLITE_OK : damaged(number);
}

/// SQLite takes the missing part of a short read as zeros. That is right for a file it is about to
/// make; in any other the page is gone.
int short_read(sqlite3_file* file, std::uint32_t page) {
  sqlite3_int64 size = 0;
  const int rc = file->pMethods->xFileSize(file, &size);
  if (rc != SQLITE_OK) return rc;
  return size == 0 ? SQLITE_IOERR_SHORT_READ : damaged(page);
}

int read_page(sqlite3_file* file, char* page, std::uint32_t number) {
  const auto offset = static_cast<sqlite3_int64>(number - 1) * kPageBytes;
  const int rc = file->pMethods->xRead(file, page, kPageBytes, offset);
  if (rc == SQLITE_IOERR_SHORT_READ) return short_read(file, number);
  return rc == SQLITE_OK ? verify(page, number) : rc;
}

/// Some versions of SQLite read overflow pages without their reserved bytes: the whole page is
/// fetched and verified all the same.
int read_part(sqlite3_file* file, char* out, int amount, sqlite3_int64 offset) {
  const auto start = static_cast<int>(offset % kPageBytes);
  if (start + amount > kPageBytes) return damaged(page_at(offset));
  Page page;
  const int rc = read_page(file, page.data(), page_at(offset));
  if (rc == SQLITE_OK) std::memcpy(out, page.data() + start, static_cast<std::size_t>(amount));
  if (rc == SQLITE_IOERR_SHORT_READ) std::memset(out, 0, static_cast<std::size_t>(amount));
  return rc;
}

int read(sqlite3_file* file, void* out, int amount, sqlite3_int64 offset) {
  sqlite3_file* const base = inner(file);
  if (offset + amount <= kHeaderBytes) return base->pMethods->xRead(base, out, amount, offset);
  auto* const bytes = static_cast<char*>(out);
  if (amount == kPageBytes && offset % kPageBytes == 0) {
    return read_page(base, bytes, page_at(offset));
  }
  return read_part(base, bytes, amount, offset);
}

/// The checksum goes into a copy: the caller's page is SQLite's cache.
int write(sqlite3_file* file, const void* in, int amount, sqlite3_int64 offset) {
  // Part of a page could not be checked when it is read again. SQLite writes none.
  if (amount != kPageBytes || offset % kPageBytes != 0) return SQLITE_IOERR_WRITE;
  Page page;
  std::memcpy(page.data(), in, kCheckedBytes);
  const std::uint64_t sum = page_checksum(page.data(), page_at(offset));
  std::memcpy(page.data() + kCheckedBytes, &sum, sizeof sum);
  sqlite3_file* const base = inner(file);
  return base->pMethods->xWrite(base, page.data(), kPageBytes, offset);
}

/// A method of the unix VFS's file, called through a file of ours.
template <auto Method>
struct OfFile;
template <class Answer, class... Args,
          Answer (*sqlite3_io_methods::*Method)(sqlite3_file*, Args...)>
struct OfFile<Method> {
  static Answer call(sqlite3_file* file, Args... args) {
    sqlite3_file* const base = inner(file);
    return (base->pMethods->*Method)(base, args...);
  }
};

/// A method of the unix VFS, called through ours.
template <auto Method>
struct OfVfs;
template <class Answer, class... Args, Answer (*sqlite3_vfs::*Method)(sqlite3_vfs*, Args...)>
struct OfVfs<Method> {
  static Answer call(sqlite3_vfs*, Args... args) { return (base_vfs->*Method)(base_vfs, args...); }
};

// Version 2 has the shared memory that WAL needs, but no xFetch: a mapped page would be used
// without being verified.
const sqlite3_io_methods kMethods = {
    .iVersion = 2,
    .xClose = OfFile<&sqlite3_io_methods::xClose>::call,
    .xRead = read,
    .xWrite = write,
    .xTruncate = OfFile<&sqlite3_io_methods::xTruncate>::call,
    .xSync = OfFile<&sqlite3_io_methods::xSync>::call,
    .xFileSize = OfFile<&sqlite3_io_methods::xFileSize>::call,
    .xLock = OfFile<&sqlite3_io_methods::xLock>::call,
    .xUnlock = OfFile<&sqlite3_io_methods::xUnlock>::call,
    .xCheckReservedLock = OfFile<&sqlite3_io_methods::xCheckReservedLock>::call,
    .xFileControl = OfFile<&sqlite3_io_methods::xFileControl>::call,
    .xSectorSize = OfFile<&sqlite3_io_methods::xSectorSize>::call,
    .xDeviceCharacteristics = OfFile<&sqlite3_io_methods::xDeviceCharacteristics>::call,
    .xShmMap = OfFile<&sqlite3_io_methods::xShmMap>::call,
    .xShmLock = OfFile<&sqlite3_io_methods::xShmLock>::call,
    .xShmBarrier = OfFile<&sqlite3_io_methods::xShmBarrier>::call,
    .xShmUnmap = OfFile<&sqlite3_io_methods::xShmUnmap>::call,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  if ((flags & SQLITE_OPEN_MAIN_DB) == 0) {
    return base_vfs->xOpen(base_vfs, name, file, flags, out_flags);
  }
  file->pMethods = nullptr;
  const int rc = base_vfs->xOpen(base_vfs, name, inner(file), flags, out_flags);
  // SQLite closes a file that has methods, even one that failed to open.
  if (inner(file)->pMethods != nullptr) file->pMethods = &kMethods;
  return rc;
}

sqlite3_vfs make_vfs() {
  sqlite3_vfs vfs{};
  vfs.iVersion = 2;
  vfs.szOsFile = static_cast<int>(sizeof(CheckedFile)) + base_vfs->szOsFile;
  vfs.mxPathname = base_vfs->mxPathname;
  vfs.zName = kChecksumVfs;
  vfs.xOpen = open;
  vfs.xDelete = OfVfs<&sqlite3_vfs::xDelete>::call;
  vfs.xAccess = OfVfs<&sqlite3_vfs::xAccess>::call;
  vfs.xFullPathname = OfVfs<&sqlite3_vfs::xFullPathname>::call;
  vfs.xRandomness = OfVfs<&sqlite3_vfs::xRandomness>::call;
  vfs.xSleep = OfVfs<&sqlite3_vfs::xSleep>::call;
  vfs.xCurrentTime = OfVfs<&sqlite3_vfs::xCurrentTime>::call;
  vfs.xGetLastError = OfVfs<&sqlite3_vfs::xGetLastError>::call;
  vfs.xCurrentTimeInt64 = OfVfs<&sqlite3_vfs::xCurrentTimeInt64>::call;
  return vfs;
}

int register_vfs() {
  const int rc = sqlite3_initialize();
  if (rc != SQLITE_OK) return rc;
  base_vfs = sqlite3_vfs_find("unix");
  if (base_vfs == nullptr) return SQLITE_NOTFOUND;
  static sqlite3_vfs vfs = make_vfs();
  return sqlite3_vfs_register(&vfs, 0);
}

}  // namespace

void initialize_sqlite() {
  static const int rc = [] {
    const int installed = install_heap_budget();
    return installed == SQLITE_OK ? register_vfs() : installed;
  }();
  if (rc != SQLITE_OK) {
    throw Failure(ErrorCode::kInternal,
                  std::string("SQLite does not start: ") + sqlite3_errstr(rc));
  }
}

bool page_matches(const char* page, std::uint32_t number) {
  std::uint64_t stored = 0;
  std::memcpy(&stored, page + kCheckedBytes, sizeof stored);
  return stored == page_checksum(page, number);
}

std::uint32_t last_damaged_page() {
  return damaged_page;
}

}  // namespace mosaic::storage
