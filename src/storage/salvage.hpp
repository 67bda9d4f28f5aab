// A database made anew from the rows of its tables: for a file in which pages of indexes, text
// indexes or of nothing at all are damaged, but no row. One thread; nobody else has the file open.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "storage/database.hpp"

namespace mosaic::storage {

/// Tables whose rows derive from nothing else in the file: all but those that FTS5 and SQLite keep.
std::vector<std::string> truth_tables(Database& database);

/// Copies every row of these into a new file beside `path`, makes indexes and text indexes from
/// them and puts it in the place of the old one, durable when it returns. Throws corrupt_data, and
/// leaves the old one, when a row cannot be read.
void rebuild_database(const std::filesystem::path& path);

/// Moves what is whole of the write-ahead log of `path` into the file and ends the log.
void end_wal(const std::filesystem::path& path);

}  // namespace mosaic::storage
