// The last step of a restore: files that stand ready in `incoming` become those of the collection
// that a log entry has made of them. Done when the entry is applied, and again at each start: a
// crash anywhere in between leaves it to the next start.
#pragma once

#include "storage/catalog.hpp"
#include "storage/data_folder.hpp"

namespace mosaic::storage {

/// Does nothing for a collection that was not made of files, has them already, or whose files are
/// at another node.
void take_restored_files(const DataFolder& folder, Catalog& catalog,
                         const CollectionRecord& collection);

}  // namespace mosaic::storage
