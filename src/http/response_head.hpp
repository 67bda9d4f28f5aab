// The bytes of a response before its body (RFC 9112): status line and header fields. Pure but for
// the Date.
#pragma once

#include <string>
#include <string_view>

#include "http/message.hpp"

namespace mosaic::http {

/// How the end of a body is marked.
enum class Framing { kLength, kChunked, kUntilClose };

std::string_view reason_of(int status);

/// Header values come from the server itself, never from a request: they are not escaped.
std::string response_head(const Response& response, Framing framing, bool keep_alive);

/// One chunk of a chunked body; an empty piece makes the chunk that ends it.
std::string chunk_of(std::string_view piece);

}  // namespace mosaic::http
