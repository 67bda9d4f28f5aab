#include "query/metadata.hpp"

#include <gtest/gtest.h>

#include "mosaic/document.hpp"

namespace mosaic::query {
namespace {

/// An object of so many levels.
std::string nested(std::size_t levels) {
  std::string text = "{\"a\":";
  for (std::size_t i = 1; i < levels; ++i) text += '[';
  text += '1';
  for (std::size_t i = 1; i < levels; ++i) text += ']';
  return text + '}';
}

TEST(Metadata, LosesItsWhiteSpaceAndNothingElse) {
  EXPECT_EQ(*minified_metadata(" { \"a b\" : [ 1.0 , 1e2 ] ,\n\"c\":\" \" } "),
            R"({"a b":[1.0,1e2],"c":" "})");
  EXPECT_EQ(*minified_metadata("{}"), "{}");
}

TEST(Metadata, IsOneJsonObject) {
  for (const auto* text : {"", " ", "1", "[]", "\"a\"", "null", "{", "{} {}", "{\"a\":1. 5}",
                           "{\"a\":tru e}", "{\"a\":\"\xff\"}"}) {
    const auto read = minified_metadata(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, ErrorCode::kInvalidArgument);
  }
}

TEST(Metadata, HoldsNoNulInKeysOrValues) {
  EXPECT_FALSE(minified_metadata(R"({"a":"\u0000"})"));
  EXPECT_FALSE(minified_metadata(R"({"\u0000":1})"));
  EXPECT_FALSE(minified_metadata(R"({"a":[{"b":"x\u0000"}]})"));
}

TEST(Metadata, IsNoDeeperThanTheLimit) {
  EXPECT_TRUE(minified_metadata(nested(kMetadataDepthMax)));
  EXPECT_FALSE(minified_metadata(nested(kMetadataDepthMax + 1)));
  EXPECT_FALSE(minified_metadata(nested(20'000)));
}

TEST(Metadata, IsNoLongerThanTheLimit) {
  const auto filled = [](std::size_t bytes) {
    return "{\"a\":\"" + std::string(bytes - 8, 'x') + "\"}";
  };
  EXPECT_TRUE(minified_metadata(filled(kMetadataBytesMax)));
  EXPECT_EQ(minified_metadata(filled(kMetadataBytesMax + 1)).error().code,
            ErrorCode::kPayloadTooLarge);
}

}  // namespace
}  // namespace mosaic::query
