// What goes into a URL (percent-encoding, RFC 3986), and what of one may be shown. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mosaic::net {

/// One path segment or query value: every byte but the unreserved ones becomes %XX, "/" too.
/// The segments "." and ".." are encoded as well: clients and proxies would resolve them.
std::string escape(std::string_view text);

/// The other way: every %XX becomes its byte. Nothing when a % is not followed by two hex digits.
std::optional<std::string> unescape(std::string_view text);

/// The URL up to its "?", for messages: a query may hold a key, and messages are logged.
std::string_view without_query(std::string_view url);

}  // namespace mosaic::net
