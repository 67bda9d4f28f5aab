// A table of numbers for a screen that is drawn again and again: columns keep their least width, so
// that they stand still, and the least important ones go where the terminal is narrow. Pure.
#pragma once

#include <string>
#include <vector>

#include "cli/styled_text.hpp"

namespace mosaic::cli::top {

struct TopColumn {
  std::string header;
  std::size_t least = 7;  ///< columns of the terminal
  unsigned drop = 0;      ///< the greatest goes first; 0: stays
  bool left = false;      ///< texts; numbers stand at the right edge
};

class TopTable {
 public:
  struct Cell {
    std::string text;
    Style style = Style::kPlain;
  };

  /// The first column holds names and takes what the others leave.
  explicit TopTable(std::vector<TopColumn> columns) : columns_(std::move(columns)) {}

  /// One cell for each column.
  void add_row(std::vector<Cell> cells) { rows_.push_back({std::move(cells), {}}); }

  /// A line of its own under the row added last.
  void add_note(Cell note) { rows_.back().notes.push_back(std::move(note)); }

  /// The headers, then the rows; none is wider than `columns` where the first column fits at all.
  std::vector<StyledText> lines(std::size_t columns) const;

 private:
  struct Row {
    std::vector<Cell> cells;
    std::vector<Cell> notes;
  };

  std::size_t width(std::size_t column) const;
  std::vector<std::size_t> shown(std::size_t columns) const;

  std::vector<TopColumn> columns_;
  std::vector<Row> rows_;
};

}  // namespace mosaic::cli::top
