// Text within HTML and SVG.
#pragma once

#include <string>
#include <string_view>

namespace mosaic {

/// For between tags and for attributes in double quotes. Control characters become blanks: XML 1.0
/// has no place for them.
std::string escape_markup(std::string_view text);

}  // namespace mosaic
