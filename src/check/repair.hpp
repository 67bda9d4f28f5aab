// Makes what is derived anew, after a check has said what of it is damaged. Never touches rows of
// documents or links of their home: where those are damaged, a file is left as it is. One thread.
#pragma once

#include "check/catalog_check.hpp"

namespace mosaic::check {

/// In the data folder: the ports at which other nodes find this one.
inline constexpr const char* kPortsFile = "ports";

/// Repairs what `scope` found in the shards of `catalog`, whose databases are closed by now, and
/// writes into each finding what was done.
void repair_derived(Scope& scope, const CatalogCheck& catalog);

}  // namespace mosaic::check
