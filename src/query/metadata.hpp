// Metadata as shards keep it: the minified text of one JSON object.
#pragma once

#include <string>
#include <string_view>

#include "mosaic/result.hpp"

namespace mosaic::query {

/// Checks `text` against the limits of the contract for metadata (mosaic/document.hpp) and takes
/// out its white space. invalid_argument: it is no JSON object, too deep, or holds a NUL character;
/// payload_too_large: too many bytes.
Result<std::string> minified_metadata(std::string_view text);

}  // namespace mosaic::query
