#include "storage/where_text.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "mosaic/search.hpp"
#include "storage/sandbox.hpp"

namespace mosaic::storage {
namespace {

std::string problem_of(std::string_view expression) {
  const auto checked = check_where(expression);
  if (checked.ok()) return "";
  EXPECT_EQ(checked.error().code, ErrorCode::kInvalidArgument);
  return checked.error().detail;
}

TEST(WhereText, TakesQuotesBracketsAndOperators) {
  for (const auto* const expression :
       {"1", "(a)", "a->>'b' = 'it''s'", "a = '--' AND b = ';' OR c = '/*'", "\"a;\" = [b?] + `c:`",
        "a - -1", "a / 2 * 3", "x'00ff' = a", "'' = a", "a = 'ä€😀'", "'(' = ')'"}) {
    EXPECT_EQ(problem_of(expression), "") << expression;
  }
}

TEST(WhereText, NamesTheByteThatIsWrong) {
  EXPECT_EQ(problem_of("1) OR (1"), "where: the bracket closed at byte 1 was never opened");
  EXPECT_EQ(problem_of("(1 OR ((2)"), "where: the bracket opened at byte 6 is not closed");
  EXPECT_EQ(problem_of("a = 'x"), "where: the quote opened at byte 4 is not closed");
  EXPECT_EQ(problem_of("a = 'x'''y'"), "where: the quote opened at byte 10 is not closed");
  EXPECT_EQ(problem_of("1 --"), "where: a comment at byte 2 is not allowed");
  EXPECT_EQ(problem_of("1 /* x */"), "where: a comment at byte 2 is not allowed");
  EXPECT_EQ(problem_of("1;"), "where: a semicolon at byte 1 is not allowed");
  EXPECT_EQ(problem_of("a = ?"), "where: a parameter at byte 4 is not allowed");
  EXPECT_EQ(problem_of({"a\0b", 3}), "where: a NUL byte at byte 1 is not allowed");
  EXPECT_EQ(problem_of({"'a\0b'", 5}), "where: a NUL byte at byte 0 is not allowed");
  EXPECT_EQ(problem_of("a = '\xff'"), "where: the expression is not UTF-8");
  EXPECT_EQ(problem_of(" \n"), "where: the expression is empty");
}

TEST(WhereText, HoldsItsLimits) {
  EXPECT_EQ(problem_of(fmt::format("a = '{:x<{}}'", "", kWhereBytesMax - 6)), "");
  EXPECT_NE(problem_of(fmt::format("a = '{:x<{}}'", "", kWhereBytesMax - 5)), "");
  const auto nested = [](int depth) {
    return fmt::format("{:(<{}}1{:)<{}}", "", depth, "", depth);
  };
  EXPECT_EQ(problem_of(nested(64)), "");
  EXPECT_NE(problem_of(nested(65)), "");
}

TEST(WhereText, BoundsHowOftenLargeColumnsAreNamed) {
  const auto named = [](std::string_view column, int times) {
    std::string list = "id IN (id";
    for (int i = 0; i < times; ++i) list += fmt::format(", {}", column);
    return list + ")";
  };
  for (const auto* const column : {"text", "TITLE", "\"text\"", "documents.[title]"}) {
    EXPECT_EQ(problem_of(named(column, 100)), "") << column;
    EXPECT_NE(problem_of(named(column, 101)), "") << column;
  }
  EXPECT_EQ(problem_of(named("metadata", 1'000)), "");
  EXPECT_NE(problem_of(named("metadata", 1'001)), "");
  EXPECT_EQ(problem_of(named("'text'", 5'000)), "");
}

TEST(WhereText, KeepsExpressionsThatBuildValuesShort) {
  const auto padded = [](std::string_view text, std::size_t bytes) {
    return fmt::format("{:<{}}", text, bytes);
  };
  for (const auto* const start : {"(SELECT 1)", "a || b", "hex(a)", "\"HEX\"(a)", "(values(1))",
                                  "case a when 1 then 2 end"}) {
    EXPECT_EQ(problem_of(padded(start, kBuildingWhereBytesMax)), "") << start;
    EXPECT_NE(problem_of(padded(start, kBuildingWhereBytesMax + 1)), "") << start;
  }
  EXPECT_EQ(problem_of(padded("a = 'select || hex'", kBuildingWhereBytesMax + 1)), "");
}

TEST(WhereText, BoundsValuesByTheLengthOfWhatBuildsThem) {
  EXPECT_EQ(value_bytes_max(fmt::format("a = '{:x<{}}'", "", 60'000)), kSandboxValueBytesMax);
  EXPECT_EQ(value_bytes_max("(SELECT 1)"), kSandboxValueBytesMax);
  const auto middle = value_bytes_max(fmt::format("{:<{}}", "(SELECT 1)", 1'000));
  const auto long_one =
      value_bytes_max(fmt::format("{:<{}}", "(SELECT 1)", kBuildingWhereBytesMax));
  EXPECT_LT(middle, kSandboxValueBytesMax);
  EXPECT_LT(long_one, middle);
  EXPECT_GT(long_one, 64 << 10);
}

}  // namespace
}  // namespace mosaic::storage
