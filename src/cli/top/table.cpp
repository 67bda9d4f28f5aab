#include "cli/top/table.hpp"

#include <algorithm>

#include "cli/text_width.hpp"

namespace mosaic::cli::top {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kNameLeast = 16;
constexpr auto kNoteIndent = "    ";

void add_cell(StyledText& line, const TopTable::Cell& cell, std::size_t width, bool left) {
  const auto text = fit(one_line(cell.text), width);
  const std::string padding(width - text_width(text), ' ');
  if (!left) line.add(padding);
  line.add(text, cell.style);
  if (left) line.add(padding);
}

}  // namespace

std::size_t TopTable::width(std::size_t column) const {
  auto width = std::max(columns_[column].least, text_width(columns_[column].header));
  for (const auto& row : rows_) {
    width = std::max(width, text_width(one_line(row.cells[column].text)));
  }
  return width;
}

/// The columns that there is room for beside the least of a name.
std::vector<std::size_t> TopTable::shown(std::size_t columns) const {
  std::vector<std::size_t> shown;
  auto used = kNameLeast;
  for (std::size_t i = 1; i < columns_.size(); ++i) {
    shown.push_back(i);
    used += kGap + width(i);
  }
  while (used > columns && !shown.empty()) {
    const auto least = std::max_element(shown.begin(), shown.end(), [this](auto a, auto b) {
      return columns_[a].drop < columns_[b].drop;
    });
    if (columns_[*least].drop == 0) break;
    used -= kGap + width(*least);
    shown.erase(least);
  }
  return shown;
}

std::vector<StyledText> TopTable::lines(std::size_t columns) const {
  const auto others = shown(columns);
  std::size_t used = 0;
  for (const auto i : others) used += kGap + width(i);
  const auto name = std::min(width(0), std::max<std::size_t>(columns - std::min(columns, used), 1));
  std::vector<StyledText> lines;
  const auto add_line = [&](const auto& cell_of) {
    StyledText line;
    add_cell(line, cell_of(0), name, true);
    for (const auto i : others) {
      line.add(std::string(kGap, ' '));
      add_cell(line, cell_of(i), width(i), columns_[i].left);
    }
    lines.push_back(std::move(line));
  };
  add_line([this](std::size_t i) {
    return Cell{columns_[i].header, i == 0 ? Style::kBold : Style::kDim};
  });
  for (const auto& row : rows_) {
    add_line([&row](std::size_t i) { return row.cells[i]; });
    for (const auto& note : row.notes) {
      lines.push_back(StyledText(kNoteIndent).add(note.text, note.style));
    }
  }
  return lines;
}

}  // namespace mosaic::cli::top
