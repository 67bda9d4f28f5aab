#include "text/words.hpp"

#include <gtest/gtest.h>

namespace mosaic::text {
namespace {

using Words = std::vector<std::string_view>;

TEST(Words, AreRunsOfLettersAndDigits) {
  EXPECT_EQ(words_of("c++20, x86-64; it's_", 10), (Words{"c", "20", "x86", "64", "it", "s"}));
  EXPECT_TRUE(words_of("", 10).empty());
  EXPECT_TRUE(words_of(" .,;\n\t", 10).empty());
}

TEST(Words, KeepBytesBeyondAscii) {
  EXPECT_EQ(words_of("caf\u00e9 \u65e5\u672c", 10), (Words{"caf\u00e9", "\u65e5\u672c"}));
}

TEST(Words, EndAtPunctuationBeyondAscii) {
  EXPECT_EQ(words_of("\u201cquoted\u201d\u2014dash\u00a0space\u3002\u7d42", 10),
            (Words{"quoted", "dash", "space", "\u7d42"}));
}

TEST(Words, SurviveBytesThatAreNoUtf8) {
  EXPECT_EQ(words_of("a\xe2", 10), (Words{"a\xe2"}));
  EXPECT_EQ(words_of("a\xc2", 10), (Words{"a"}));
  EXPECT_EQ(words_of("\xe2\x80", 10), Words{});
}

TEST(Words, AreCutAtTheirLimit) {
  const std::string run(kWordBytesMax + 1, 'x');
  EXPECT_EQ(words_of(run, 10), (Words{std::string_view(run).substr(1), "x"}));
}

TEST(Words, AreNoMoreThanAskedFor) {
  EXPECT_EQ(words_of("a b c", 2), (Words{"a", "b"}));
}

TEST(AsciiLower, FoldsAsciiOnly) {
  EXPECT_EQ(ascii_lower("AbZ \u00c9@["), "abz \u00c9@[");
}

}  // namespace
}  // namespace mosaic::text
