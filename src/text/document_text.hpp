// What an embedding endpoint reads of a document. Pure functions.
#pragma once

#include <string>
#include <string_view>

namespace mosaic::text {

/// Nothing but white space: endpoints refuse it, and there is nothing in it to find.
bool is_blank(std::string_view text);

/// Title and text with a line break between them, or the one of them that there is.
std::string document_text(std::string_view title, std::string_view text);

}  // namespace mosaic::text
