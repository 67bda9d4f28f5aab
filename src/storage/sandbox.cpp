#include "storage/sandbox.hpp"

#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/random.h>

#include <array>
#include <memory>

#include "mosaic/search.hpp"
#include "storage/heap_budget.hpp"
#include "storage/sandbox_functions.hpp"
#include "storage/where_text.hpp"

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

constexpr std::array<Limit, 8> kLimits = {{
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
  LimitScope(sqlite3* handle, int value_bytes) : handle_(handle) {
    for (const auto& limit : kLimits) set(limit.id, limit.value);
    set(SQLITE_LIMIT_LENGTH, value_bytes);
  }
  ~LimitScope() {
    for (const auto& limit : before_) sqlite3_limit(handle_, limit.id, limit.value);
  }
  LimitScope(const LimitScope&) = delete;
  LimitScope& operator=(const LimitScope&) = delete;

 private:
  void set(int id, int value) { before_[count_++] = {id, sqlite3_limit(handle_, id, value)}; }

  sqlite3* handle_;
  std::array<Limit, kLimits.size() + 1> before_{};
  std::size_t count_ = 0;
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

constexpr int kNumberFlags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;

/// A number of the state that the view of the past shows.
template <auto Field>
void past_number(sqlite3_context* context, int, sqlite3_value**) {
  const auto& past = *static_cast<const Past*>(sqlite3_user_data(context));
  sqlite3_result_int64(context, static_cast<std::int64_t>(past.*Field));
}

}  // namespace

/// All fences for as long as one expression is prepared and run.
class Sandbox::Fences {
 public:
  Fences(Sandbox& sandbox, int value_bytes, Deadline deadline)
      : sandbox_(sandbox),
        limits_(sandbox.database_.handle(), value_bytes),
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
  rules_.past_view = secret_name();
  register_sandbox_functions(database, &deadline_);
  // The base tables are named with their database, so that no WITH of a stranger can stand in.
  // Every table gives a column that is not its row number: SQLite asks about reading one that gives
  // none as if the stranger read it.
  database.execute(
      fmt::format("PRAGMA query_only = OFF;"
                  "CREATE TEMP VIEW {0}({0}_row, id, title, text, metadata, pagerank, seq) AS "
                  "SELECT v.row, v.id, v.title, v.text, v.metadata, p.value, v.seq "
                  "FROM main.versions v LEFT JOIN main.pagerank p ON p.id = v.id "
                  "WHERE NOT EXISTS (SELECT e.seq_ended FROM main.ended e WHERE e.row = v.row);"
                  "PRAGMA query_only = ON",
                  rules_.view));
  make_past_view();
  // Their first use declares a table, which the rules would refuse.
  database.execute("SELECT 1 FROM json_each('[]'); SELECT 1 FROM json_tree('[]')");
  // It stays for good and is switched: setting it anew would expire every cached statement.
  sqlite3_set_authorizer(database.handle(), authorize, &rules_);
}

/// A view takes no parameters: functions with secret names stand for them. SQLite calls each once
/// for a statement.
void Sandbox::make_past_view() {
  const auto& name = rules_.past_view;
  const auto number = [&](const char* suffix, auto* call) {
    const int rc =
        sqlite3_create_function_v2(database_.handle(), (name + suffix).c_str(), 0, kNumberFlags,
                                   &past_, call, nullptr, nullptr, nullptr);
    if (rc != SQLITE_OK) database_.fail(rc, "registering SQL functions");
  };
  number("_at", past_number<&Past::seq>);
  number("_last", past_number<&Past::last_row>);
  number("_pagerank", past_number<&Past::pagerank_ended>);
  database_.execute(fmt::format(
      "PRAGMA query_only = OFF;"
      "CREATE TEMP VIEW {0}({0}_row, id, title, text, metadata, pagerank, seq) AS "
      "SELECT v.row, v.id, v.title, v.text, v.metadata, coalesce(h.value, p.value), v.seq "
      "FROM main.versions v LEFT JOIN main.pagerank p ON p.id = v.id AND p.seq <= {0}_at() "
      "LEFT JOIN main.pagerank_history h ON h.seq_ended = {0}_pagerank() AND h.id = v.id "
      "AND h.seq <= {0}_at() WHERE v.row <= {0}_last() AND NOT EXISTS "
      "(SELECT e.seq_ended FROM main.ended e WHERE e.row = v.row AND e.seq_ended <= {0}_at());"
      "PRAGMA query_only = ON",
      name));
}

Sandbox::~Sandbox() {
  sqlite3_set_authorizer(database_.handle(), nullptr, nullptr);
}

RowSet Sandbox::rows_where(std::string_view expression, Deadline deadline,
                           const std::string& view) {
  if (const auto checked = check_where(expression); !checked) throw Failure(checked.error());
  const Fences fences(*this, value_bytes_max(expression), deadline);
  // Alone, it must be one expression; in brackets, it must not reach beyond them.
  const std::string from = fmt::format("FROM {} AS documents WHERE", view);
  run(fmt::format("SELECT 1 {} {}\n", from, expression), nullptr);
  RowSet rows;
  run(fmt::format("SELECT {}_row {} ({}\n)", view, from, expression), &rows);
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
  if (rc == SQLITE_TOOBIG) {
    const int limit = sqlite3_limit(database_.handle(), SQLITE_LIMIT_LENGTH, -1);
    throw Failure(
        ErrorCode::kInvalidArgument,
        fmt::format("where: string or blob too big: more than {} bytes, which is the most "
                    "for an expression of this kind and length",
                    limit));
  }
  std::string words = sqlite3_errmsg(database_.handle());
  for (const auto& name : {rules_.view, rules_.past_view}) {
    for (auto at = words.find(name); at != std::string::npos; at = words.find(name))
      words.replace(at, name.size(), "documents");  // The name stays secret.
  }
  throw Failure(ErrorCode::kInvalidArgument, fmt::format("where: {}", words));
}

}  // namespace mosaic::storage
