#include "storage/sandbox.hpp"

#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/random.h>

#include <array>
#include <memory>

#include "mosaic/search.hpp"
#include "storage/heap_budget.hpp"
#include "storage/sandbox_functions.hpp"

namespace mosaic::storage {
namespace {

constexpr std::size_t kSecretBytes = 16;

// SQLite looks at these counts only where programs loop. Twenty operations on values of the
// greatest length take some ten milliseconds, a look at the clock some ten nanoseconds.
constexpr int kOperationsPerLook = 20;

struct Limit {
  int id;
  int value;
};

constexpr std::array<Limit, 9> kLimits = {{
    {SQLITE_LIMIT_LENGTH, kSandboxValueBytesMax},
    {SQLITE_LIMIT_SQL_LENGTH, static_cast<int>(kWhereBytesMax) + 1024},
    {SQLITE_LIMIT_EXPR_DEPTH, 200},
    {SQLITE_LIMIT_COMPOUND_SELECT, 20},
    {SQLITE_LIMIT_VDBE_OP, 250'000},
    {SQLITE_LIMIT_FUNCTION_ARG, 32},
    {SQLITE_LIMIT_ATTACHED, 0},
    {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 4096},
    {SQLITE_LIMIT_WORKER_THREADS, 0},
}};

/// SQLite's limits belong to a connection; the shard's own statements need the old ones back.
class LimitScope {
 public:
  explicit LimitScope(sqlite3* handle) : handle_(handle) {
    for (std::size_t i = 0; i < kLimits.size(); ++i) {
      before_[i] = sqlite3_limit(handle, kLimits[i].id, kLimits[i].value);
    }
  }
  ~LimitScope() {
    for (std::size_t i = 0; i < kLimits.size(); ++i) {
      sqlite3_limit(handle_, kLimits[i].id, before_[i]);
    }
  }
  LimitScope(const LimitScope&) = delete;
  LimitScope& operator=(const LimitScope&) = delete;

 private:
  sqlite3* handle_;
  std::array<int, kLimits.size()> before_{};
};

int passed(void* deadline) {
  return static_cast<const Deadline*>(deadline)->passed(std::chrono::steady_clock::now()) ? 1 : 0;
}

struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Prepared = std::unique_ptr<sqlite3_stmt, Finalize>;

/// 128 random bits as a name. Nobody outside this file learns it.
std::string secret_name() {
  std::array<unsigned char, kSecretBytes> bytes;
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    throw Failure(ErrorCode::kInternal, "the system gives no random bytes");
  }
  return fmt::format("live_{:02x}", fmt::join(bytes, ""));
}

}  // namespace

/// All fences for as long as one expression is prepared and run.
class Sandbox::Fences {
 public:
  Fences(Sandbox& sandbox, Deadline deadline)
      : sandbox_(sandbox),
        limits_(sandbox.database_.handle()),
        heap_(kSandboxHeapBytesMax, deadline) {
    sandbox.deadline_ = deadline;
    sandbox.rules_.active = true;
    sqlite3_progress_handler(sandbox.database_.handle(), kOperationsPerLook, passed,
                             &sandbox.deadline_);
  }
  ~Fences() {
    sqlite3_progress_handler(sandbox_.database_.handle(), 0, nullptr, nullptr);
    sandbox_.rules_.active = false;
    sandbox_.deadline_ = {};
  }
  Fences(const Fences&) = delete;
  Fences& operator=(const Fences&) = delete;

 private:
  Sandbox& sandbox_;
  LimitScope limits_;
  HeapBudget heap_;
};

Sandbox::Sandbox(Database& database) : database_(database) {
  rules_.view = secret_name();
  register_sandbox_functions(database, &deadline_);
  // The base tables are named with their database, so that no WITH of a stranger can stand in. The
  // conditions are those of the view `documents`; columns appear under the names that API.md
  // promises.
  database.execute(
      fmt::format("PRAGMA query_only = OFF;"
                  "CREATE TEMP VIEW {0}({0}_row, id, title, text, metadata, pagerank, seq) AS "
                  "SELECT v.row, v.id, v.title, v.text, v.metadata, p.value, v.seq "
                  "FROM main.versions v LEFT JOIN main.pagerank p ON p.id = v.id "
                  "WHERE NOT EXISTS (SELECT 1 FROM main.ended e WHERE e.row = v.row);"
                  "PRAGMA query_only = ON",
                  rules_.view));
  // It stays for good and is switched: setting it anew would expire every cached statement.
  sqlite3_set_authorizer(database.handle(), authorize, &rules_);
}

Sandbox::~Sandbox() {
  sqlite3_set_authorizer(database_.handle(), nullptr, nullptr);
}

RowSet Sandbox::rows_where(std::string_view expression, Deadline deadline) {
  if (const auto checked = check_where(expression); !checked) throw Failure(checked.error());
  const Fences fences(*this, deadline);
  // Alone, it must be one expression; in brackets, it must not reach beyond them.
  const std::string from = fmt::format("FROM {} AS documents WHERE", rules_.view);
  run(fmt::format("SELECT 1 {} {}\n", from, expression), nullptr);
  RowSet rows;
  run(fmt::format("SELECT {}_row {} ({}\n)", rules_.view, from, expression), &rows);
  return rows;
}

void Sandbox::run(const std::string& sql, RowSet* rows) {
  sqlite3_stmt* handle = nullptr;
  const int prepared = sqlite3_prepare_v3(database_.handle(), sql.data(),
                                          static_cast<int>(sql.size()), 0, &handle, nullptr);
  const Prepared statement(handle);
  if (prepared != SQLITE_OK) refuse(prepared);
  if (rows == nullptr) return;
  int rc = SQLITE_ROW;
  while ((rc = sqlite3_step(handle)) == SQLITE_ROW) rows->insert(sqlite3_column_int64(handle, 0));
  if (rc != SQLITE_DONE) refuse(rc);
}

void Sandbox::refuse(int rc) const {
  const bool late = deadline_.passed(std::chrono::steady_clock::now());
  const bool short_of_memory = (rc & 0xff) == SQLITE_NOMEM || rc == SQLITE_IOERR_NOMEM;
  if ((rc & 0xff) == SQLITE_INTERRUPT || (short_of_memory && late)) {
    throw Failure(ErrorCode::kDeadlineExceeded,
                  "where: the expression was stopped at its deadline");
  }
  if (short_of_memory) {
    throw Failure(ErrorCode::kOverloaded,
                  fmt::format("where: the expression needs more than {} bytes of memory",
                              kSandboxHeapBytesMax));
  }
  switch (rc & 0xff) {
    case SQLITE_ERROR:
    case SQLITE_AUTH:
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH:
    case SQLITE_RANGE:
      break;
    default:
      database_.fail(rc, "running a where expression");
  }
  std::string words = sqlite3_errmsg(database_.handle());
  // SQLite has no reason to name the view; should a version find one, the name stays secret.
  if (words.find(rules_.view) != std::string::npos) words = "SQLite refuses the expression";
  throw Failure(ErrorCode::kInvalidArgument, fmt::format("where: {}", words));
}

}  // namespace mosaic::storage
