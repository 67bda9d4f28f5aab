#include "check/snapshot_check.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include "base/digest.hpp"
#include "base/failure.hpp"
#include "base/mapped_file.hpp"
#include "check/database_check.hpp"
#include "storage/page_walk.hpp"

namespace mosaic::check {
namespace {

namespace fs = std::filesystem;

struct SnapshotFile {
  std::string name;
  std::uint64_t bytes = 0;
  std::string sha256;
};

std::optional<std::vector<SnapshotFile>> read_files(const fs::path& path) {
  simdjson::dom::parser parser;
  simdjson::dom::array listed;
  if (parser.load(path.string())["files"].get(listed) != simdjson::SUCCESS) return std::nullopt;
  std::vector<SnapshotFile> files;
  for (const auto item : listed) {
    std::string_view name, digest;
    SnapshotFile file;
    if (item["path"].get(name) != simdjson::SUCCESS) return std::nullopt;
    if (item["sha256"].get(digest) != simdjson::SUCCESS) return std::nullopt;
    if (item["bytes"].get(file.bytes) != simdjson::SUCCESS) return std::nullopt;
    file.name = fs::path(name).filename().string();
    file.sha256 = digest;
    files.push_back(std::move(file));
  }
  return files;
}

/// Empty when the file is as it was made.
std::string difference(const fs::path& path, const SnapshotFile& expected) {
  if (!fs::exists(path)) return "it is missing";
  const auto bytes = fs::file_size(path);
  if (bytes != expected.bytes)
    return fmt::format("it has {} bytes, it was made with {}", bytes, expected.bytes);
  const auto mapped = MappedFile::open(path);
  if (!mapped) throw Failure(mapped.error());
  const auto data = (*mapped)->bytes();
  const auto digest = sha256({reinterpret_cast<const char*>(data.data()), data.size()});
  return digest == expected.sha256 ? "" : "it does not match its SHA-256";
}

std::string damaged_pages(const fs::path& path) {
  if (!fs::exists(path)) return {};
  const auto pages = storage::walk_pages(path, {}, [](std::uint64_t) {}).damaged;
  return pages.empty() ? std::string() : place_of_pages(pages);
}

void check_snapshot(Scope& scope, const fs::path& folder) {
  const auto list = folder / "snapshot.json";
  const auto lost = fmt::format("the snapshot '{}'", folder.filename().string());
  // Its making was cut short: what is there of it is removed, or finished, by the node.
  if (!fs::exists(list)) {
    return scope.find(Severity::kNote, folder, "", "a snapshot that is not complete yet");
  }
  const auto files = read_files(list);
  if (!files) {
    return scope.find(Severity::kTruth, list, "", "it does not say which files belong to it",
                      "nothing but the checksums of its files");
  }
  for (const auto& file : *files) {
    const auto path = folder / file.name;
    const auto what = difference(path, file);
    scope.bytes_read()(file.bytes);
    if (!what.empty()) {
      scope.find(Severity::kTruth, path, damaged_pages(path), what,
                 fmt::format("the part of {} that it holds", lost));
    }
  }
}

}  // namespace

void check_snapshots(Scope& scope, const fs::path& folder) {
  std::error_code missing;
  for (const auto& collection : fs::directory_iterator(folder, missing)) {
    if (!collection.is_directory()) continue;
    for (const auto& snapshot : fs::directory_iterator(collection.path())) {
      if (snapshot.is_directory()) check_snapshot(scope, snapshot.path());
    }
  }
}

}  // namespace mosaic::check
