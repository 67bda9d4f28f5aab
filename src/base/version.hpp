// The version of this program, as `mosaic --version` and `GET /health` say it. CMakeLists.txt has
// the same number.
#pragma once

#include <string_view>

namespace mosaic {

constexpr std::string_view kVersion = "0.1.0";

}  // namespace mosaic
