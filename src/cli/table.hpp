// A table of text for people: columns as wide as their cells, narrowed to the terminal where they
// must. Pure; cells are made safe for a terminal here.
#pragma once

#include <string>
#include <vector>

#include "cli/terminal.hpp"

namespace mosaic::cli {

struct Column {
  std::string header;
  bool right = false;    ///< numbers stand at the right edge
  bool shrinks = false;  ///< gives up width first when the table is too wide
};

class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  /// One cell for each column.
  void add_row(std::vector<std::string> cells);

  /// A line of its own under the row added last, indented and dimmed.
  void add_note(std::string text);

  /// Lines, each ended by a line break and none wider than the terminal, down to a width at which
  /// every column has its least width.
  std::string render(const Terminal& terminal) const;

 private:
  struct Row {
    std::vector<std::string> cells;
    std::vector<std::string> notes;
  };

  std::vector<std::size_t> widths(std::size_t total) const;
  std::string line(const std::vector<std::string>& cells,
                   const std::vector<std::size_t>& widths) const;

  std::vector<Column> columns_;
  std::vector<Row> rows_;
};

}  // namespace mosaic::cli
