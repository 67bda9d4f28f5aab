// The part of the jobs actor that backs collections up by a schedule: one after the other, each
// when the target has none of it that is young enough. What fails is logged and tried again later.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/backup_schedule.hpp"
#include "base/entry.hpp"

namespace mosaic::actors {

/// After a failure.
constexpr std::int64_t kBackupRetryMs = std::int64_t{10} * 60 * 1'000;

struct backup_plan {
  BackupSchedule schedule;
  std::string target;  ///< empty: nothing is backed up unasked
  std::uint32_t keep = 0;
};

/// What is known of each collection's backups; in ms since 1970.
struct backup_record {
  std::optional<std::int64_t> newest;  ///< as far as is known
  std::int64_t not_before = 0;         ///< after a failure
};

struct planned_backups {
  std::map<CollectionId, backup_record> records;
  std::string job;  ///< the one that is under way; empty: none
  CollectionId collection;

  /// Whether the collection is to be backed up now; then `since` is how young a backup of it would
  /// make that needless.
  std::optional<std::int64_t> due(const backup_plan& plan, CollectionId id,
                                  std::int64_t now_ms) const;
  void succeeded(std::int64_t newest_ms);
  void failed(std::int64_t now_ms);
};

}  // namespace mosaic::actors
