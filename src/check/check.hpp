// A whole data folder, offline: every file verified, and what is derived made anew where that is
// wanted. Holds the folder's lock meanwhile, so no node runs over it. One thread.
#pragma once

#include <filesystem>

#include "base/check_report.hpp"
#include "mosaic/result.hpp"

namespace mosaic::check {

/// Errors: invalid_argument when `folder` is no data folder, unavailable when a node is using it or
/// a file cannot be read. Damage is no error. Without `repair` nothing is changed; with it the
/// report says what was done, and what could not be repaired.
Result<CheckReport> check_folder(const std::filesystem::path& folder, bool repair,
                                 CheckProgress& progress);

}  // namespace mosaic::check
