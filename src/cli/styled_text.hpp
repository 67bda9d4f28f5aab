// A line of text in styles, cut to the columns of a terminal, and the small drawings that fit in
// one. Pure; a text added is made safe for a terminal here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mosaic::cli {

enum class Style : std::uint8_t { kPlain, kBold, kDim, kGood, kWarn, kBad };

class StyledText {
 public:
  StyledText() = default;
  StyledText(std::string_view text, Style style = Style::kPlain) { add(text, style); }

  /// Control characters become blanks; what the caller put blanks for stays where it is.
  StyledText& add(std::string_view text, Style style = Style::kPlain);
  StyledText& add(const StyledText& text);
  StyledText& pad_to(std::size_t columns);

  std::size_t width() const { return width_; }
  bool empty() const { return spans_.empty(); }

  /// At most `columns` columns; what was cut ends in "…". Without `styled` there is no escape code.
  std::string print(std::size_t columns, bool styled) const;

 private:
  struct Span {
    std::string text;
    Style style;
  };

  std::vector<Span> spans_;
  std::size_t width_ = 0;
};

/// `share` of `columns` cells filled, by eighths of a cell; outside 0..1 it is clamped.
std::string bar(double share, std::size_t columns);

/// One cell for each value, from the lowest block for 0 to the full one for the greatest; a dot
/// where there is no value. The last `columns` of them.
std::string sparkline(const std::vector<std::optional<double>>& values, std::size_t columns);

}  // namespace mosaic::cli
