// The screen of `mosaic top` as text: sections by importance, each as large as there is room for.
// No line is wider than the terminal. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/top/figures.hpp"
#include "cli/top/history.hpp"
#include "cli/top/shards.hpp"

namespace mosaic::cli::top {

struct ScreenSize {
  std::size_t columns;
  std::size_t rows;
};

struct View {
  std::string url;
  double interval_s = 1;
  std::optional<Figures> figures;  ///< none before the second answer
  std::string trouble;             ///< why there is nothing newer; empty: the node answers
  History history;
  ShardOrder order = ShardOrder::kLoad;
  bool paused = false;
  bool keys = false;  ///< somebody can press them
};

/// At most `size.rows` lines without line breaks; escape codes only when `styled`.
std::vector<std::string> render_screen(const View& view, ScreenSize size, bool styled);

/// The most important numbers on one line, for a file or a pipe.
std::string render_line(const View& view);

}  // namespace mosaic::cli::top
