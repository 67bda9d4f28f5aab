// Draws line charts, one under the other, as one SVG image that is readable in light and dark.
// Pure: numbers in, XML text out.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mosaic::cli {

struct ChartAxis {
  std::string label;  ///< with its unit
  double min = 0;
  double max = 1;
  bool logarithmic = false;  ///< min is above 0 then
  std::vector<std::pair<double, std::string>> ticks = {};
};

struct ChartSeries {
  std::string name;
  std::vector<std::pair<double, double>> points = {};
  bool is_error = false;  ///< drawn in red
};

struct Chart {
  std::string title;
  ChartAxis x = {};
  ChartAxis y = {};
  std::vector<ChartSeries> series = {};
};

/// From 0 to a round number not below `max`, with round ticks.
ChartAxis linear_axis(std::string label, double max);

/// From a round number not above `min` to one not below `max`; both above 0.
ChartAxis log_axis(std::string label, double min, double max);

std::string render_charts(std::string_view title, std::string_view subtitle,
                          const std::vector<Chart>& charts);

}  // namespace mosaic::cli
