#include "storage/frozen_vfs.hpp"

#include <cstring>
#include <string>

#include <sqlite3.h>

#include "base/failure.hpp"
#include "storage/checksum_vfs.hpp"

namespace mosaic::storage {
namespace {

sqlite3_vfs* base_vfs = nullptr;

/// Our file object; the file below is right behind it. `present` is false for a write-ahead log
/// that is not there.
struct FrozenFile {
  sqlite3_file file;
  bool present;
  sqlite3_file* inner() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

FrozenFile& frozen(sqlite3_file* file) {
  return *reinterpret_cast<FrozenFile*>(file);
}

int close(sqlite3_file* file) {
  auto& mine = frozen(file);
  return mine.present ? mine.inner()->pMethods->xClose(mine.inner()) : SQLITE_OK;
}

int read(sqlite3_file* file, void* out, int amount, sqlite3_int64 offset) {
  auto& mine = frozen(file);
  if (mine.present) return mine.inner()->pMethods->xRead(mine.inner(), out, amount, offset);
  std::memset(out, 0, static_cast<std::size_t>(amount));
  return SQLITE_IOERR_SHORT_READ;
}

int write(sqlite3_file*, const void*, int, sqlite3_int64) {
  return SQLITE_READONLY;
}
int truncate(sqlite3_file*, sqlite3_int64) {
  return SQLITE_READONLY;
}
int sync(sqlite3_file*, int) {
  return SQLITE_OK;
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
  auto& mine = frozen(file);
  if (mine.present) return mine.inner()->pMethods->xFileSize(mine.inner(), size);
  *size = 0;
  return SQLITE_OK;
}

int lock(sqlite3_file*, int) {
  return SQLITE_OK;
}
int check_reserved_lock(sqlite3_file*, int* held) {
  *held = 0;
  return SQLITE_OK;
}
int file_control(sqlite3_file*, int, void*) {
  return SQLITE_NOTFOUND;
}
int sector_size(sqlite3_file*) {
  return kPageBytes;
}
int device_characteristics(sqlite3_file*) {
  return 0;
}

// Version 1 has no shared memory: SQLite then keeps the index of a write-ahead log on its heap.
const sqlite3_io_methods kMethods = {
    .iVersion = 1,
    .xClose = close,
    .xRead = read,
    .xWrite = write,
    .xTruncate = truncate,
    .xSync = sync,
    .xFileSize = file_size,
    .xLock = lock,
    .xUnlock = lock,
    .xCheckReservedLock = check_reserved_lock,
    .xFileControl = file_control,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = device_characteristics,
    .xShmMap = nullptr,
    .xShmLock = nullptr,
    .xShmBarrier = nullptr,
    .xShmUnmap = nullptr,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  constexpr int kOfDatabase = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL;
  // Sorting and the like, in files that have no name and do not outlive the process.
  if ((flags & kOfDatabase) == 0) return base_vfs->xOpen(base_vfs, name, file, flags, out_flags);
  file->pMethods = nullptr;
  auto& mine = frozen(file);
  int there = 0;
  const int asked = base_vfs->xAccess(base_vfs, name, SQLITE_ACCESS_EXISTS, &there);
  if (asked != SQLITE_OK) return asked;
  mine.present = there != 0;
  if (!mine.present && (flags & SQLITE_OPEN_MAIN_DB) != 0) return SQLITE_CANTOPEN;
  if (mine.present) {
    int unused = 0;
    const int read_only = SQLITE_OPEN_READONLY | (flags & kOfDatabase);
    const int rc = base_vfs->xOpen(base_vfs, name, mine.inner(), read_only, &unused);
    if (rc != SQLITE_OK) return rc;
  }
  if (out_flags != nullptr) *out_flags = flags;
  file->pMethods = &kMethods;
  return SQLITE_OK;
}

int remove(sqlite3_vfs*, const char*, int) {
  return SQLITE_OK;
}

int access(sqlite3_vfs*, const char* name, int flags, int* answer) {
  return base_vfs->xAccess(base_vfs, name, flags, answer);
}

int register_frozen() {
  base_vfs = sqlite3_vfs_find(kChecksumVfs);
  if (base_vfs == nullptr) return SQLITE_NOTFOUND;
  // Names, time and randomness are those of the VFS below.
  static sqlite3_vfs vfs = *base_vfs;
  vfs.szOsFile = static_cast<int>(sizeof(FrozenFile)) + base_vfs->szOsFile;
  vfs.pNext = nullptr;
  vfs.zName = kFrozenVfs;
  vfs.xOpen = open;
  vfs.xDelete = remove;
  vfs.xAccess = access;
  return sqlite3_vfs_register(&vfs, 0);
}

}  // namespace

void initialize_frozen_vfs() {
  initialize_sqlite();
  static const int rc = register_frozen();
  if (rc != SQLITE_OK) {
    throw Failure(ErrorCode::kInternal,
                  std::string("SQLite does not start: ") + sqlite3_errstr(rc));
  }
}

}  // namespace mosaic::storage
