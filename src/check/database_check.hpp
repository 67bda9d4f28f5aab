// One database file whatever it holds: its write-ahead log, each of its pages, then SQLite's own
// check and that of its full-text tables. Changes nothing. One thread.
#pragma once

#include <memory>

#include "check/scope.hpp"
#include "storage/database.hpp"

namespace mosaic::check {

struct DatabaseCheck {
  /// Null when it cannot even be opened.
  std::unique_ptr<storage::Database> database;
  bool pages_whole = true;  ///< every page is what was written
  bool structure_whole = true;
};

/// Pages that are damaged are left for the caller to judge: what they held depends on the tables.
/// `pages` says which they are. Everything else becomes a finding here. `wal_lost` is what is gone
/// with a write-ahead log that is not whole; empty: nothing, because the node's log repeats it.
DatabaseCheck check_database(Scope& scope, const std::filesystem::path& file,
                             const std::string& wal_lost, std::vector<std::uint32_t>& pages);

/// "page 7", "pages 7, 9 and 12 more".
std::string place_of_pages(const std::vector<std::uint32_t>& pages);

/// Up to a few of `names`, and how many more there are.
std::string few_of(const std::vector<std::string>& names);

}  // namespace mosaic::check
