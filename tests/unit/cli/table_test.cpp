#include "cli/table.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "cli/text_width.hpp"

namespace mosaic::cli {
namespace {

Terminal plain(std::size_t columns) {
  return {.columns = columns};
}

std::size_t widest(const std::string& text) {
  std::istringstream lines(text);
  std::size_t width = 0;
  for (std::string line; std::getline(lines, line);) width = std::max(width, text_width(line));
  return width;
}

TEST(TextWidth, CountsColumnsInsteadOfBytes) {
  EXPECT_EQ(text_width("abc"), 3U);
  EXPECT_EQ(text_width("é"), 1U);
  EXPECT_EQ(text_width("e\u0301"), 1U);
  EXPECT_EQ(text_width("日本"), 4U);
  EXPECT_EQ(text_width("🎉"), 2U);
  EXPECT_EQ(text_width(""), 0U);
}

TEST(TextWidth, BrokenUtf8DoesNotRunPastTheEnd) {
  EXPECT_EQ(text_width("\xe6\x97"), 2U);
  EXPECT_EQ(text_width("\xff"
                       "a"),
            2U);
}

TEST(OneLine, ControlCharactersBecomeOneSpace) {
  EXPECT_EQ(one_line("  a\n\t b\r\n"), "a b");
  EXPECT_EQ(one_line("x\x1b[31mred"), "x [31mred");
  EXPECT_EQ(one_line("x\u009b31m"), "x 31m");
  EXPECT_EQ(one_line("a\u202e"
                     "b"),
            "ab");
}

TEST(Fit, CutsAtACharacterAndMarksTheCut) {
  EXPECT_EQ(fit("abcdef", 6), "abcdef");
  EXPECT_EQ(fit("abcdefg", 6), "abcde…");
  EXPECT_EQ(fit("日本語", 5), "日本…");
  EXPECT_EQ(fit("日本語", 4), "日…");
  EXPECT_EQ(fit("abc", 1), "…");
  EXPECT_EQ(fit("abc", 0), "");
}

TEST(Table, AlignsColumnsByTheirWidth) {
  Table table({{"rank", true}, {"title"}});
  table.add_row({"1", "é"});
  table.add_row({"10", "日本"});
  EXPECT_EQ(table.render(plain(80)), "rank  title\n   1  é\n  10  日本\n");
}

TEST(Table, ShrinksTheTitleBeforeTheId) {
  Table table({{"id"}, {"title", false, true}});
  table.add_row({"a-rather-long-id", "a title that is much too long for it"});
  EXPECT_EQ(table.render(plain(30)), "id                title\na-rather-long-id  a title tha…\n");
}

TEST(Table, NoLineIsWiderThanTheTerminal) {
  Table table({{"id"}, {"title", false, true}, {"score", true}});
  table.add_row({std::string(512, 'i'), "日本語" + std::string(300, 't'), "0.5"});
  table.add_note(std::string(900, 'n'));
  for (const std::size_t columns : {22U, 40U, 80U, 200U}) {
    EXPECT_LE(widest(table.render(plain(columns))), columns);
  }
}

TEST(Table, NotesAreDimmedOnlyOnATerminal) {
  Table table({{"id"}});
  table.add_row({"a"});
  table.add_note("some\ntext");
  EXPECT_EQ(table.render(plain(80)), "id\na\n    some text\n");
  const auto styled = table.render({.is_terminal = true, .styled = true, .columns = 80});
  EXPECT_NE(styled.find("    \x1b[2msome text\x1b[0m\n"), std::string::npos);
}

TEST(Table, CellsCannotCommandTheTerminal) {
  Table table({{"id"}});
  table.add_row({"a\x1b[2Jb\nc"});
  EXPECT_EQ(table.render(plain(80)), "id\na [2Jb c\n");
}

TEST(Table, WithoutRowsShowsItsHeader) {
  EXPECT_EQ(Table({{"name"}, {"documents", true}}).render(plain(80)), "name  documents\n");
}

}  // namespace
}  // namespace mosaic::cli
