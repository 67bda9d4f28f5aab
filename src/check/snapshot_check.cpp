#include "check/snapshot_check.hpp"

#include <set>

#include <fmt/format.h>

#include "base/digest.hpp"
#include "base/durable_file.hpp"
#include "base/failure.hpp"
#include "base/mapped_file.hpp"
#include "base/snapshot_json.hpp"
#include "check/database_check.hpp"
#include "storage/page_walk.hpp"

namespace mosaic::check {
namespace {

namespace fs = std::filesystem;

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

void check_snapshot(Scope& scope, const SnapshotPlace& place) {
  const auto& snapshot = place.record.snapshot;
  for (const auto& file : snapshot.files) {
    const auto path = place.folder / fs::path(file.path).filename();
    const auto what = difference(path, file);
    scope.bytes_read()(file.bytes);
    if (!what.empty()) {
      scope.find(Severity::kTruth, path, damaged_pages(path), what,
                 fmt::format("the part of the snapshot '{}' that it holds", snapshot.name));
    }
  }
  const auto list = place.folder / "snapshot.json";
  const auto written = read_whole(list);
  if (written == description_of(place)) return;
  scope.find_derived(Remedy::kDescribe, list, "",
                     written ? "it is not what the catalog says" : "it is missing");
}

/// What a snapshot that was cut short or dropped has left is removed by the node.
void note_strays(Scope& scope, const std::set<fs::path>& known) {
  std::error_code missing;
  for (const auto& collection : fs::directory_iterator(scope.root() / "snapshots", missing)) {
    if (!collection.is_directory()) continue;
    for (const auto& folder : fs::directory_iterator(collection.path())) {
      if (folder.is_directory() && !known.contains(folder.path()))
        scope.find(Severity::kNote, folder.path(), "", "of no snapshot that the catalog has");
    }
  }
}

}  // namespace

std::string description_of(const SnapshotPlace& place) {
  return snapshot_file_json(place.record.snapshot, place.settings);
}

void check_snapshots(Scope& scope, const CatalogCheck& catalog) {
  if (!catalog.readable) return;
  std::set<fs::path> known;
  for (const auto& collection : catalog.collections) {
    for (const auto& place : collection.snapshots) {
      known.insert(place.folder);
      // The node that was asked for a snapshot keeps its files; the others keep the state.
      if (catalog.has_company && !fs::exists(place.folder)) {
        scope.find(Severity::kNote, place.folder, "", "its files are on another node");
      } else {
        check_snapshot(scope, place);
      }
    }
  }
  note_strays(scope, known);
}

}  // namespace mosaic::check
