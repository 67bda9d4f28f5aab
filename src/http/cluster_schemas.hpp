// The schema components of the cluster, in the order in which /docs shows them.
#pragma once

#include <vector>

#include "http/schemas.hpp"

namespace mosaic::http {

const std::vector<Schema>& cluster_schemas();

}  // namespace mosaic::http
