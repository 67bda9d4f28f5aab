// The OpenAPI 3.1 document of a route table. Pure: made once at start.
#pragma once

#include <string>
#include <vector>

#include "http/route.hpp"

namespace mosaic::http {

std::string openapi_json(const std::vector<Route>& routes);

}  // namespace mosaic::http
