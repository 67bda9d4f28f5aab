#include "storage/database.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include "base/durable_file.hpp"
#include "base/durable_names.hpp"
#include "storage/checksum_vfs.hpp"
#include "storage/frozen_vfs.hpp"

namespace mosaic::storage {
namespace {

namespace fs = std::filesystem;

// Waits only bridge the moments in which another connection of ours holds a lock.
constexpr int kBusyTimeoutMs = 100;
constexpr std::size_t kDoingBytesMax = 120;

/// The folder is enough to tell shards apart; the rest of the path is the machine's business.
std::string display_name(const fs::path& path) {
  const auto folder = path.parent_path().filename();
  return (folder / path.filename()).string();
}

int open_flags(OpenMode mode) {
  switch (mode) {
    case OpenMode::kCreate:
    case OpenMode::kPrivate:
      return SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    case OpenMode::kReadWrite:
    case OpenMode::kFrozen:  // its VFS lets nothing through
      return SQLITE_OPEN_READWRITE;
    case OpenMode::kReadOnly:
      return SQLITE_OPEN_READONLY;
  }
  return SQLITE_OPEN_READONLY;
}

/// SQLite takes a file of one byte for an empty one.
bool lacks_content(const fs::path& path) {
  std::error_code error;
  const auto size = fs::file_size(path, error);
  return error == std::errc::no_such_file_or_directory || (!error && size <= 1);
}

bool is_damage(int rc) {
  switch (rc) {
    case SQLITE_IOERR_DATA:
    case SQLITE_IOERR_SHORT_READ:
    case SQLITE_IOERR_CORRUPTFS:
      return true;
    default:
      return (rc & 0xff) == SQLITE_CORRUPT || (rc & 0xff) == SQLITE_NOTADB;
  }
}

ErrorCode code_of(int rc) {
  if (is_damage(rc)) return ErrorCode::kCorruptData;
  if (rc == SQLITE_IOERR_NOMEM) return ErrorCode::kOverloaded;
  switch (rc & 0xff) {
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return ErrorCode::kUnavailable;
    case SQLITE_INTERRUPT:
      return ErrorCode::kDeadlineExceeded;
    case SQLITE_NOMEM:
      return ErrorCode::kOverloaded;
    default:
      return ErrorCode::kInternal;
  }
}

std::string words_of(int rc, const char* message) {
  if (rc == SQLITE_IOERR_DATA) {
    return fmt::format("page {} does not match its checksum", last_damaged_page());
  }
  if ((rc & 0xff) == SQLITE_FULL) return "disk is full";
  return message;
}

/// Enough of the SQL to know it again in a log.
std::string_view abridged(std::string_view doing) {
  return doing.substr(0, kDoingBytesMax);
}

void configure(sqlite3* handle, int option, int value) {
  sqlite3_db_config(handle, option, value, nullptr);
}

/// What must hold before the first statement runs.
void fence(sqlite3* handle, bool writes) {
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, kBusyTimeoutMs);
  configure(handle, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0);
  // FTS5 writes its tables by SQL, which the defensive mode would refuse.
  configure(handle, SQLITE_DBCONFIG_DEFENSIVE, writes ? 0 : 1);
  // Indexes on metadata use json_type, which SQLite refuses in an untrusted schema; ours are ours.
  configure(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 1);
  // "net" is a column, never a string: a wrong name is an error, not a condition that is false.
  configure(handle, SQLITE_DBCONFIG_DQS_DML, 0);
  configure(handle, SQLITE_DBCONFIG_DQS_DDL, 0);
}

}  // namespace

std::uint64_t bytes_on_disk(const fs::path& database) {
  std::uint64_t bytes = 0;
  for (const auto& file : {database.string(), database.string() + "-wal"}) {
    std::error_code missing;
    const auto size = fs::file_size(file, missing);
    if (!missing) bytes += size;
  }
  return bytes;
}

void sync_wal(const fs::path& database) {
  const fs::path wal = database.string() + "-wal";
  if (!fs::exists(wal)) return;
  sync_file(wal);
  // SQLite makes its name durable only with the first checkpoint.
  sync_folder(wal.parent_path());
}

