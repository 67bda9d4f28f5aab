// Requests about snapshots and backups of collections. A snapshot is kept beside the collection
// until it is dropped; a backup is a state of it in an object store, from which it can be restored
// under any name, on any node.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mosaic/snapshot.hpp"

namespace mosaic {

constexpr std::size_t kSnapshotNameBytesMax = 128;
constexpr std::uint32_t kSnapshotsKeepMax = 1'000'000;

struct SnapshotRequest {
  std::string collection;
  std::string name;  ///< empty: one is made from the time
};

struct PruneRequest {
  std::string collection;
  std::uint32_t keep = 0;  ///< of the newest
};

struct PrunedSnapshots {
  std::vector<std::string> deleted;
  std::vector<Snapshot> kept;
};

struct BackupRequest {
  std::string collection;
  std::string target;    ///< file:///FOLDER or s3://BUCKET/PREFIX
  std::string snapshot;  ///< empty: the newest state
};

struct Backup {
  std::string id;
  std::string collection;
  Seq seq = 0;
  std::int64_t created_at_ms = 0;
  std::uint64_t documents = 0;
  std::uint64_t bytes = 0;         ///< of the files
  std::uint64_t stored_bytes = 0;  ///< of all objects that it needs
  std::uint64_t new_bytes = 0;     ///< of those that went up for it
  std::string damage;              ///< why it cannot be restored; empty for a sound one
};

struct BackupListRequest {
  std::string target;
  std::string collection;  ///< empty: of all
};

struct RestoreRequest {
  std::string source;      ///< a target of backups
  std::string collection;  ///< as it was called when it was backed up
  std::string as;          ///< empty: the same
  std::string backup;      ///< empty: the newest
  bool replace = false;    ///< takes the place of a collection of that name
};

/// Names of snapshots are letters, digits, '.', '_' and '-', not first one of these; neither a
/// number nor a time (RFC 3339), which `as_of` would take for one. The error names it.
Status validate_snapshot_name(std::string_view name);

/// What a snapshot is called that got no name: its time in UTC, as 2026-11-29T15-04-05.123Z.
std::string snapshot_name_at(std::int64_t created_at_ms);

}  // namespace mosaic
