// SQL functions of ours in place of SQLite's, with the same answers, for those that can work for
// seconds inside one call. Past the deadline they end the statement as interrupted.
#pragma once

#include "base/deadline.hpp"
#include "storage/database.hpp"

namespace mosaic::storage {

/// Registers like, glob, instr, replace and the two-argument trims. They look at `*deadline` of the
/// moment they are called; it must outlive the connection's use of them.
void register_sandbox_functions(Database& database, Deadline* deadline);

}  // namespace mosaic::storage
