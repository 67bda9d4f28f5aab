// Text as a terminal shows it: how many columns it takes, cut to fit, with nothing in it that a
// terminal would obey. Pure functions over UTF-8; bytes that are not UTF-8 count as one column.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mosaic::cli {

/// Columns of `text`: 2 for East Asian wide characters and emoji, 0 for combining marks.
std::size_t text_width(std::string_view text);

/// `text` on one line: runs of blanks and control characters (escape sequences among them) become
/// one space, both ends are trimmed.
std::string one_line(std::string_view text);

/// At most `columns` columns of `text`; what was cut ends in "…".
std::string fit(std::string_view text, std::size_t columns);

}  // namespace mosaic::cli
