#include "storage/shard_copy.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include "base/durable_file.hpp"
#include "base/durable_names.hpp"
#include "base/file_digest.hpp"

namespace mosaic::storage {
namespace {

namespace fs = std::filesystem;

/// One run of SQLite's backup from one connection to another. The source stays at the state that
/// its read transaction shows.
class PageCopy {
 public:
  PageCopy(Database& from, Database& to)
      : from_(from),
        to_(to),
        handle_(sqlite3_backup_init(to.handle(), "main", from.handle(), "main")) {
    if (handle_ == nullptr) to_.fail(sqlite3_errcode(to_.handle()), "beginning a copy");
  }
  ~PageCopy() { sqlite3_backup_finish(handle_); }
  PageCopy(const PageCopy&) = delete;
  PageCopy& operator=(const PageCopy&) = delete;

  /// False once everything is copied.
  bool step() {
    const int rc = sqlite3_backup_step(handle_, kCopyPages);
    if (rc == SQLITE_DONE) return false;
    if (rc == SQLITE_OK) return true;
    // Both sides may be what failed; a page that does not match its checksum is the source's.
    (rc & 0xff) == SQLITE_IOERR || (rc & 0xff) == SQLITE_CORRUPT ? from_.fail(rc, "copying it")
                                                                 : to_.fail(rc, "making a copy");
  }
  std::uint64_t pages() const {
    return static_cast<std::uint64_t>(sqlite3_backup_pagecount(handle_));
  }
  std::uint64_t done() const {
    return pages() - static_cast<std::uint64_t>(sqlite3_backup_remaining(handle_));
  }

 private:
  Database& from_;
  Database& to_;
  sqlite3_backup* handle_;
};

void copy_pages(Database& from, const fs::path& path, const CopyProgress& go_on) {
  Database to(path, OpenMode::kPrivate);
  {
    PageCopy copy(from, to);
    for (bool more = true; more;) {
      more = copy.step();
      if (!go_on(copy.done(), copy.pages()))
        throw Failure(ErrorCode::kDeadlineExceeded, "the copying was stopped");
    }
  }
  to.seal();
}

void remove_all_of(const fs::path& path) {
  std::error_code ignored;
  for (const auto* suffix : {"", "-journal", "-wal", "-shm"})
    fs::remove(path.string() + suffix, ignored);
}

}  // namespace

CopiedFile copy_database(Database& from, const fs::path& path, const CopyProgress& go_on) {
  if (!from.in_transaction())
    throw Failure(ErrorCode::kInternal, "a copy needs a connection that is pinned");
  remove_all_of(path);
  try {
    copy_pages(from, path, go_on);
    sync_file(path);
    sync_folder(path.parent_path());
    return {fs::file_size(path), or_throw(sha256_of_file(path))};
  } catch (...) {
    remove_all_of(path);
    throw;
  }
}

StateCopy copy_state(const fs::path& from, const fs::path& to, const CopyProgress& go_on) {
  Database source(from, OpenMode::kReadOnly);
  source.execute("BEGIN");
  const auto seq =
      static_cast<Seq>(source.query_int("SELECT value FROM meta WHERE key = 'applied_seq'"));
  return {copy_database(source, to, go_on), seq};
}

namespace {

/// What stands beside a shard's file, and is of no use without it.
void remove_derived(const fs::path& file) {
  std::error_code missing;
  for (const auto* suffix : {"-wal", "-shm", "-journal"})
    fs::remove(file.string() + suffix, missing);
  fs::remove(fs::path(file).replace_extension(".index"), missing);
}

}  // namespace

void replace_database(const fs::path& copy, const fs::path& place) {
  if (fs::exists(copy.string() + "-wal")) {
    throw Failure(ErrorCode::kUnavailable,
                  fmt::format("part of '{}' is not in its file yet", copy.string()));
  }
  sync_file(copy);
  // In this order: a crash in between leaves no journal beside a file that it does not belong to.
  remove_derived(place);
  sync_folder(place.parent_path());
  rename_durably(copy, place);
}

void remove_shard(const fs::path& file) {
  std::error_code failed;
  fs::remove(file, failed);
  if (failed) {
    throw Failure(ErrorCode::kUnavailable,
                  fmt::format("'{}' cannot be removed: {}", file.string(), failed.message()));
  }
  remove_derived(file);
}

}  // namespace mosaic::storage
