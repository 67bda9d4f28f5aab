// UTF-8 by the book (RFC 3629): no overlong forms, no surrogates, nothing past U+10FFFF.
#pragma once

#include <string>
#include <string_view>

namespace mosaic {

bool is_utf8(std::string_view bytes);

/// Whether valid UTF-8 holds a control character: U+0000 to U+001F (C0), U+007F, U+0080 to U+009F
/// (C1).
bool holds_control(std::string_view text);

/// `bytes` with each byte that is no part of UTF-8 (of a character cut in the middle, say) as '?'.
std::string to_utf8(std::string_view bytes);

}  // namespace mosaic
