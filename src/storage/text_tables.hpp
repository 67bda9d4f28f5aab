// The FTS5 tables of a database: whether they say what their rows say, and making them anew. The
// database is the caller's, as is its thread.
#pragma once

#include <string>
#include <vector>

#include "storage/database.hpp"

namespace mosaic::storage {

/// Their names.
std::vector<std::string> text_tables(Database& database);

/// Compares every word of the index with the text of the rows. Throws corrupt_data when they
/// differ. Leaves nothing behind, also in a frozen database.
void check_text_table(Database& database, const std::string& table);

/// In the caller's transaction.
void rebuild_text_table(Database& database, const std::string& table);

}  // namespace mosaic::storage
