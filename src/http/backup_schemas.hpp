// The schema components of snapshots, backups and restores, in the order in which /docs shows them.
#pragma once

#include <vector>

#include "http/schemas.hpp"

namespace mosaic::http {

const std::vector<Schema>& backup_schemas();

}  // namespace mosaic::http
