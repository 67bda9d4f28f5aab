#include "check/check.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>

#include <fmt/format.h>

#include "base/failure.hpp"
#include "check/catalog_check.hpp"
#include "check/edge_check.hpp"
#include "check/index_check.hpp"
#include "check/known_files.hpp"
#include "check/log_check.hpp"
#include "check/repair.hpp"
#include "check/snapshot_check.hpp"
#include "replication/numbers_file.hpp"

namespace mosaic::check {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPartsOfFolder[] = {"LOCK", "catalog.db", "log", "log.db", "collections"};

/// Holds the lock that a node would take; makes no file for that.
class FolderLock {
 public:
  explicit FolderLock(const fs::path& root)
      : file_(::open((root / "LOCK").c_str(), O_RDONLY | O_CLOEXEC)) {
    if (file_ >= 0 && ::flock(file_, LOCK_EX | LOCK_NB) != 0) {
      ::close(file_);
      throw Failure(ErrorCode::kUnavailable,
                    fmt::format("data folder '{}' is in use by a running node: stop it first",
                                root.string()));
    }
  }
  ~FolderLock() {
    if (file_ >= 0) ::close(file_);
  }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int file_;
};

void require_data_folder(const fs::path& root) {
  if (!fs::is_directory(root)) {
    throw Failure(ErrorCode::kInvalidArgument,
                  fmt::format("there is no folder '{}'", root.string()));
  }
  const bool known = std::any_of(std::begin(kPartsOfFolder), std::end(kPartsOfFolder),
                                 [&](const char* part) { return fs::exists(root / part); });
  if (!known) {
    throw Failure(ErrorCode::kInvalidArgument,
                  fmt::format("'{}' is not a data folder of MosaicDB", root.string()));
  }
}

class FolderCheck {
 public:
  FolderCheck(const fs::path& root, CheckProgress& progress) : scope_(root, progress) {}

  void run() {
    list_files();
    check_ports();
    check_the_log();
    catalog_ = check_catalog(scope_, log_.last, log_.floor);
    for (const auto& collection : catalog_.collections) check_collection(collection);
    note_strays();
    report_log(scope_, log_folder(), log_, lowest_applied_);
    check_snapshots(scope_, catalog_);
  }

  void repair() { repair_derived(scope_, catalog_); }
  CheckReport& report() { return scope_.report(); }

 private:
  fs::path log_folder() const { return scope_.root() / "log"; }

  void list_files() {
    for (const auto& entry : fs::recursive_directory_iterator(scope_.root())) {
      if (!entry.is_regular_file()) continue;
      ++scope_.report().files;
      scope_.report().bytes += entry.file_size();
      if (kind_of(entry.path().lexically_relative(scope_.root())) == FileKind::kUnknown)
        scope_.find(Severity::kNote, entry.path(), "", "not a file of MosaicDB");
    }
    scope_.progress().bytes_total = scope_.report().bytes;
  }

  void check_ports() {
    const auto ports = scope_.root() / kPortsFile;
    if (!fs::exists(ports)) return;
    if (const auto read = replication::read_numbers(ports, {}); !read)
      scope_.find_derived(Remedy::kRemove, ports, "", read.error().detail);
  }

  void check_the_log() {
    const auto before = scope_.root() / "log.db";
    if (fs::exists(before)) {
      std::vector<std::uint32_t> pages;
      check_database(scope_, before, "entries at its end", pages);
      if (!pages.empty())
        scope_.find(Severity::kTruth, before, place_of_pages(pages), "damaged",
                    "entries that the shards have not applied");
      scope_.find(Severity::kNote, before, "",
                  "the log of an earlier version; the node carries it over when it starts");
      return;
    }
    if (fs::is_directory(log_folder())) {
      log_ = check_log(scope_, log_folder());
    } else {
      log_.last = 0;
    }
  }

  void check_collection(const CollectionPlace& collection) {
    std::vector<ShardCheck> checks;
    for (const auto& place : collection.shards) {
      checks.push_back(check_one(place));
      check_index(scope_, place, checks.back());
      if (!lives_elsewhere(place)) note_applied(checks.back());
    }
    check_edges(scope_, collection.shards, checks);
  }

  ShardCheck check_one(const ShardPlace& place) {
    if (!fs::exists(place.file)) {
      if (place.record.made) {
        scope_.find(Severity::kTruth, place.file, "", "it is missing",
                    fmt::format("all documents of shard {}", place.identity.shard.value));
      }
      return {};
    }
    if (!place.record.made && !is_made(place.file)) {
      scope_.find(Severity::kNote, place.file, "",
                  "its making was cut short; the node makes it anew");
      return {};
    }
    return check_shard(scope_, place, log_.last);
  }

  static bool lives_elsewhere(const ShardPlace& place) {
    return place.placed && !place.record.made && !fs::exists(place.file);
  }

  static bool is_made(const fs::path& file) {
    const auto made = to_result([&] {
      storage::Database database(file, storage::OpenMode::kFrozen);
      return database.query_int("PRAGMA user_version") > 0;
    });
    return made && *made;
  }

  void note_applied(const ShardCheck& check) {
    if (check.database == nullptr) {
      unread_shard_ = true;
    } else if (!lowest_applied_ || check.applied < *lowest_applied_) {
      lowest_applied_ = check.applied;
    }
    if (unread_shard_) lowest_applied_.reset();
  }

  void note_strays() {
    if (!catalog_.readable) return;
    std::error_code missing;
    for (const auto& entry : fs::directory_iterator(scope_.root() / "collections", missing)) {
      const bool known = std::any_of(
          catalog_.collections.begin(), catalog_.collections.end(),
          [&](const CollectionPlace& collection) { return collection.folder == entry.path(); });
      if (!known) {
        scope_.find(Severity::kNote, entry.path(), "",
                    "of a collection that the catalog does not have, or not yet; the node makes it "
                    "or takes it away");
      }
    }
  }

  Scope scope_;
  LogCheck log_;
  CatalogCheck catalog_;
  std::optional<Seq> lowest_applied_;
  bool unread_shard_ = false;
};

bool same_thing(const Finding& a, const Finding& b) {
  return a.file == b.file && a.place == b.place && a.what == b.what;
}

/// What is still found after the repairs was not repaired, and what is new is said, too.
void judge_repairs(CheckReport& report, const CheckReport& after) {
  for (const auto& still : after.findings) {
    const auto known =
        std::find_if(report.findings.begin(), report.findings.end(),
                     [&](const Finding& before) { return same_thing(before, still); });
    if (known == report.findings.end()) {
      report.findings.push_back(still);
    } else {
      known->repaired.clear();
    }
  }
}

}  // namespace

Result<CheckReport> check_folder(const fs::path& folder, bool repair, CheckProgress& progress) {
  return to_result([&] {
    const auto root = fs::path(folder).lexically_normal();
    require_data_folder(root);
    const FolderLock lock(root);
    CheckReport report;
    {
      FolderCheck check(root, progress);
      check.run();
      if (repair) check.repair();
      report = std::move(check.report());
    }
    if (!repair) return report;
    FolderCheck again(root, progress);
    again.run();
    judge_repairs(report, again.report());
    return report;
  });
}

}  // namespace mosaic::check
