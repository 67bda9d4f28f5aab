#include "base/log_line.hpp"

#include <random>

#include <gtest/gtest.h>

#include "base/line_budget.hpp"
#include "base/quoted.hpp"
#include "base/utf8.hpp"

namespace mosaic::log {
namespace {

/// Nothing that a terminal would obey, no byte that ends the line.
bool is_one_clean_line(std::string_view line) {
  for (const char c : line) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return false;
  }
  return is_utf8(line);
}

TEST(LogLine, ShowsPlainTextBareAndOtherTextInQuotes) {
  const std::vector<Field> fields = {{"a", "n1/docs-2"}, {"b", ""},     {"c", "x=y"},
                                     {"d", "say \"x\""}, {"e", "10.5"}, {"f", -3}};
  EXPECT_EQ(text_line(Level::kInfo, "m", fields),
            R"(info m a=n1/docs-2 b="" c="x=y" d="say \"x\"" e=10.5 f=-3)");
}

TEST(LogLine, TakesJsonAsItIs) {
  const std::vector<Field> fields = {Field::of_json("list", "[1,{\"a\":null}]")};
  EXPECT_EQ(text_line(Level::kWarn, "m", fields), "warn m list=[1,{\"a\":null}]");
  EXPECT_EQ(json_line(Level::kWarn, "m", fields),
            R"("level":"warn","message":"m","list":[1,{"a":null}])");
}

TEST(LogLine, WritesNumbersThatAreNoneAsNull) {
  const std::vector<Field> fields = {{"x", std::numeric_limits<double>::quiet_NaN()}};
  EXPECT_EQ(json_line(Level::kWarn, "m", fields), R"("level":"warn","message":"m","x":null)");
}

TEST(LogLine, IsOneLineWhateverItHolds) {
  const std::string message = "a\nb\x1b[31m\x7f\xff";
  const std::vector<Field> fields = {{"t", std::string("\r\n\0\x7f\x80", 5)}};
  EXPECT_EQ(text_line(Level::kError, message, fields),
            "error a\\x0ab\\x1b[31m\\x7f? t=\"\\r\\n\\u0000\\x7f?\"");
  const auto json = json_line(Level::kError, message, fields);
  EXPECT_EQ(json.find('\n'), std::string::npos);
  EXPECT_TRUE(is_utf8(json));
}

TEST(LogLine, IsCleanForRandomBytes) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int i = 0; i < 2'000; ++i) {
    std::string bytes(random() % 40, '\0');
    for (auto& byte : bytes) byte = static_cast<char>(random());
    const std::vector<Field> fields = {{"bytes", bytes}};
    EXPECT_TRUE(is_one_clean_line(text_line(Level::kInfo, bytes, fields)));
    const auto json = json_line(Level::kInfo, bytes, fields);
    EXPECT_TRUE(is_utf8(json));
    // Every quote within a text is escaped: those left over are the ones around keys and texts.
    std::size_t quotes = 0;
    for (std::size_t at = 0; at < json.size(); ++at) {
      EXPECT_GE(static_cast<unsigned char>(json[at]), 0x20);
      if (json[at] == '\\') {
        ++at;
      } else {
        quotes += json[at] == '"';
      }
    }
    EXPECT_EQ(quotes, 12U);
  }
}

TEST(LogLine, CutsWhatIsVeryLong) {
  const std::vector<Field> fields = {{"t", std::string(1 << 20, 'x')}};
  EXPECT_LT(json_line(Level::kInfo, std::string(1 << 20, 'y'), fields).size(),
            2 * kTextBytesMax + 100);
}

TEST(LogLevel, HasTheWordsOfTheSetting) {
  for (const auto* word : {"trace", "debug", "info", "warn", "error", "critical", "off"}) {
    ASSERT_TRUE(level_of(word)) << word;
    EXPECT_EQ(to_string(*level_of(word)), word);
  }
  EXPECT_FALSE(level_of("warning"));
  EXPECT_FALSE(level_of(""));
}

TEST(LineBudget, LeavesOutWhatIsTooMuchForASecondAndCountsIt) {
  LineBudget budget(2);
  const TimePoint start{std::chrono::seconds(100)};
  EXPECT_EQ(budget.take(start), 0U);
  EXPECT_EQ(budget.take(start + std::chrono::milliseconds(10)), 0U);
  EXPECT_EQ(budget.take(start + std::chrono::milliseconds(20)), std::nullopt);
  EXPECT_EQ(budget.take(start + std::chrono::milliseconds(999)), std::nullopt);
  EXPECT_EQ(budget.take(start + std::chrono::milliseconds(1'000)), 2U);
  EXPECT_EQ(budget.take(start + std::chrono::milliseconds(1'001)), 0U);
  EXPECT_EQ(budget.take(start + std::chrono::milliseconds(1'002)), std::nullopt);
}

TEST(Quoted, LeavesTheWordsOfOthersOut) {
  EXPECT_EQ(without_quotation("endpoint x: answered 400; it said: text 'secret' is odd"),
            "endpoint x: answered 400");
  EXPECT_EQ(without_quotation("shard 1 is down"), "shard 1 is down");
}

}  // namespace
}  // namespace mosaic::log
