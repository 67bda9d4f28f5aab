#include "base/rfc3339.hpp"

#include <gtest/gtest.h>

#include <ctime>
#include <random>

namespace mosaic {
namespace {

TEST(Rfc3339, TheExamplesOfTheRfcAreRead) {
  EXPECT_EQ(parse_rfc3339("1985-04-12T23:20:50.52Z"), 482'196'050'520);
  EXPECT_EQ(parse_rfc3339("1996-12-19T16:39:57-08:00"), 851'042'397'000);
  EXPECT_EQ(parse_rfc3339("1990-12-31T23:59:60Z"), 662'688'000'000);
  EXPECT_EQ(parse_rfc3339("1990-12-31T15:59:60-08:00"), 662'688'000'000);
  EXPECT_EQ(parse_rfc3339("1937-01-01T12:00:27.87+00:20"), -1'041'337'172'130);
}

TEST(Rfc3339, LettersMayBeSmallAndFractionsOfAnyLength) {
  EXPECT_EQ(parse_rfc3339("1970-01-01t00:00:00z"), 0);
  EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:00.5Z"), 500);
  EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:00.001999999999999999999999Z"), 1);
}

TEST(Rfc3339, AnythingElseIsRefused) {
  for (const auto* text : {"",
                           "now",
                           "1970",
                           "1970-01-01",
                           "1970-01-01T00:00:00",
                           "1970-01-01 00:00:00Z",
                           "1970-01-01T00:00Z",
                           "1970-01-01T00:00:00.Z",
                           "1970-01-01T00:00:00,5Z",
                           "1970-01-01T00:00:00+0100",
                           "1970-01-01T00:00:00+01",
                           "1970-01-01T24:00:00Z",
                           "1970-01-01T00:60:00Z",
                           "1970-01-01T00:00:61Z",
                           "1970-01-01T00:00:00+24:00",
                           "1970-01-01T00:00:00+00:60",
                           "1970-00-01T00:00:00Z",
                           "1970-13-01T00:00:00Z",
                           "1970-01-00T00:00:00Z",
                           "1970-04-31T00:00:00Z",
                           "1971-02-29T00:00:00Z",
                           "1900-02-29T00:00:00Z",
                           "+1970-01-01T00:00:00Z",
                           "1970-01-01T00:00:00Z ",
                           " 1970-01-01T00:00:00Z",
                           "1970-1-01T00:00:00Z",
                           "1970-01-01T00:00:00ZZ"})
    EXPECT_FALSE(parse_rfc3339(text)) << text;
  EXPECT_TRUE(parse_rfc3339("2000-02-29T00:00:00Z"));
}

TEST(Rfc3339, WhatIsWrittenIsReadAsTheSameMomentThatTheSystemKnows) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  for (int i = 0; i < 2'000; ++i) {
    const auto ms =
        static_cast<std::int64_t>(random() % 250'000'000'000'000ULL) - 60'000'000'000'000;
    const auto text = to_rfc3339(ms);
    EXPECT_EQ(parse_rfc3339(text), ms) << text;
    const std::time_t seconds = (ms - (ms % 1'000 + 1'000) % 1'000) / 1'000;
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    char expected[32];
    ASSERT_NE(std::strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%S", &utc), 0U);
    EXPECT_EQ(text.substr(0, 19), expected);
  }
}

}  // namespace
}  // namespace mosaic
