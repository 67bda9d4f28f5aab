// Which node a log belongs to, and where its seqs begin: the file `identity` in its folder.
#pragma once

#include <filesystem>
#include <optional>

#include "mosaic/result.hpp"

namespace mosaic::replication {

inline constexpr const char* kIdentityFile = "identity";

struct LogIdentity {
  std::uint64_t node = 0;
  /// The seq of an entry is its index in the engine plus this. Entries that were carried over from
  /// another log say their seq themselves.
  std::int64_t base = 0;
  bool whole = true;  ///< false: entries are still being carried over
  /// It was begun to become part of a log that others have: it never begins one of its own.
  bool joins = false;
};

/// Nothing when the folder holds no log. Error corrupt_data: the file is damaged, or missing beside
/// others of a log.
Result<std::optional<LogIdentity>> read_identity(const std::filesystem::path& folder);

/// Throws unavailable.
void write_identity(const std::filesystem::path& folder, const LogIdentity& identity);

/// A node that nobody has met yet.
LogIdentity new_identity();

}  // namespace mosaic::replication