Database::Database(const fs::path& path, OpenMode mode) : path_(path) {
  initialize_frozen_vfs();
  const bool fresh = lacks_content(path);
  if (fresh && mode != OpenMode::kCreate && mode != OpenMode::kPrivate) {
    throw Failure(ErrorCode::kCorruptData, fmt::format("'{}' is missing", display_name(path)));
  }
  try {
    const int rc = sqlite3_open_v2(path.c_str(), &handle_, open_flags(mode) | SQLITE_OPEN_NOMUTEX,
                                   mode == OpenMode::kFrozen ? kFrozenVfs : kChecksumVfs);
    if (rc != SQLITE_OK) fail(rc, "opening it");
    fence(handle_, mode != OpenMode::kReadOnly);
    if (fresh) set_page_layout();
    set_pragmas(mode);
  } catch (...) {
    close();
    throw;
  }
}

Database::~Database() {
  close();
}

void Database::close() noexcept {
  cache_.clear();
  sqlite3_close_v2(handle_);
}

void Database::set_page_layout() {
  int reserved = kPageChecksumBytes;
  const int rc = sqlite3_file_control(handle_, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved);
  if (rc != SQLITE_OK) fail(rc, "reserving room for page checksums");
  execute(fmt::format("PRAGMA page_size = {}", kPageBytes));
}

void Database::set_pragmas(OpenMode mode) {
  execute("PRAGMA mmap_size = 0; PRAGMA cell_size_check = ON");
  if (mode == OpenMode::kFrozen) {
    configure(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1);
    execute("PRAGMA temp_store = MEMORY; PRAGMA locking_mode = EXCLUSIVE");
    query_int("PRAGMA schema_version");
    return;
  }
  if (mode == OpenMode::kReadOnly) {
    execute("PRAGMA temp_store = MEMORY; PRAGMA query_only = ON");
    query_int("PRAGMA schema_version");  // Damage of the first page shows here, not in a search.
    return;
  }
  execute("PRAGMA secure_delete = OFF; PRAGMA wal_autocheckpoint = 0");
  if (mode == OpenMode::kPrivate) return unseal();
  auto journal = prepare("PRAGMA journal_mode = WAL");
  if (!journal.step() || journal.column_text(0) != "wal") fail(SQLITE_CANTOPEN, "starting its WAL");
}

/// Pages are written where they belong, and a rollback has what it needs in memory.
void Database::unseal() {
  execute("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF");
}

void Database::seal() {
  auto journal = prepare("PRAGMA journal_mode = DELETE");
  if (!journal.step() || journal.column_text(0) != "delete")
    fail(SQLITE_CANTOPEN, "ending its WAL");
}

void Database::execute(const std::string& sql) {
  const int rc = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  if (rc != SQLITE_OK) fail(rc, sql);
}

Statement Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int rc =
      sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), 0, &statement, nullptr);
  if (rc != SQLITE_OK) fail(rc, sql);
  return {statement, this};
}

Use Database::cached(const char* sql) {
  std::string key(sql);
  auto found = cache_.find(key);
  if (found == cache_.end()) {
    auto statement = prepare(key);
    found = cache_.emplace(std::move(key), std::move(statement)).first;
  }
  return Use(found->second);
}

std::int64_t Database::changes() const {
  return sqlite3_changes64(handle_);
}
std::int64_t Database::last_insert_row() const {
  return sqlite3_last_insert_rowid(handle_);
}

bool Database::in_transaction() const {
  return sqlite3_get_autocommit(handle_) == 0;
}

std::int64_t Database::query_int(std::string_view sql) {
  auto statement = prepare(sql);
  if (!statement.step()) fail(SQLITE_ERROR, fmt::format("{}: no row", sql));
  return statement.column_int(0);
}

void Database::fail(int rc, std::string_view doing) const {
  // SQLite has more to say about the last call than its result code, unless it could not even open.
  if (handle_ != nullptr && (sqlite3_extended_errcode(handle_) & 0xff) == (rc & 0xff)) {
    rc = sqlite3_extended_errcode(handle_);
  }
  const char* const message = handle_ != nullptr ? sqlite3_errmsg(handle_) : sqlite3_errstr(rc);
  throw Failure(code_of(rc), fmt::format("'{}'{}: {} (while: {})", display_name(path_),
                                         is_damage(rc) ? " is damaged" : "", words_of(rc, message),
                                         abridged(doing)));
}

Transaction::Transaction(Database& database) : database_(database) {
  database_.execute("BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
  // A full disk makes SQLite roll back by itself; a second time is an error that says nothing new.
  if (open_) sqlite3_exec(database_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Transaction::commit() {
  database_.execute("COMMIT");
  open_ = false;
}

}  // namespace mosaic::storage
