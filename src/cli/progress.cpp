#include "cli/progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "cli/text_width.hpp"

namespace mosaic::cli {
namespace {

constexpr std::size_t kBarMin = 10;
constexpr std::size_t kBarMax = 40;
constexpr double kEtaAfter = 0.005;  // Before this share an estimate is noise.
constexpr auto kEtaMax = std::chrono::hours(100);

double seconds_since(TimePoint start, TimePoint now) {
  return std::max(0.0, std::chrono::duration<double>(now - start).count());
}

std::optional<double> share(const Progress& progress) {
  if (progress.total == 0) return std::nullopt;
  return std::min(1.0, static_cast<double>(progress.done) / static_cast<double>(progress.total));
}

/// The time left if it goes on as so far.
std::optional<std::chrono::seconds> eta(const Progress& progress, TimePoint now) {
  const auto done = share(progress);
  if (!done || *done < kEtaAfter) return std::nullopt;
  const double left = seconds_since(progress.start, now) * (1 - *done) / *done;
  return std::min<std::chrono::seconds>(std::chrono::seconds(std::lround(left)), kEtaMax);
}

std::string percent(double done) {
  // Rounded down: 100% is said only at the end.
  return fmt::format("{:3}%", static_cast<int>(done * 100));
}

std::string bar(double done, std::size_t columns) {
  const auto filled = static_cast<std::size_t>(done * static_cast<double>(columns));
  return '[' + std::string(filled, '#') + std::string(columns - filled, '-') + ']';
}

/// The facts, the most important first.
std::vector<std::string> facts(const Progress& progress, TimePoint now) {
  std::vector<std::string> out;
  if (const auto done = share(progress)) out.push_back(percent(*done));
  out.push_back(with_thousands(progress.items) + ' ' + progress.unit);
  const auto rate = items_per_second(progress, now);
  out.push_back(with_thousands(static_cast<std::uint64_t>(std::lround(rate))) + "/s");
  if (!progress.note.empty()) out.push_back(progress.note);
  if (const auto left = eta(progress, now)) out.push_back("ETA " + clock_time(*left));
  return out;
}

}  // namespace

double items_per_second(const Progress& progress, TimePoint now) {
  const auto seconds = seconds_since(progress.start, now);
  return seconds > 0 ? static_cast<double>(progress.items) / seconds : 0;
}

std::string with_thousands(std::uint64_t number) {
  auto digits = std::to_string(number);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<std::size_t>(at), 1, ',');
  }
  return digits;
}

std::string clock_time(std::chrono::seconds duration) {
  const auto s = duration.count();
  if (s >= 3600) return fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
  return fmt::format("{}:{:02}", s / 60, s % 60);
}

std::string render_bar(const Progress& progress, std::size_t columns, TimePoint now) {
  std::string line = progress.label;
  std::string tail;
  for (const auto& fact : facts(progress, now)) {
    if (text_width(line) + text_width(tail) + 2 + text_width(fact) > columns) break;
    tail += "  " + fact;
  }
  const auto used = text_width(line) + text_width(tail) + 4;
  const auto done = share(progress);
  if (done && columns >= used + kBarMin) {
    line += "  " + bar(*done, std::min(kBarMax, columns - used));
  }
  return fit(line + tail, columns);
}

std::string render_line(const Progress& progress, TimePoint now) {
  auto line = progress.label + ":";
  std::string_view separator = " ";
  for (const auto& fact : facts(progress, now)) {
    line += separator;
    line += fact.substr(fact.find_first_not_of(' '));
    separator = ", ";
  }
  return line;
}

}  // namespace mosaic::cli
