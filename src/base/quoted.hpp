// How an Error's detail quotes what somebody outside said, as an embedding endpoint does. It may
// repeat a text that it was asked for: whoever asked reads it, the log does not.
#pragma once

#include <string_view>

namespace mosaic {

/// Comes before the quotation, which goes on to the end of the detail.
inline constexpr std::string_view kItSaid = "; it said: ";

/// The part of a detail that may be logged.
constexpr std::string_view without_quotation(std::string_view detail) {
  return detail.substr(0, detail.find(kItSaid));
}

}  // namespace mosaic
