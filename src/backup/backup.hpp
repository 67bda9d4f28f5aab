// Backups of collections in an object store: incremental by content, cut by page of 4,096 bytes
// (docs/BACKUP_FORMAT.md). Every function blocks on disk and network: call it on a thread that may
// wait. Several processes may use one store at the same time; a backup is listed only when it is
// complete, and what was damaged, truncated, swapped or removed is corrupt_data naming the object.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "backup/object_store.hpp"
#include "backup/open_store.hpp"
#include "mosaic/collection.hpp"

namespace mosaic::backup {

constexpr std::size_t kFilesMax = 4'096;  ///< of one backup
constexpr std::size_t kSettingsBytesMax = 1 << 20;
constexpr std::size_t kFileNameBytesMax = 128;

/// A file that nobody changes while it is read. Any length; a multiple of 4,096 saves most.
struct SourceFile {
  std::string name;  ///< letters, digits, '.', '_', '-', first a letter or digit, not last ".part";
                     ///< the same from backup to backup for the same shard
  std::filesystem::path path;
};

struct BackupRequest {
  std::string collection;
  Seq seq = 0;                     ///< the state that the files are
  std::int64_t created_at_ms = 0;  ///< since 1970
  std::uint64_t documents = 0;
  std::string settings;  ///< opaque bytes, given back by restore()
  std::vector<SourceFile> files;
};

struct BackupInfo {
  std::string id;  ///< unique in its collection; the order of ids is that of created_at_ms
  std::string collection;
  Seq seq = 0;
  std::int64_t created_at_ms = 0;
  std::uint64_t documents = 0;
  std::uint64_t bytes = 0;         ///< of the files
  std::uint64_t stored_bytes = 0;  ///< of all objects that it needs, also those it shares
  std::uint64_t new_bytes = 0;     ///< of the objects that went up for this one
  /// Why the backup cannot be restored, when its manifest is damaged; then only id and collection
  /// say something. Empty for a sound one.
  std::string damage;
};

/// Bytes of files done, and of how many; called on the caller's thread, at least every few MiB.
using Progress = std::function<void(std::uint64_t done, std::uint64_t total)>;

/// Uploads what the store does not have yet. Errors: invalid_argument naming the field or file,
/// not_found without a file;
/// already_exists when this collection has a backup of that time and seq, finished or under way;
/// unavailable when stopped, or when the store cannot be reached. What was uploaded by a run that
/// failed is never listed, and goes away with a later prune().
Result<BackupInfo> back_up(ObjectStore& store, const BackupRequest& request,
                           const Progress& progress = {}, std::stop_token stop = {});

/// By collection, then from the oldest to the newest; one whose manifest is damaged has `damage`.
Result<std::vector<BackupInfo>> list_backups(ObjectStore& store,
                                             std::optional<std::string> collection = {});

struct RestoredBackup {
  BackupInfo info;
  std::string settings;
  std::vector<std::filesystem::path> files;  ///< `folder`/name, in the order of the request
};

/// Writes the files of a backup (without `id`: of the newest) into `folder`, which is made when it
/// is missing, each verified by the SHA-256 of the whole file and synced. After an error nothing of
/// them is left. Errors: not_found without such a backup, already_exists when a file of that name
/// is there, corrupt_data naming the object, unavailable when stopped or when disk or store fail.
Result<RestoredBackup> restore(ObjectStore& store, const std::string& collection,
                               std::optional<std::string> id, const std::filesystem::path& folder,
                               const Progress& progress = {}, std::stop_token stop = {});

struct PruneReport {
  std::vector<std::string> removed;  ///< ids of backups
  std::uint64_t objects = 0;         ///< that nothing refers to any more, removed
  std::uint64_t bytes = 0;           ///< of those
  /// Objects stay for a later prune because another backup into this store is under way.
  bool deferred = false;
};

/// Removes all but the newest `keep` (at least 1) backups of the collection, and then what no
/// remaining backup of any collection refers to. May run beside backups and be cut off anywhere.
/// `now_ms` (since 1970) tells which of the marks that backups under way leave are of dead
/// processes: those older than kMarkStaleMs. corrupt_data when a manifest that stays is damaged:
/// nobody knows what it refers to, so nothing is removed.
Result<PruneReport> prune(ObjectStore& store, const std::string& collection, std::size_t keep,
                          std::int64_t now_ms);

/// Removes one backup, also a damaged one; what it alone referred to goes away with a later
/// prune(). not_found without it.
Status remove_backup(ObjectStore& store, const std::string& collection, const std::string& id);

/// A backup under way renews its mark far more often than this.
constexpr std::int64_t kMarkStaleMs = std::int64_t{6} * 3'600 * 1'000;

}  // namespace mosaic::backup
