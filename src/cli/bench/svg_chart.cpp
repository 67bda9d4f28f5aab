#include "cli/bench/svg_chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/markup.hpp"

namespace mosaic::cli {
namespace {

constexpr double kWidth = 860;
constexpr double kLeft = 78;
constexpr double kRight = 24;
constexpr double kTop = 84;      // of the first chart's title
constexpr double kPlotTop = 22;  // below a chart's title
constexpr double kPlotHeight = 170;
constexpr double kChartHeight = 262;  // with title, ticks and label
constexpr std::size_t kColours = 6;

// Colours that stay apart for the colour-blind (Okabe and Ito), lighter on dark paper.
constexpr std::string_view kStyle = R"(<style>
.paper { fill: #ffffff } text { fill: #1d2330 } .soft { fill: #5b6475 }
.grid { stroke: #e2e6ee } .axis { stroke: #98a2b5 } .line { fill: none; stroke-width: 1.8; stroke-linejoin: round }
.c0 { stroke: #0072b2 } .c1 { stroke: #d55e00 } .c2 { stroke: #009e73 }
.c3 { stroke: #a1478a } .c4 { stroke: #8a6d00 } .c5 { stroke: #4a5568 } .error { stroke: #c22f3d }
.title { font-size: 19px; font-weight: 600 } .name { font-weight: 600 } .tick { font-size: 12px }
@media (prefers-color-scheme: dark) {
.paper { fill: #12151d } text { fill: #e4e8f1 } .soft { fill: #98a2b5 }
.grid { stroke: #262c3a } .axis { stroke: #5b6475 }
.c0 { stroke: #56b4e9 } .c1 { stroke: #f0915a } .c2 { stroke: #4cc9a0 }
.c3 { stroke: #dd94c4 } .c4 { stroke: #e3c44a } .c5 { stroke: #b6bfce } .error { stroke: #f2767f }
}
</style>
)";

/// 0 at the lower end of the axis, 1 at the upper.
double share_of(const ChartAxis& axis, double value) {
  const auto scaled = [&axis](double v) { return axis.logarithmic ? std::log10(v) : v; };
  const double clamped = std::clamp(value, axis.min, axis.max);
  const double width = scaled(axis.max) - scaled(axis.min);
  return width > 0 ? (scaled(clamped) - scaled(axis.min)) / width : 0;
}

/// Where a chart stands in the image.
struct Frame {
  const Chart& chart;
  double top;

  double x(double value) const {
    return kLeft + share_of(chart.x, value) * (kWidth - kLeft - kRight);
  }
  double y(double value) const { return bottom() - share_of(chart.y, value) * kPlotHeight; }
  double bottom() const { return top + kPlotTop + kPlotHeight; }
};

std::string text_at(double x, double y, std::string_view attributes, std::string_view text) {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" {}>{}</text>\n", x, y, attributes,
                     escape_markup(text));
}

std::string line_at(double x1, double y1, double x2, double y2, std::string_view style) {
  return fmt::format(
      "<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" class=\"{}\"/>\n", x1, y1, x2,
      y2, style);
}

std::string draw_axes(const Frame& frame) {
  const auto& chart = frame.chart;
  std::string out;
  for (const auto& [value, label] : chart.y.ticks) {
    const double y = frame.y(value);
    out += line_at(kLeft, y, kWidth - kRight, y, "grid");
    out += text_at(kLeft - 8, y + 4, "class=\"soft tick\" text-anchor=\"end\"", label);
  }
  for (const auto& [value, label] : chart.x.ticks) {
    const double x = frame.x(value);
    out += line_at(x, frame.top + kPlotTop, x, frame.bottom(), "grid");
    out += text_at(x, frame.bottom() + 17, "class=\"soft tick\" text-anchor=\"middle\"", label);
  }
  out += line_at(kLeft, frame.bottom(), kWidth - kRight, frame.bottom(), "axis");
  out += text_at((kLeft + kWidth - kRight) / 2, frame.bottom() + 36,
                 "class=\"soft tick\" text-anchor=\"middle\"", chart.x.label);
  const double middle = frame.bottom() - kPlotHeight / 2;
  return out + text_at(20, middle,
                       fmt::format("class=\"soft tick\" text-anchor=\"middle\" "
                                   "transform=\"rotate(-90 20 {:.1f})\"",
                                   middle),
                       chart.y.label);
}

std::string colour_of(const Chart& chart, std::size_t series) {
  if (chart.series[series].is_error) return "error";
  return "c" + std::to_string(series % kColours);
}

std::string draw_series(const Frame& frame, std::size_t number) {
  std::string points;
  for (const auto& [x, y] : frame.chart.series[number].points) {
    points += fmt::format("{}{:.1f},{:.1f}", points.empty() ? "" : " ", frame.x(x), frame.y(y));
  }
  return fmt::format("<polyline class=\"line {}\" points=\"{}\"/>\n",
                     colour_of(frame.chart, number), points);
}

/// From right to left beside the title.
std::string draw_legend(const Frame& frame) {
  constexpr double kLetter = 7.4;
  constexpr double kMark = 20;
  double right = kWidth - kRight;
  std::string out;
  for (std::size_t i = frame.chart.series.size(); i-- > 0;) {
    const auto& name = frame.chart.series[i].name;
    const double left = right - kLetter * static_cast<double>(name.size());
    out += text_at(left, frame.top + 4, "class=\"tick\"", name);
    out += line_at(left - kMark - 5, frame.top, left - 5, frame.top,
                   "line " + colour_of(frame.chart, i));
    right = left - kMark - 22;
  }
  return out;
}

std::string draw(const Frame& frame) {
  auto out = text_at(kLeft, frame.top + 4, "class=\"name\"", frame.chart.title);
  out += draw_legend(frame) + draw_axes(frame);
  for (std::size_t i = 0; i < frame.chart.series.size(); ++i) out += draw_series(frame, i);
  return out;
}

/// 1, 2 or 5 times a power of ten, not below `value`.
double round_up(double value) {
  const double power = std::pow(10, std::floor(std::log10(value)));
  for (const double step : {1.0, 2.0, 5.0}) {
    if (step * power >= value * (1 - 1e-9)) return step * power;
  }
  return 10 * power;
}

/// 1, 2 or 5 times a power of ten, not above `value`.
double round_down(double value) {
  const double power = std::pow(10, std::floor(std::log10(value)));
  for (const double step : {5.0, 2.0}) {
    if (step * power <= value * (1 + 1e-9)) return step * power;
  }
  return power;
}

}  // namespace

ChartAxis linear_axis(std::string label, double max) {
  constexpr double kTicks = 5;
  const double step = round_up(std::max(max, 1e-9) / kTicks);
  ChartAxis axis{.label = std::move(label)};
  for (int i = 0; i == 0 || static_cast<double>(i - 1) * step < max; ++i) {
    axis.max = i * step;
    axis.ticks.emplace_back(axis.max, fmt::format("{:.6g}", axis.max));
  }
  return axis;
}

ChartAxis log_axis(std::string label, double min, double max) {
  constexpr double kDecadesWithSteps = 2.5;  // Over more, powers of ten are ticks enough.
  ChartAxis axis{.label = std::move(label), .logarithmic = true};
  axis.min = round_down(min);
  axis.max = std::max(round_up(max), 10 * axis.min);
  const bool steps = std::log10(axis.max / axis.min) <= kDecadesWithSteps;
  for (double value = axis.min; value <= axis.max * (1 + 1e-9); value = round_up(value * 1.5)) {
    const double power = std::log10(value);
    if (!steps && std::abs(power - std::round(power)) > 1e-9) continue;
    axis.ticks.emplace_back(value, fmt::format("{:.4g}", value));
  }
  return axis;
}

std::string render_charts(std::string_view title, std::string_view subtitle,
                          const std::vector<Chart>& charts) {
  const double height = kTop + kChartHeight * static_cast<double>(charts.size());
  auto out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" "
      "height=\"{1}\" role=\"img\" font-family=\"system-ui, 'DejaVu Sans', sans-serif\" "
      "font-size=\"14\">\n<title>{2}</title>\n",
      kWidth, height, escape_markup(title));
  out += kStyle;
  out += fmt::format("<rect class=\"paper\" width=\"{}\" height=\"{}\"/>\n", kWidth, height);
  out += text_at(20, 30, "class=\"title\"", title);
  out += text_at(20, 52, "class=\"soft\"", subtitle);
  for (std::size_t i = 0; i < charts.size(); ++i) {
    out += draw({charts[i], kTop + kChartHeight * static_cast<double>(i)});
  }
  return out + "</svg>\n";
}

}  // namespace mosaic::cli
