#include "base/backup_schedule.hpp"

#include <gtest/gtest.h>

#include "mosaic/backup.hpp"

namespace mosaic {
namespace {

constexpr std::int64_t kHour = 3'600'000;
constexpr std::int64_t kDay = 24 * kHour;

BackupSchedule schedule(std::string_view text) {
  const auto parsed = parse_backup_schedule(text);
  EXPECT_TRUE(parsed) << text;
  return parsed ? *parsed : BackupSchedule{};
}

TEST(BackupSchedule, ReadsTimesAndTimesOfDay) {
  EXPECT_EQ(schedule(""), BackupSchedule{});
  EXPECT_EQ(schedule("90m").every_ms, 90 * 60'000);
  EXPECT_EQ(schedule("24h").every_ms, kDay);
  EXPECT_EQ(schedule("366d").every_ms, 366 * kDay);
  EXPECT_EQ(schedule("03:05").daily_at_ms, 3 * kHour + 5 * 60'000);
  EXPECT_EQ(schedule("00:00").daily_at_ms, 0);
}

TEST(BackupSchedule, RefusesWhatIsNone) {
  for (const auto* text : {"0m", "59s", "367d", "24", "h", "-1h", "24:00", "03:60", "3:00", "03-00",
                           "daily", "1h30m", "99999999999h", " 1h"})
    EXPECT_FALSE(parse_backup_schedule(text)) << text;
}

TEST(BackupSchedule, IsDueWhenTheNewestIsOlderThanTheTimeBetween) {
  EXPECT_EQ(backup_due_since(schedule("24h"), 10 * kDay), 9 * kDay);
  EXPECT_EQ(backup_due_since(schedule(""), 10 * kDay), std::nullopt);
}

TEST(BackupSchedule, IsDueOncePerDayFromItsTimeOn) {
  const auto at_three = schedule("03:00");
  const auto three = 10 * kDay + 3 * kHour;
  EXPECT_EQ(backup_due_since(at_three, three - 1), three - kDay);
  EXPECT_EQ(backup_due_since(at_three, three), three);
  EXPECT_EQ(backup_due_since(at_three, three + 20 * kHour), three);
  EXPECT_EQ(backup_due_since(at_three, three + kDay), three + kDay);
}

TEST(SnapshotName, IsCheckedAndMadeFromTheTime) {
  EXPECT_EQ(snapshot_name_at(1'795'993'445'007), "2026-11-29T23-04-05.007Z");
  EXPECT_TRUE(validate_snapshot_name(snapshot_name_at(0)));
  for (const auto* name : {"a", "0a", "v1.2_x-3", "2026-11-29"})
    EXPECT_TRUE(validate_snapshot_name(name)) << name;
  for (const auto* name : {"", "12", ".a", "-a", "_a", "a b", "a/b", "a:b", "..", "\xc3\xa4"})
    EXPECT_FALSE(validate_snapshot_name(name)) << name;
  EXPECT_TRUE(validate_snapshot_name(std::string(kSnapshotNameBytesMax, 'a')));
  EXPECT_FALSE(validate_snapshot_name(std::string(kSnapshotNameBytesMax + 1, 'a')));
}

}  // namespace
}  // namespace mosaic
