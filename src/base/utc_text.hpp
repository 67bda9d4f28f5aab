// Points in time as text (RFC 3339, in UTC).
#pragma once

#include <cstdint>
#include <string>

namespace mosaic {

/// Milliseconds since 1970 as 2026-11-29T15:04:05.123Z.
std::string utc_text(std::int64_t ms);

}  // namespace mosaic
