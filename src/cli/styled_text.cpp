#include "cli/styled_text.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "cli/text_width.hpp"

namespace mosaic::cli {
namespace {

constexpr std::string_view kReset = "\x1b[0m";
constexpr std::array<std::string_view, 9> kPartsOfACell = {" ", "▏", "▎", "▍", "▌",
                                                           "▋", "▊", "▉", "█"};
constexpr std::array<std::string_view, 8> kHeights = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

std::string_view escape(Style style) {
  switch (style) {
    case Style::kBold:
      return "\x1b[1m";
    case Style::kDim:
      return "\x1b[2m";
    case Style::kGood:
      return "\x1b[32m";
    case Style::kWarn:
      return "\x1b[33m";
    case Style::kBad:
      return "\x1b[1;31m";
    case Style::kPlain:
      break;
  }
  return "";
}

/// one_line() trims both ends; blanks that align columns must stay.
std::string safe(std::string_view text) {
  const auto begin = std::min(text.find_first_not_of(' '), text.size());
  const auto end = text.find_last_not_of(' ') + 1;
  if (begin == text.size()) return std::string(text);
  std::string out(begin, ' ');
  out += one_line(text.substr(begin, end - begin));
  return out.append(text.size() - end, ' ');
}

bool is_share(double value) {
  return std::isfinite(value) && value > 0;
}

}  // namespace

StyledText& StyledText::add(std::string_view text, Style style) {
  if (text.empty()) return *this;
  spans_.push_back({safe(text), style});
  width_ += text_width(spans_.back().text);
  return *this;
}

StyledText& StyledText::add(const StyledText& text) {
  spans_.insert(spans_.end(), text.spans_.begin(), text.spans_.end());
  width_ += text.width_;
  return *this;
}

StyledText& StyledText::pad_to(std::size_t columns) {
  return columns > width_ ? add(std::string(columns - width_, ' ')) : *this;
}

std::string StyledText::print(std::size_t columns, bool styled) const {
  std::string out;
  std::size_t used = 0;
  for (const auto& span : spans_) {
    const auto text = fit(span.text, columns - used);
    if (text.empty()) continue;
    used += text_width(text);
    const auto code = styled ? escape(span.style) : "";
    out += code;
    out += text;
    if (!code.empty()) out += kReset;
  }
  return out;
}

std::string bar(double share, std::size_t columns) {
  const double filled = is_share(share) ? std::min(1.0, share) * static_cast<double>(columns) : 0;
  auto eighths = static_cast<std::size_t>(std::lround(filled * 8));
  std::string out;
  for (std::size_t i = 0; i < columns; ++i) {
    const auto here = std::min<std::size_t>(eighths, 8);
    out += kPartsOfACell[here];
    eighths -= here;
  }
  return out;
}

std::string sparkline(const std::vector<std::optional<double>>& values, std::size_t columns) {
  const auto first = values.size() > columns ? values.size() - columns : 0;
  double greatest = 0;
  for (auto i = first; i < values.size(); ++i) {
    if (values[i] && is_share(*values[i])) greatest = std::max(greatest, *values[i]);
  }
  std::string out;
  for (auto i = first; i < values.size(); ++i) {
    const double share = values[i] && is_share(*values[i]) ? *values[i] / greatest : 0;
    const auto height = static_cast<std::size_t>(std::ceil(share * kHeights.size()));
    out += values[i] ? kHeights[height > 0 ? std::min(height, kHeights.size()) - 1 : 0] : "·";
  }
  return out;
}

}  // namespace mosaic::cli
