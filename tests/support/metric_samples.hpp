// What a scrape says, for tests: every series as `name{label="value",...}`, labels by name.
#pragma once

#include <cstdlib>
#include <map>
#include <sstream>
#include <string>

namespace mosaic::test {

using MetricSamples = std::map<std::string, double>;

inline MetricSamples samples_of(const std::string& text) {
  MetricSamples samples;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.front() == '#') continue;
    const auto space = line.rfind(' ');
    samples[line.substr(0, space)] = std::strtod(line.c_str() + space + 1, nullptr);
  }
  return samples;
}

/// `name{label="value",...}` -> `name`
inline std::string metric_name(const std::string& series) {
  return series.substr(0, series.find('{'));
}

inline std::size_t series_of(const MetricSamples& samples, const std::string& name) {
  std::size_t count = 0;
  for (const auto& [series, value] : samples) count += metric_name(series) == name;
  return count;
}

}  // namespace mosaic::test
