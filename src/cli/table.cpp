#include "cli/table.hpp"

#include <algorithm>
#include <numeric>

#include "cli/text_width.hpp"

namespace mosaic::cli {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kLeastWidth = 6;
constexpr std::string_view kNoteIndent = "    ";
constexpr std::string_view kDim = "\x1b[2m";
constexpr std::string_view kBold = "\x1b[1m";
constexpr std::string_view kPlain = "\x1b[0m";

std::string styled(std::string_view style, const std::string& text, const Terminal& terminal) {
  if (!terminal.styled) return text;
  return std::string(style) + text + std::string(kPlain);
}

/// Takes up to `excess` columns from one width; gives back what is still too much.
std::size_t narrow(std::size_t& width, std::size_t excess) {
  const auto spare = width > kLeastWidth ? width - kLeastWidth : 0;
  const auto taken = std::min(spare, excess);
  width -= taken;
  return excess - taken;
}

}  // namespace

void Table::add_row(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  for (auto& cell : cells) cell = one_line(cell);
  rows_.push_back({std::move(cells), {}});
}

void Table::add_note(std::string text) {
  rows_.back().notes.push_back(one_line(text));
}

std::vector<std::size_t> Table::widths(std::size_t total) const {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    auto width = text_width(columns_[i].header);
    for (const auto& row : rows_) width = std::max(width, text_width(row.cells[i]));
    widths.push_back(width);
  }
  const auto used = std::accumulate(widths.begin(), widths.end(), kGap * (widths.size() - 1));
  auto excess = used > total ? used - total : 0;
  for (const bool shrinking : {true, false}) {
    for (std::size_t i = columns_.size(); i-- > 0;) {
      if (columns_[i].shrinks == shrinking) excess = narrow(widths[i], excess);
    }
  }
  return widths;
}

std::string Table::line(const std::vector<std::string>& cells,
                        const std::vector<std::size_t>& widths) const {
  std::string out;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const auto text = fit(cells[i], widths[i]);
    const std::string padding(widths[i] - text_width(text), ' ');
    if (i != 0) out.append(kGap, ' ');
    out += columns_[i].right ? padding + text : text + padding;
  }
  out.erase(out.find_last_not_of(' ') + 1);
  return out;
}

std::string Table::render(const Terminal& terminal) const {
  const auto widths_in_force = widths(terminal.columns);
  std::vector<std::string> headers;
  for (const auto& column : columns_) headers.push_back(column.header);
  auto out = styled(kBold, line(headers, widths_in_force), terminal) + '\n';
  const auto note_columns =
      terminal.columns > kNoteIndent.size() ? terminal.columns - kNoteIndent.size() : 0;
  for (const auto& row : rows_) {
    out += line(row.cells, widths_in_force) + '\n';
    for (const auto& note : row.notes) {
      if (note.empty() || note_columns == 0) continue;
      out += std::string(kNoteIndent) + styled(kDim, fit(note, note_columns), terminal) + '\n';
    }
  }
  return out;
}

}  // namespace mosaic::cli
