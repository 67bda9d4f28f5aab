#include "net/url.hpp"

#include <gtest/gtest.h>

namespace mosaic::net {
namespace {

TEST(UrlEscape, KeepsUnreservedCharacters) {
  EXPECT_EQ(escape("libc6-dev_1.2~rc"), "libc6-dev_1.2~rc");
}

TEST(UrlEscape, EncodesEverythingThatHasAMeaningInAnAddress) {
  EXPECT_EQ(escape("a/b?c#d%e&f=g+h i"), "a%2Fb%3Fc%23d%25e%26f%3Dg%2Bh%20i");
}

TEST(UrlEscape, EncodesUtf8ByteByByte) {
  EXPECT_EQ(escape("é"), "%C3%A9");
}

TEST(UrlEscape, DotSegmentsStayIdsInsteadOfFolders) {
  EXPECT_EQ(escape("."), "%2E");
  EXPECT_EQ(escape(".."), "%2E%2E");
  EXPECT_EQ(escape("..."), "...");
}

TEST(UrlEscape, NothingStaysNothing) {
  EXPECT_EQ(escape(""), "");
}

TEST(UrlWithoutQuery, EndsBeforeTheQuestionMark) {
  EXPECT_EQ(without_query("http://a/b?key=SECRET?x"), "http://a/b");
  EXPECT_EQ(without_query("http://a/b"), "http://a/b");
}

}  // namespace
}  // namespace mosaic::net
