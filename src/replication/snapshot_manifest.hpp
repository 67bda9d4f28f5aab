// A snapshot of the log: not data, which the shards' files hold, but a small manifest that says
// which state the entries before it have led to. libraft keeps it in `snapshot-<term>-<index>-<ms>`
// with a `.meta` beside it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mosaic/collection.hpp"
#include "replication/retained_log.hpp"

namespace mosaic::replication {

struct SnapshotManifest {
  Index index = 0;           ///< of the last entry that it stands for
  Seq seq = 0;               ///< the same as seq
  std::int64_t time_ms = 0;  ///< of that entry
  Seq floor = 0;  ///< every shard had this much on disk: what is older has been forgotten
};

/// With a checksum; a multiple of 8 bytes, as libraft wants them.
std::string encode_manifest(const SnapshotManifest& manifest);
/// Error corrupt_data.
Result<SnapshotManifest> decode_manifest(std::string_view bytes);

struct SnapshotName {
  Index index = 0;
  std::string data;  ///< file
  std::string meta;  ///< file
};

/// The snapshot that a file belongs to, going by its name.
std::optional<SnapshotName> snapshot_named(const std::string& file);

/// Whether both of its files are there: one that was cut short while being made is none.
bool is_complete(const std::filesystem::path& folder, const SnapshotName& snapshot);

/// What is wrong with its files: name of the file, and what.
std::vector<std::pair<std::string, std::string>> check_snapshot(const std::filesystem::path& folder,
                                                                const SnapshotName& snapshot);

}  // namespace mosaic::replication
