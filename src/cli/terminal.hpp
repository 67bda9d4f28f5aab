// What a stream of this process is connected to, and where a command writes. Commands get a Console
// and never touch std::cout themselves, so that tests see everything.
#pragma once

#include <cstddef>
#include <ostream>

namespace mosaic::cli {

constexpr std::size_t kDefaultColumns = 100;
constexpr std::size_t kDefaultRows = 60;

struct Terminal {
  bool is_terminal = false;
  bool styled = false;  ///< a terminal that shows dimmed text and whose user did not set NO_COLOR
  std::size_t columns = kDefaultColumns;
  std::size_t rows = kDefaultRows;
  bool moves_cursor = false;  ///< a terminal that obeys escape codes, coloured or not
};

/// Of a file descriptor: 1 for stdout, 2 for stderr.
Terminal detect_terminal(int descriptor);

struct Console {
  std::ostream& out;
  std::ostream& err;
  Terminal out_terminal;
  Terminal err_terminal;
};

}  // namespace mosaic::cli
