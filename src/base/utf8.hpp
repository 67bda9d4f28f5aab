// UTF-8 by the book (RFC 3629): no overlong forms, no surrogates, nothing past U+10FFFF.
#pragma once

#include <string_view>

namespace mosaic {

bool is_utf8(std::string_view bytes);

}  // namespace mosaic
