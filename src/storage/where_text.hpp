// What the text of a `where` alone tells. Pure functions.
#pragma once

#include <cstddef>
#include <string_view>

namespace mosaic::storage {

/// The longest value that SQL may meet while it runs `expression`, which has passed check_where.
/// SQLite looks at no deadline between two operations outside of a loop, so where an expression can
/// make a long value and then use it again and again, its own length times that of the value is
/// bounded.
int value_bytes_max(std::string_view expression);

}  // namespace mosaic::storage
