// One SQLite connection and its statements, as C++ values. Every file of ours is opened through the
// checksum VFS, so a damaged page is an error of the read that met it. A connection belongs to one
// thread at a time. Everything here throws Failure: corrupt_data for damage, unavailable for a full
// disk or a failing device, deadline_exceeded when interrupted, internal for the rest.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/failure.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace mosaic::storage {

class Database;

/// Size on disk of a database with its WAL; what is missing counts nothing.
std::uint64_t bytes_on_disk(const std::filesystem::path& database);

/// What was committed so far is durable when this returns, also where a reader keeps the WAL from
/// being moved into the file. Any thread, while the database is open. Throws unavailable.
void sync_wal(const std::filesystem::path& database);

/// A prepared statement. Bind by 1-based position, step, read columns by 0-based position.
/// Views given by column_* live until the next step, reset or destruction.
class Statement {
 public:
  Statement(sqlite3_stmt* handle, Database* database) : handle_(handle), database_(database) {}
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  Statement& bind(int position, std::int64_t value);
  Statement& bind(int position, double value);
  /// The bytes must live until the statement is reset.
  Statement& bind_text(int position, std::string_view text);
  Statement& bind_blob(int position, std::string_view bytes);
  Statement& bind_null(int position);
  Statement& bind_text(int position, const std::optional<std::string>& text);
  /// SQLite's pointer passing: for FTS5 and functions of ours.
  Statement& bind_pointer(int position, void* pointer, const char* type);

  /// True while there is a row to read.
  bool step();
  /// Steps to the end, then resets: for statements that give no rows.
  void run();
  void reset();

  bool is_null(int column) const;
  std::int64_t column_int(int column) const;
  double column_double(int column) const;
  std::string_view column_text(int column) const;
  std::string_view column_blob(int column) const;
  std::optional<std::string> column_optional_text(int column) const;

 private:
  sqlite3_stmt* handle_;
  Database* database_;
};

/// Resets a cached statement when its use ends, so that no cursor stays open and no bound view
/// dangles.
class Use {
 public:
  explicit Use(Statement& statement) : statement_(statement) {}
  ~Use() { statement_.reset(); }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;
  Statement* operator->() { return &statement_; }
  Statement& operator*() { return statement_; }

 private:
  Statement& statement_;
};

enum class OpenMode {
  kCreate,
  kReadWrite,
  kReadOnly,
  kFrozen,  ///< as it stands on disk, which nothing changes: for files that no process has open
  kPrivate  ///< made when it is missing, without WAL and without a sync
};

class Database {
 public:
  /// kCreate makes the file when it is missing (4 KiB pages, 8 reserved bytes, WAL); the other
  /// modes answer corrupt_data for a file that is missing. kPrivate makes it likewise, but without
  /// WAL and without a sync: for a file that nobody else has open and that a crash makes worthless.
  /// Who wants to keep it calls seal().
  Database(const std::filesystem::path& path, OpenMode mode);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// One or more statements without parameters and results.
  void execute(const std::string& sql);
  Statement prepare(std::string_view sql);
  /// The same statement for the same text, prepared once; it comes back reset when `Use` ends.
  Use cached(const char* sql);

  std::int64_t changes() const;
  std::int64_t last_insert_row() const;
  std::int64_t query_int(std::string_view sql);
  /// False again after COMMIT and ROLLBACK, and after an error that made SQLite roll back by
  /// itself: out of memory, a full disk, a failed read or write, even of a statement that only
  /// reads.
  bool in_transaction() const;

  /// Of a private file: it needs no `-wal` to be read, and is on disk once the owner has closed it
  /// and synced file and folder.
  void seal();

  sqlite3* handle() { return handle_; }
  const std::filesystem::path& path() const { return path_; }

  /// Throws the Failure that SQLite's result code `rc` stands for; `doing` says what was tried.
  [[noreturn]] void fail(int rc, std::string_view doing) const;

 private:
  void set_page_layout();
  void set_pragmas(OpenMode mode);
  void unseal();
  void close() noexcept;

  sqlite3* handle_ = nullptr;
  std::filesystem::path path_;
  std::unordered_map<std::string, Statement> cache_;
};

/// BEGIN IMMEDIATE now, COMMIT when asked, ROLLBACK otherwise.
class Transaction {
 public:
  explicit Transaction(Database& database);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Database& database_;
  bool open_ = true;
};

}  // namespace mosaic::storage
