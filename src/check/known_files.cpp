#include "check/known_files.hpp"

#include <string_view>

namespace mosaic::check {
namespace {

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// "shard-12.db" -> ".db"; empty for what is no file of a shard.
std::string_view shard_suffix(std::string_view name) {
  constexpr std::string_view kPrefix = "shard-";
  if (!name.starts_with(kPrefix)) return {};
  const auto dot = name.find('.');
  if (dot == std::string_view::npos) return {};
  return is_number(name.substr(kPrefix.size(), dot - kPrefix.size())) ? name.substr(dot)
                                                                      : std::string_view();
}

FileKind kind_of_database(std::string_view suffix, FileKind kind) {
  if (suffix == ".db") return kind;
  if (suffix == ".db-wal") return FileKind::kWal;
  if (suffix == ".db-shm") return FileKind::kWalIndex;
  // SQLite makes one while it turns a new file over to its write-ahead log.
  if (suffix == ".db-journal") return FileKind::kUnfinished;
  return FileKind::kUnknown;
}

FileKind kind_in_root(std::string_view name) {
  if (name == "LOCK") return FileKind::kLock;
  if (name == "ports") return FileKind::kPorts;
  if (name.starts_with("log.db")) return FileKind::kLogBefore;
  if (name.starts_with("catalog.db")) return kind_of_database(name.substr(7), FileKind::kCatalog);
  return FileKind::kUnknown;
}

}  // namespace

FileKind kind_of(const std::filesystem::path& path) {
  const auto first = path.begin()->string();
  const auto name = path.filename().string();
  const auto depth = std::distance(path.begin(), path.end());
  if (depth == 1) return kind_in_root(name);
  if (first == "log") return FileKind::kLog;
  if (first == "incoming") return FileKind::kUnfinished;
  if (first == "snapshots") return FileKind::kSnapshot;
  if (first != "collections" || depth != 3) return FileKind::kUnknown;
  if (name.ends_with(".tmp") || name.find(".tmp-") != std::string::npos)
    return FileKind::kUnfinished;
  const auto suffix = shard_suffix(name);
  return suffix == ".index" ? FileKind::kIndex : kind_of_database(suffix, FileKind::kShard);
}

}  // namespace mosaic::check
