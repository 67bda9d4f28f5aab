// The schemas of searches and their answers, which schemas() gives with all others.
#pragma once

#include "http/schemas.hpp"

namespace mosaic::http {

const std::vector<Schema>& search_schemas();

}  // namespace mosaic::http
