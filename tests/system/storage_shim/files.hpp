// Which open descriptors are files below SHIM_ROOT.
#pragma once

#include <fcntl.h>
#include <sys/types.h>

#include <cstdint>
#include <string>

namespace shim {

struct File {
  std::uint64_t id = 0;  ///< in the journal; 0 for a folder
  std::string path;      ///< where it was opened
  std::string file_class;
  bool folder = false;
  bool append = false;
  bool durable_writes = false;  ///< O_SYNC or O_DSYNC
  dev_t device = 0;
  ino_t inode = 0;
};

/// Absolute and without dots, for a path as openat(2) takes it; empty when it is not below
/// SHIM_ROOT.
std::string watched_path(int folder, const char* path);

/// Remembers what `descriptor` is.
void remember(int descriptor, File file);
void forget(int descriptor);

/// What the descriptor is, or null when it is nothing of ours.
const File* file_of(int descriptor);

}  // namespace shim
