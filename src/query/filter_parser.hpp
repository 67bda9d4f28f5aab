// Reads the JSON text of a filter into its tree. Every error says what was wrong, at which path and
// with which value.
#pragma once

#include <string_view>

#include "query/filter_node.hpp"

namespace mosaic::query {

/// Throws Failure(kInvalidArgument).
FilterNode parse_filter(std::string_view json);

}  // namespace mosaic::query
