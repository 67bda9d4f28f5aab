// A database as it stands on disk, its write-ahead log included, read without changing anything:
// nothing is written, made, removed or locked, and the index of the write-ahead log is kept in
// memory. Pages of the main file are verified as by the checksum VFS below it. SQLite is told that
// it may write, because FTS5 checks itself by a statement that could; what tries to write to disk
// fails. Only for files that no process writes meanwhile. Safe to use from any thread.
#pragma once

namespace mosaic::storage {

/// The name to open databases with. Their connection must be in exclusive locking mode.
inline constexpr const char* kFrozenVfs = "mosaic-frozen";

/// Registers it over the checksum VFS, once per process. Throws Failure(internal) when SQLite
/// refuses.
void initialize_frozen_vfs();

}  // namespace mosaic::storage
