// Snapshots: every file of those that the catalog keeps, and the snapshot.json beside them, against
// the catalog. One thread.
#pragma once

#include "check/catalog_check.hpp"

namespace mosaic::check {

/// Also notes folders of no such snapshot.
void check_snapshots(Scope& scope, const CatalogCheck& catalog);

/// What the catalog says of a snapshot, as its snapshot.json has it.
std::string description_of(const SnapshotPlace& place);

}  // namespace mosaic::check
