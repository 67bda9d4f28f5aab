// What each file of a data folder is, going by where it is and what it is called. Pure.
#pragma once

#include <filesystem>
#include <string>

namespace mosaic::check {

enum class FileKind {
  kLock,
  kPorts,      ///< where other nodes find this one
  kLog,        ///< of the log's folder
  kLogBefore,  ///< log.db of earlier versions and what belongs to it
  kCatalog,
  kShard,
  kIndex,
  kWal,
  kWalIndex,    ///< -shm: SQLite makes it anew
  kSnapshot,    ///< below snapshots/
  kUnfinished,  ///< what a write that was cut short has left
  kUnknown
};

/// `path` from the data folder on.
FileKind kind_of(const std::filesystem::path& path);

}  // namespace mosaic::check
