#include "cli/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace mosaic::cli {
namespace {

constexpr std::size_t kColumnsMax = 1'000;

std::size_t columns_of_environment() {
  const char* columns = std::getenv("COLUMNS");
  const auto count = columns == nullptr ? 0 : std::strtoul(columns, nullptr, 10);
  return count > 0 && count <= kColumnsMax ? count : kDefaultColumns;
}

bool obeys_escapes() {
  const char* term = std::getenv("TERM");
  return term != nullptr && std::string_view(term) != "dumb";
}

bool wants_style() {
  const char* no_color = std::getenv("NO_COLOR");
  return (no_color == nullptr || *no_color == '\0') && obeys_escapes();
}

}  // namespace

Terminal detect_terminal(int descriptor) {
  Terminal terminal;
  terminal.is_terminal = ::isatty(descriptor) == 1;
  terminal.styled = terminal.is_terminal && wants_style();
  terminal.moves_cursor = terminal.is_terminal && obeys_escapes();
  terminal.columns = columns_of_environment();
  winsize size{};
  if (terminal.is_terminal && ::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    terminal.columns = size.ws_col;
    if (size.ws_row > 0) terminal.rows = size.ws_row;
  }
  return terminal;
}

}  // namespace mosaic::cli
