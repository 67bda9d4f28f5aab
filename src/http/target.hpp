// The target of a request line (RFC 9112, section 3.2): path segments and query parameters,
// percent-decoded. Pure. Segments are split before decoding, so an id may hold an encoded slash.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mosaic/result.hpp"

namespace mosaic::http {

using NamedValues = std::vector<std::pair<std::string, std::string>>;

struct Target {
  std::vector<std::string> segments;  ///< "/a/b" has two, "/" has one that is empty
  NamedValues query;                  ///< in the order sent; '+' means a space (HTML form encoding)
};

/// Refuses broken percent escapes, text that is not UTF-8 and a parameter given twice.
Result<Target> parse_target(std::string_view target);

}  // namespace mosaic::http
