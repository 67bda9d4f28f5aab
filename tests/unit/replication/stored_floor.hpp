// What a log that is open has on disk of what it has forgotten: it lets go of the entries first,
// and of nothing if it is closed before its snapshot stands.
#pragma once

#include <algorithm>

#include "base/durable_file.hpp"
#include "replication/snapshot_manifest.hpp"

namespace mosaic::replication::test {

inline Seq stored_floor(const std::filesystem::path& folder) {
  Seq floor = 0;
  std::error_code gone;
  for (const auto& entry : std::filesystem::directory_iterator(folder, gone)) {
    const auto snapshot = snapshot_named(entry.path().filename().string());
    if (!snapshot || !is_complete(folder, *snapshot)) continue;
    const auto manifest = decode_manifest(read_whole(folder / snapshot->data).value_or(""));
    if (manifest) floor = std::max(floor, manifest->floor);
  }
  return floor;
}

}  // namespace mosaic::replication::test
