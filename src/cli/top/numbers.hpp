// Numbers as short texts for a person; "-" for one that is absent or no number. Pure.
#pragma once

#include <string>

#include "cli/top/interval.hpp"

namespace mosaic::cli::top {

std::string count_text(Number count);      ///< "63,436", "1.2M" from a million on
std::string rate_text(Number per_s);       ///< "0", "0.25", "12.5", "1,234"
std::string seconds_text(Number seconds);  ///< "850 µs", "2.14 ms", "1.20 s"
std::string bytes_text(Number bytes);      ///< "512 B", "1.5 MiB": powers of 1024
std::string percent_text(Number share);    ///< 0.873 -> "87%"
std::string uptime_text(Number seconds);   ///< "1:02:03", "3 d 1:02:03"

/// "3 of 64"; without a limit only the first.
std::string of_text(const std::string& value, const std::string& limit);

}  // namespace mosaic::cli::top
