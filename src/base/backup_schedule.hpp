// When collections are backed up without being asked: every so often, or daily at a time of UTC.
// Pure: the time is an argument.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "mosaic/result.hpp"

namespace mosaic {

constexpr std::int64_t kBackupEveryMinMs = std::int64_t{60} * 1'000;
constexpr std::int64_t kBackupEveryMaxMs = std::int64_t{366} * 24 * 3'600 * 1'000;

/// One of both, or nothing at all.
struct BackupSchedule {
  std::optional<std::int64_t> every_ms;
  std::optional<std::int64_t> daily_at_ms;  ///< after midnight
  friend bool operator==(const BackupSchedule&, const BackupSchedule&) = default;
};

/// "" for none, "90m", "24h" or "7d", or "03:00" for daily in UTC. The error says what is allowed.
Result<BackupSchedule> parse_backup_schedule(std::string_view text);

/// A backup is due unless there is one that is younger than this; both in ms since 1970. Nothing
/// where there is no schedule.
std::optional<std::int64_t> backup_due_since(const BackupSchedule& schedule, std::int64_t now_ms);

}  // namespace mosaic
