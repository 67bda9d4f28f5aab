#include "text/salient_words.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/utf8.hpp"

namespace mosaic::text {
namespace {

std::size_t count_words(const std::string& query) {
  if (query.empty()) return 0;
  return static_cast<std::size_t>(std::count(query.begin(), query.end(), ' ')) + 1;
}

TEST(SalientWords, ComeByHowOftenTheyOccur) {
  EXPECT_EQ(salient_words("", "proxy cache proxy tunnel cache proxy"), "proxy cache tunnel");
}

TEST(SalientWords, CountMoreInTheTitle) {
  EXPECT_EQ(salient_words("Nginx", "proxy proxy proxy"), "nginx proxy");
  EXPECT_EQ(salient_words("Nginx", "proxy proxy proxy proxy proxy"), "proxy nginx");
}

TEST(SalientWords, CountLessWhereAnyProseUsesThem) {
  EXPECT_EQ(salient_words("", "system kernel"), "kernel system");
}

TEST(SalientWords, CountAllFormsOfAWordAndGiveTheFirst) {
  EXPECT_EQ(salient_words("", "kernel compiles compiled compiling kernel"), "compiles kernel");
}

TEST(SalientWords, LeaveOutStopWordsUnlessThereIsNothingElse) {
  EXPECT_EQ(salient_words("The", "nginx of the web"), "nginx web");
  EXPECT_EQ(salient_words("To be", "or not to be"), "to be or not");
}

TEST(SalientWords, KeepTheOrderOfTheDocumentAmongEquals) {
  EXPECT_EQ(salient_words("zeta", "gamma beta alpha"), "zeta gamma beta alpha");
}

TEST(SalientWords, AreNoneWithoutText) {
  EXPECT_EQ(salient_words("", ""), "");
  EXPECT_EQ(salient_words("--", " \n"), "");
}

TEST(SalientWords, HoldTheirLimit) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += fmt::format("w{} ", i);
  EXPECT_EQ(count_words(salient_words("", text)), kSalientWordsMax);
  EXPECT_EQ(salient_words("", text, 2), "w0 w1");
  EXPECT_EQ(salient_words("", text, 0), "");
}

TEST(SalientWords, AreValidText) {
  std::string run(63, 'x');
  for (int i = 0; i < 40; ++i) run += "\u00e9";
  EXPECT_TRUE(is_utf8(salient_words("caf\u00e9", run)));
  EXPECT_EQ(salient_words("caf\u00e9", ""), "caf\u00e9");
}

}  // namespace
}  // namespace mosaic::text
