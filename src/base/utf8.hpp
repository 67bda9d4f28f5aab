// UTF-8 by the book (RFC 3629): no overlong forms, no surrogates, nothing past U+10FFFF.
#pragma once

#include <string>
#include <string_view>

namespace mosaic {

bool is_utf8(std::string_view bytes);

/// `bytes` with each byte that is no part of UTF-8 (of a character cut in the middle, say) as '?'.
std::string to_utf8(std::string_view bytes);

}  // namespace mosaic
