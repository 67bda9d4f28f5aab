#include "cli/top/numbers.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cmath>

#include "cli/progress.hpp"

namespace mosaic::cli::top {
namespace {

constexpr auto kAbsent = "-";
constexpr double kMillion = 1e6;
constexpr double kShownMax = 1e15;  ///< past it a node told nonsense, which may not fill a line

bool shown(const Number& number) {
  return number && std::isfinite(*number) && std::abs(*number) < kShownMax;
}

std::string whole(double number) {
  return with_thousands(static_cast<std::uint64_t>(std::llround(std::max(0.0, number))));
}

std::string large(double number) {
  constexpr std::array<char, 3> kUnits = {'M', 'G', 'T'};
  std::size_t unit = 0;
  for (number /= kMillion; number >= 1000 && unit + 1 < kUnits.size(); ++unit) number /= 1000;
  return fmt::format("{:.1f}{}", number, kUnits[unit]);
}

}  // namespace

std::string count_text(Number count) {
  if (!shown(count)) return kAbsent;
  return *count < kMillion ? whole(*count) : large(*count);
}

std::string rate_text(Number per_s) {
  if (!shown(per_s)) return kAbsent;
  if (*per_s <= 0) return "0";
  if (*per_s < 1) return fmt::format("{:.2f}", *per_s);
  if (*per_s < 100) return fmt::format("{:.1f}", *per_s);
  return count_text(per_s);
}

std::string seconds_text(Number seconds) {
  if (!shown(seconds)) return kAbsent;
  const double s = std::max(0.0, *seconds);
  if (s < 0.001) return fmt::format("{:.0f} µs", s * 1e6);
  if (s < 0.01) return fmt::format("{:.2f} ms", s * 1e3);
  if (s < 0.1) return fmt::format("{:.1f} ms", s * 1e3);
  if (s < 1) return fmt::format("{:.0f} ms", s * 1e3);
  return s < 100 ? fmt::format("{:.2f} s", s) : whole(s) + " s";
}

std::string bytes_text(Number bytes) {
  if (!shown(bytes)) return kAbsent;
  constexpr std::array<const char*, 5> kUnits = {"B", "KiB", "MiB", "GiB", "TiB"};
  double value = std::max(0.0, *bytes);
  std::size_t unit = 0;
  for (; value >= 1024 && unit + 1 < kUnits.size(); ++unit) value /= 1024;
  const int decimals = unit > 0 && value < 10 ? 1 : 0;
  return fmt::format("{:.{}f} {}", value, decimals, kUnits[unit]);
}

std::string percent_text(Number share) {
  return shown(share) ? fmt::format("{:.0f}%", *share * 100) : kAbsent;
}

std::string uptime_text(Number seconds) {
  if (!shown(seconds)) return kAbsent;
  const std::chrono::seconds all(static_cast<std::int64_t>(std::max(0.0, *seconds)));
  const auto days = std::chrono::floor<std::chrono::days>(all);
  const auto time = clock_time(all - days);
  return days.count() > 0 ? fmt::format("{} d {}", days.count(), time) : time;
}

std::string of_text(const std::string& value, const std::string& limit) {
  return limit == kAbsent ? value : value + " of " + limit;
}

}  // namespace mosaic::cli::top
