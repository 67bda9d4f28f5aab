#include "cli/top/facts.hpp"

namespace mosaic::cli::top {
namespace {

constexpr double kNearlyFull = 0.8;
constexpr std::size_t kBarColumns = 6;
constexpr auto kGap = "  ";

}  // namespace

std::vector<StyledText> flow(std::string_view title, const std::vector<StyledText>& facts,
                             std::size_t columns) {
  std::vector<StyledText> lines;
  for (const auto& each : facts) {
    const bool fits = !lines.empty() && lines.back().width() + 2 + each.width() <= columns;
    if (fits) {
      lines.back().add(kGap).add(each);
    } else {
      StyledText line(lines.empty() ? title : "", Style::kBold);
      lines.push_back(line.pad_to(kTitleColumns).add(each));
    }
  }
  return lines;
}

StyledText fact(std::string_view name, std::string_view value, Style style) {
  return StyledText(name, Style::kDim).add(" ").add(value, style);
}

bool positive(const Number& number) {
  return number.value_or(0) > 0;
}

Style bad_if(bool bad) {
  return bad ? Style::kBad : Style::kPlain;
}

Number ratio(const Number& value, const Number& whole) {
  if (!value || !positive(whole)) return std::nullopt;
  return *value / *whole;
}

StyledText framed_bar(const Number& share, Style style) {
  return StyledText("[", Style::kDim)
      .add(bar(share.value_or(0), kBarColumns), style)
      .add("]", Style::kDim);
}

StyledText fill_fact(std::string_view name, const Number& value, const Number& limit,
                     const std::string& text) {
  const auto share = ratio(value, limit);
  const auto style = share.value_or(0) >= kNearlyFull ? Style::kWarn : Style::kPlain;
  auto out = fact(name, text, style);
  if (share) out.add(" ").add(framed_bar(share, style));
  return out;
}

}  // namespace mosaic::cli::top
