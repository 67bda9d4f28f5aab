// Percent-encoding (RFC 3986) of what goes into a URL. Pure functions.
#pragma once

#include <string>
#include <string_view>

namespace mosaic::net {

/// One path segment or query value: every byte but the unreserved ones becomes %XX, "/" too.
/// The segments "." and ".." are encoded as well: clients and proxies would resolve them.
std::string escape(std::string_view text);

}  // namespace mosaic::net
