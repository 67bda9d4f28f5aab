// Centroids as the JSON of the public contract. Pure.
#pragma once

#include <string>

#include "mosaic/centroids.hpp"

namespace mosaic::http {

std::string centroids_json(const Centroids& centroids);

}  // namespace mosaic::http
