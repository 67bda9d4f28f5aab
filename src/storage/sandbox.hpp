// SQL written by strangers, run inside a shard: one read-only expression over the live documents.
// Several fences stand together because each alone was seen to fail: a check of the text, an
// authorizer with an allow-list of functions, own linear versions of the functions that can burn
// time, limits on lengths, a progress handler with the deadline, and a heap budget of the running
// thread.
#pragma once

#include <string>
#include <string_view>

#include "base/deadline.hpp"
#include "base/row_set.hpp"
#include "storage/database.hpp"
#include "storage/past_reader.hpp"
#include "storage/sandbox_rules.hpp"

namespace mosaic::storage {

constexpr std::size_t kSandboxHeapBytesMax = 256 << 20;
constexpr int kSandboxValueBytesMax = 4
                                      << 20;  ///< the longest string, blob or row a query may touch
/// Expressions with a subquery, CASE, || or a function that builds text must be shorter than
/// others, and the longer they are the shorter must their values be (where_text.hpp).
constexpr std::size_t kBuildingWhereBytesMax = 4 << 10;

/// Checks the text of a `where` without a database: length, balanced brackets outside strings, no
/// comment, semicolon, parameter or open quote. The error is invalid_argument and names the place.
Status check_where(std::string_view expression);

/// Prepares a read connection for strangers' SQL: registers the own functions and makes
/// temporary views of the live documents, and of those of the past, under names nobody can guess.
/// Call it once per connection, outside a transaction.
class Sandbox {
 public:
  explicit Sandbox(Database& database);
  ~Sandbox();
  Sandbox(const Sandbox&) = delete;

  /// The rows of live documents for which `expression` is true, in the connection's current
  /// snapshot. Throws invalid_argument when SQLite refuses the expression (its words in the
  /// detail), deadline_exceeded past `deadline`, overloaded past the heap budget, corrupt_data for
  /// damage.
  RowSet rows_where(std::string_view expression, Deadline deadline) {
    return rows_where(expression, deadline, rules_.view);
  }
  /// The same of the documents that were live in `past`, with their PageRank of then.
  RowSet rows_where(std::string_view expression, Deadline deadline, const Past& past) {
    past_ = past;
    return rows_where(expression, deadline, rules_.past_view);
  }

 private:
  class Fences;

  RowSet rows_where(std::string_view expression, Deadline deadline, const std::string& view);
  void make_past_view();
  /// Prepares `sql` and, where `rows` are wanted, runs it.
  void run(const std::string& sql, RowSet* rows);
  [[noreturn]] void refuse(int rc) const;

  Database& database_;
  SandboxRules rules_;
  Past past_;          ///< that the view of the past shows
  Deadline deadline_;  ///< of the query that runs now; own functions look at it too
};

}  // namespace mosaic::storage
