// Moments as text: RFC 3339, "Date and Time on the Internet: Timestamps". Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mosaic {

/// Milliseconds since 1970 of a `date-time` of RFC 3339, section 5.6: with an offset, a fraction of
/// any length (cut to milliseconds, towards the past), a second 60. Nothing for any other text.
std::optional<std::int64_t> parse_rfc3339(std::string_view text);

/// The same in UTC, to the millisecond: `2026-11-29T16:11:18.123Z`. For the years 0 to 9999.
std::string to_rfc3339(std::int64_t time_ms);

}  // namespace mosaic
