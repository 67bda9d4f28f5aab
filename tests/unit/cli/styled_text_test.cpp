#include "cli/styled_text.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "cli/text_width.hpp"

namespace mosaic::cli {
namespace {

TEST(StyledText, IsCutToItsColumnsAcrossStyles) {
  StyledText line("abc", Style::kBold);
  line.add("def").add("ghi", Style::kBad);
  EXPECT_EQ(line.width(), 9U);
  EXPECT_EQ(line.print(9, false), "abcdefghi");
  EXPECT_EQ(line.print(5, false), "abcd…");
  EXPECT_EQ(line.print(0, false), "");
  EXPECT_EQ(line.print(9, true), "\x1b[1mabc\x1b[0mdef\x1b[1;31mghi\x1b[0m");
  EXPECT_EQ(line.print(2, true), "\x1b[1ma…\x1b[0m");
}

TEST(StyledText, CountsWideCharactersTwice) {
  const StyledText line("文書");
  EXPECT_EQ(line.width(), 4U);
  EXPECT_EQ(line.print(3, false), "文…");
  EXPECT_LE(text_width(line.print(2, false)), 2U);
}

TEST(StyledText, HoldsNothingThatATerminalObeys) {
  EXPECT_EQ(StyledText("  a\x1b[2J\nb  ").print(80, false), "  a [2J b  ");
  EXPECT_EQ(StyledText("\n").add("x").print(80, false), "x");
}

TEST(StyledText, PadsWithBlanksToAColumn) {
  EXPECT_EQ(StyledText("ab").pad_to(4).add("c").print(80, false), "ab  c");
  EXPECT_EQ(StyledText("abcde").pad_to(4).print(80, false), "abcde");
}

TEST(Bar, FillsByEighthsOfACell) {
  EXPECT_EQ(bar(0, 3), "   ");
  EXPECT_EQ(bar(1, 3), "███");
  EXPECT_EQ(bar(0.5, 3), "█▌ ");
  EXPECT_EQ(bar(7, 2), "██");
  EXPECT_EQ(bar(-1, 2), "  ");
  EXPECT_EQ(bar(std::numeric_limits<double>::quiet_NaN(), 2), "  ");
}

TEST(Sparkline, ShowsTheLastValuesAgainstTheGreatest) {
  EXPECT_EQ(sparkline({0, 1, std::nullopt, 4, 8}, 5), "▁▁·▄█");
  EXPECT_EQ(sparkline({8, 1, 2}, 2), "▄█");
  EXPECT_EQ(sparkline({0, 0}, 5), "▁▁");
  EXPECT_EQ(sparkline({}, 5), "");
}

}  // namespace
}  // namespace mosaic::cli
