// How the node is, as the JSON of the public contract. Pure.
#pragma once

#include <string>

#include "mosaic/engine.hpp"

namespace mosaic::http {

std::string health_json(const Health& health);

}  // namespace mosaic::http
