#include "cli/progress.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "cli/progress_display.hpp"
#include "cli/text_width.hpp"

namespace mosaic::cli {
namespace {

using std::chrono::seconds;

const TimePoint kStart{};

Progress half_way() {
  return {.label = "importing p", .start = kStart, .items = 5000, .done = 50, .total = 100};
}

TEST(ProgressBar, ShowsPercentDocumentsRateAndEta) {
  EXPECT_EQ(render_bar(half_way(), 80, kStart + seconds(10)),
            "importing p  [############-------------]   50%  5,000 documents  500/s  ETA 0:10");
}

TEST(ProgressBar, NeverIsWiderThanTheTerminal) {
  for (std::size_t columns = 0; columns < 120; ++columns) {
    EXPECT_LE(text_width(render_bar(half_way(), columns, kStart + seconds(10))), columns);
  }
}

TEST(ProgressBar, DropsTheBarOnANarrowTerminal) {
  EXPECT_EQ(render_bar(half_way(), 56, kStart + seconds(10)),
            "importing p   50%  5,000 documents  500/s  ETA 0:10");
  EXPECT_EQ(render_bar(half_way(), 40, kStart + seconds(10)), "importing p   50%  5,000 documents");
}

TEST(ProgressBar, WithoutATotalThereIsNeitherPercentNorEta) {
  auto progress = half_way();
  progress.total = 0;
  EXPECT_EQ(render_bar(progress, 80, kStart + seconds(10)), "importing p  5,000 documents  500/s");
}

TEST(ProgressBar, AtTheStartThereIsNoEstimate) {
  auto progress = half_way();
  progress.done = 0;
  progress.items = 0;
  EXPECT_EQ(render_line(progress, kStart), "importing p: 0%, 0 documents, 0/s");
}

TEST(ProgressBar, MoreThanTheTotalIsStillOneHundredPercent) {
  auto progress = half_way();
  progress.done = 150;  // The file grew.
  EXPECT_EQ(render_line(progress, kStart + seconds(10)),
            "importing p: 100%, 5,000 documents, 500/s, ETA 0:00");
}

TEST(ProgressBar, SaysOneHundredPercentOnlyAtTheEnd) {
  auto progress = half_way();
  progress.done = 9'999;
  progress.total = 10'000;
  EXPECT_NE(render_line(progress, kStart + seconds(1)).find(" 99%"), std::string::npos);
}

TEST(ClockTime, GrowsHoursWhenNeeded) {
  EXPECT_EQ(clock_time(seconds(7)), "0:07");
  EXPECT_EQ(clock_time(seconds(754)), "12:34");
  EXPECT_EQ(clock_time(seconds(3723)), "1:02:03");
}

TEST(WithThousands, SeparatesGroups) {
  EXPECT_EQ(with_thousands(0), "0");
  EXPECT_EQ(with_thousands(999), "999");
  EXPECT_EQ(with_thousands(63436), "63,436");
  EXPECT_EQ(with_thousands(1000000), "1,000,000");
}

TEST(ProgressDisplay, AShortCommandLeavesNothingBehind) {
  std::ostringstream err;
  { ProgressDisplay display(err, {}, half_way); }
  EXPECT_EQ(err.str(), "");
}

}  // namespace
}  // namespace mosaic::cli
