#include "storage/sandbox_rules.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cctype>
#include <string_view>

namespace mosaic::storage {
namespace {

/// Every function that an expression may call: none writes, reads files, tells about the database
/// or gives another answer to the same question (but the date functions asked for 'now'). No
/// printf: a precision of a thousand million keeps it busy for seconds. Sorted.
// clang-format off
constexpr std::string_view kFunctions[] = {
    "->", "->>", "abs", "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "avg", "ceil",
    "ceiling", "char", "coalesce", "cos", "cosh", "count", "current_date", "current_time",
    "current_timestamp", "date", "datetime", "degrees", "exp", "floor", "glob", "group_concat",
    "hex", "ifnull", "iif", "instr", "json", "json_array", "json_array_length", "json_extract",
    "json_group_array", "json_group_object", "json_object", "json_quote", "json_type",
    "json_valid", "julianday", "length", "like", "likelihood", "likely", "ln", "log", "log10",
    "log2", "lower", "ltrim", "max", "min", "mod", "nullif", "pi", "pow", "power", "quote",
    "radians", "replace", "round", "rtrim", "sign", "sin", "sinh", "sqrt", "strftime", "substr",
    "substring", "sum", "tan", "tanh", "time", "total", "trim", "trunc", "typeof", "unicode",
    "unixepoch", "unlikely", "upper", "zeroblob"};
// clang-format on
static_assert(std::is_sorted(std::begin(kFunctions), std::end(kFunctions)));

/// The tables of which the views of live documents are made.
constexpr std::string_view kBaseTables[] = {"ended", "pagerank", "pagerank_history", "versions"};
constexpr std::string_view kTableFunctions[] = {"json_each", "json_tree"};

bool contains(const auto& list, std::string_view name) {
  return std::find(std::begin(list), std::end(list), name) != std::end(list);
}

std::string lower(const char* name) {
  std::string text(name == nullptr ? "" : name);
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

/// SQLite names as origin the innermost view or FROM item by whose text the table was named. Only
/// the views have the secret names, so nobody else's subquery can claim to be one.
bool may_read(const SandboxRules& rules, const char* table, const char* column,
              const char* database, const char* origin) {
  const auto name = lower(table);
  if (name == rules.view || name == rules.past_view) return lower(column) != "rowid";
  if (contains(kTableFunctions, name)) return true;
  const bool by_view = origin != nullptr && (origin == rules.view || origin == rules.past_view);
  return by_view && lower(database) == "main" && contains(kBaseTables, name);
}

/// Those that the view of the past calls.
bool is_of_past(const SandboxRules& rules, const char* function, const char* origin) {
  return origin != nullptr && origin == rules.past_view &&
         std::string_view(function).starts_with(rules.past_view);
}

bool may(const SandboxRules& rules, int action, const char* first, const char* second,
         const char* database, const char* origin) {
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_RECURSIVE:
      return true;
    case SQLITE_FUNCTION:
      return contains(kFunctions, lower(second)) || is_of_past(rules, second, origin);
    case SQLITE_READ:
      return may_read(rules, first, second, database, origin);
    default:
      return false;
  }
}

}  // namespace

int authorize(void* rules, int action, const char* first, const char* second, const char* database,
              const char* origin) {
  const auto& sandbox = *static_cast<const SandboxRules*>(rules);
  if (!sandbox.active) return SQLITE_OK;
  return may(sandbox, action, first, second, database, origin) ? SQLITE_OK : SQLITE_DENY;
}

}  // namespace mosaic::storage
