#include <utility>

#include <sqlite3.h>

#include "storage/database.hpp"

namespace mosaic::storage {
namespace {

void check_bound(int rc, Database* database) {
  if (rc != SQLITE_OK) database->fail(rc, "binding a parameter");
}

/// SQLite takes a null pointer as NULL, and an empty view may have one.
const char* pointer_of(std::string_view bytes) {
  return bytes.data() == nullptr ? "" : bytes.data();
}

}  // namespace

Statement::Statement(Statement&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)), database_(other.database_) {}

Statement::~Statement() {
  sqlite3_finalize(handle_);
}

Statement& Statement::bind(int position, std::int64_t value) {
  check_bound(sqlite3_bind_int64(handle_, position, value), database_);
  return *this;
}

Statement& Statement::bind(int position, double value) {
  check_bound(sqlite3_bind_double(handle_, position, value), database_);
  return *this;
}

Statement& Statement::bind_text(int position, std::string_view text) {
  check_bound(sqlite3_bind_text64(handle_, position, pointer_of(text), text.size(), SQLITE_STATIC,
                                  SQLITE_UTF8),
              database_);
  return *this;
}

Statement& Statement::bind_blob(int position, std::string_view bytes) {
  check_bound(
      sqlite3_bind_blob64(handle_, position, pointer_of(bytes), bytes.size(), SQLITE_STATIC),
      database_);
  return *this;
}

Statement& Statement::bind_null(int position) {
  check_bound(sqlite3_bind_null(handle_, position), database_);
  return *this;
}

Statement& Statement::bind_text(int position, const std::optional<std::string>& text) {
  return text ? bind_text(position, std::string_view(*text)) : bind_null(position);
}

Statement& Statement::bind_pointer(int position, void* pointer, const char* type) {
  check_bound(sqlite3_bind_pointer(handle_, position, pointer, type, nullptr), database_);
  return *this;
}

bool Statement::step() {
  const int rc = sqlite3_step(handle_);
  if (rc == SQLITE_ROW) return true;
  if (rc == SQLITE_DONE) return false;
  // The statement leaves the transaction first: what the caller does next may be a ROLLBACK.
  sqlite3_reset(handle_);
  database_->fail(rc, sqlite3_sql(handle_));
}

void Statement::run() {
  while (step()) {
  }
  sqlite3_reset(handle_);
}

void Statement::reset() {
  sqlite3_reset(handle_);
  sqlite3_clear_bindings(handle_);
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(handle_, column) == SQLITE_NULL;
}

std::int64_t Statement::column_int(int column) const {
  return sqlite3_column_int64(handle_, column);
}

double Statement::column_double(int column) const {
  return sqlite3_column_double(handle_, column);
}

std::string_view Statement::column_text(int column) const {
  // The length is that of the text, so the text must be made first.
  const auto* const text = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
  return {text == nullptr ? "" : text,
          static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

std::string_view Statement::column_blob(int column) const {
  const auto* const bytes = static_cast<const char*>(sqlite3_column_blob(handle_, column));
  return {bytes == nullptr ? "" : bytes,
          static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

std::optional<std::string> Statement::column_optional_text(int column) const {
  if (is_null(column)) return std::nullopt;
  return std::string(column_text(column));
}

}  // namespace mosaic::storage
