// How backups under way and prunes get along. A backup leaves a mark,
// `marks/<collection>/<id>.mark`, before it looks at what the store has, and renews it while it
// works. A prune removes no content while there is a fresh mark. A mark that nobody has renewed for
// kMarkStaleMs is of a process that died: the prune writes `<id>.dead` in its place, and should
// that process come back, it finds that object before or after it has written its manifest and
// gives up. The store orders all of this, no clock does: what was removed under a backup is never
// listed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "backup/object_store.hpp"

namespace mosaic::backup {

/// Of one backup under way; removed with it. Functions throw Failure.
class BackupMark {
 public:
  /// already_exists when there is one.
  BackupMark(ObjectStore& store, const std::string& collection, const std::string& id);
  ~BackupMark();
  BackupMark(const BackupMark&) = delete;
  BackupMark& operator=(const BackupMark&) = delete;

  /// Counts work (read or sent) and renews the mark when enough of it was done.
  void worked(std::uint64_t bytes);
  /// Throws Failure (unavailable) when a prune took this backup for dead.
  void check_alive();

 private:
  void renew();

  ObjectStore& store_;
  const std::string mark_;
  const std::string dead_;
  std::uint64_t worked_ = 0;
};

/// Whether a backup is under way. Puts an end to those whose marks are stale at `now_ms`.
bool backup_under_way(ObjectStore& store, std::int64_t now_ms);

}  // namespace mosaic::backup
