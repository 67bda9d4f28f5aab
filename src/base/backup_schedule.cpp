#include "base/backup_schedule.hpp"

#include <charconv>

#include <fmt/format.h>

namespace mosaic {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kHourMs = 60 * kMinuteMs;
constexpr std::int64_t kDayMs = 24 * kHourMs;

/// Digits alone, at most nine.
std::optional<std::int64_t> whole_number(std::string_view text) {
  if (text.empty() || text.size() > 9 || text.front() == '-') return std::nullopt;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<std::int64_t> time_of_day(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const auto hours = whole_number(text.substr(0, 2));
  const auto minutes = whole_number(text.substr(3));
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  return *hours * kHourMs + *minutes * kMinuteMs;
}

std::optional<std::int64_t> interval(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const auto number = whole_number(text.substr(0, text.size() - 1));
  const char unit = text.back();
  const auto unit_ms = unit == 'm' ? kMinuteMs : unit == 'h' ? kHourMs : unit == 'd' ? kDayMs : 0;
  if (!number || unit_ms == 0) return std::nullopt;
  const auto every = *number * unit_ms;
  if (every < kBackupEveryMinMs || every > kBackupEveryMaxMs) return std::nullopt;
  return every;
}

}  // namespace

Result<BackupSchedule> parse_backup_schedule(std::string_view text) {
  if (text.empty()) return BackupSchedule{};
  if (const auto at = time_of_day(text)) return BackupSchedule{{}, at};
  if (const auto every = interval(text)) return BackupSchedule{every, {}};
  return invalid(
      "must be empty, a time from 1m to 366d like 24h, or a time of day in UTC like 03:00");
}

std::optional<std::int64_t> backup_due_since(const BackupSchedule& schedule, std::int64_t now_ms) {
  if (schedule.every_ms) return now_ms - *schedule.every_ms;
  if (!schedule.daily_at_ms) return std::nullopt;
  const auto today = now_ms - now_ms % kDayMs + *schedule.daily_at_ms;
  return today <= now_ms ? today : today - kDayMs;
}

}  // namespace mosaic
