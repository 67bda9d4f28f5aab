// How far a long command is, as one line of text. Pure: state, width and time in, text out.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/deadline.hpp"

namespace mosaic::cli {

struct Progress {
  std::string label;  ///< like "importing packages"
  TimePoint start;
  std::uint64_t items = 0;
  std::uint64_t done = 0;          ///< bytes, items or time, whatever `total` counts
  std::uint64_t total = 0;         ///< 0: nobody knows
  std::string unit = "documents";  ///< what the items are
  std::string note = {};           ///< a fact of the command's own; empty: none
};

/// A bar for a terminal of that many columns, without colours or line breaks. On narrow terminals
/// the bar goes first, then the ETA and the rate.
std::string render_bar(const Progress& progress, std::size_t columns, TimePoint now);

/// The same facts for a log file.
std::string render_line(const Progress& progress, TimePoint now);

/// 63436 -> "63,436".
std::string with_thousands(std::uint64_t number);

/// Items per second since the start; 0 before any time has passed.
double items_per_second(const Progress& progress, TimePoint now);

/// "0:07", "12:34", "1:02:03".
std::string clock_time(std::chrono::seconds duration);

}  // namespace mosaic::cli
