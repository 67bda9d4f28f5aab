// Snapshots: every file against the checksum in the snapshot.json beside it. One thread.
#pragma once

#include "check/scope.hpp"

namespace mosaic::check {

/// All below `folder`, which may be missing.
void check_snapshots(Scope& scope, const std::filesystem::path& folder);

}  // namespace mosaic::check
