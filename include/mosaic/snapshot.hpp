// A snapshot: a named state of a collection that is kept until it is deleted.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mosaic/collection.hpp"

namespace mosaic {

struct SnapshotFile {
  std::string path;  ///< below the data folder
  std::uint64_t bytes = 0;
  std::string sha256;  ///< 64 hexadecimal digits
  friend bool operator==(const SnapshotFile&, const SnapshotFile&) = default;
};

struct Snapshot {
  std::string name;
  Seq seq = 0;                     ///< the state that it keeps
  std::int64_t created_at_ms = 0;  ///< since 1970
  std::uint64_t documents = 0;     ///< live at `seq`
  std::vector<SnapshotFile> files;
  friend bool operator==(const Snapshot&, const Snapshot&) = default;
};

}  // namespace mosaic
