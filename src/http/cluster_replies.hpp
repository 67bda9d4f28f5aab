// The cluster as the JSON of the public contract. Pure.
#pragma once

#include <string>

#include "mosaic/cluster.hpp"

namespace mosaic::http {

std::string cluster_json(const ClusterStatus& status);

}  // namespace mosaic::http
