// JSON Schemas (2020-12) of every body that the server takes or gives, by name. Constants: both
// /openapi.json and /docs are made from them.
#pragma once

#include <string_view>
#include <vector>

namespace mosaic::http {

struct Schema {
  std::string_view name;
  std::string_view json;
};

/// In the order in which a reader wants them. Every "$ref" names another one of them.
const std::vector<Schema>& schemas();

}  // namespace mosaic::http
