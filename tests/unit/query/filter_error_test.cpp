#include <gtest/gtest.h>

#include "base/utf8.hpp"
#include "mosaic/search.hpp"
#include "query/filter.hpp"

namespace mosaic::query {
namespace {

/// The detail of the error that `json` must give.
std::string error_of(std::string_view json) {
  const auto parsed = Filter::parse(json);
  if (parsed.ok()) {
    ADD_FAILURE() << "accepted: " << json;
    return {};
  }
  EXPECT_EQ(parsed.error().code, ErrorCode::kInvalidArgument);
  EXPECT_TRUE(parsed.error().detail.starts_with("filter: ")) << parsed.error().detail;
  return parsed.error().detail;
}

testing::AssertionResult says(const std::string& detail, std::string_view part) {
  if (detail.find(part) != std::string::npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "'" << detail << "' does not say '" << part << "'";
}

std::string nested(std::size_t depth) {
  std::string json = R"({"a":)" + std::string(depth - 1, '[');
  return json + std::string(depth - 1, ']') + "}";
}

std::string list_of(std::size_t values) {
  std::string json = R"({"a":{"$in":[0)";
  for (std::size_t i = 1; i < values; ++i) json += ",1";
  return json + "]}}";
}

TEST(FilterErrors, NameAnUnknownOperatorAndItsPath) {
  EXPECT_EQ(error_of(R"({"size":{"$near":5}})"), "filter: unknown operator '$near' at 'size'");
  EXPECT_EQ(error_of(R"({"$nor":[{"a":1}]})"), "filter: unknown operator '$nor'");
  EXPECT_EQ(error_of(R"({"$id.x":1})"), "filter: unknown operator '$id.x'");
  EXPECT_EQ(error_of(R"({"a":{"$not":{"$near":5}}})"), "filter: unknown operator '$near' at 'a'");
}

TEST(FilterErrors, RefuseTextThatIsNoJson) {
  for (const auto* json : {"", "   ", "{", R"({"a":})", R"({"a":1}x)", R"({'a':1})", R"({"a":NaN})",
                           R"({"a":1e999})", "{\"a\":\"\xff\"}"}) {
    EXPECT_TRUE(says(error_of(json), "not valid JSON"));
  }
}

TEST(FilterErrors, RefuseWhatIsNoObject) {
  for (const auto* json : {"1", "null", "[]", R"("a")", "true"}) {
    EXPECT_TRUE(says(error_of(json), "a filter is an object, not"));
  }
}

TEST(FilterErrors, RefuseOrderingsOfOtherTypes) {
  EXPECT_EQ(error_of(R"({"size":{"$gt":true}})"),
            "filter: $gt at 'size' takes a number or a string, not true");
  for (const auto* operand : {"null", "[1]", R"({"x":1})", "false"}) {
    for (const auto* name : {"$gt", "$gte", "$lt", "$lte"}) {
      const auto json = std::string(R"({"a":{")") + name + "\":" + operand + "}}";
      EXPECT_TRUE(says(error_of(json), operand));
    }
  }
}

TEST(FilterErrors, RefuseOperandsOfTheWrongKind) {
  EXPECT_EQ(error_of(R"({"a":{"$in":5}})"), "filter: $in at 'a' takes an array, not 5");
  EXPECT_EQ(error_of(R"({"a":{"$nin":"x"}})"), "filter: $nin at 'a' takes an array, not \"x\"");
  EXPECT_EQ(error_of(R"({"a":{"$exists":1}})"),
            "filter: $exists at 'a' takes true or false, not 1");
  EXPECT_TRUE(says(error_of(R"({"a":{"$not":5}})"), "$not at 'a' takes an object of operators"));
  EXPECT_TRUE(says(error_of(R"({"a":{"$not":{}}})"), "takes an object of operators, not {}"));
}

TEST(FilterErrors, RefuseListsThatAreNone) {
  EXPECT_EQ(error_of(R"({"$and":{"a":1}})"),
            "filter: $and takes an array of one or more filters, not {\"a\":1}");
  EXPECT_TRUE(says(error_of(R"({"$or":[]})"), "one or more filters, not []"));
  EXPECT_EQ(error_of(R"({"$or":[1]})"), "filter: a filter is an object, not 1");
  EXPECT_EQ(error_of(R"({"$not":[]})"), "filter: a filter is an object, not []");
}

TEST(FilterErrors, RefuseOperatorsInTheWrongPlace) {
  EXPECT_EQ(error_of(R"({"$gt":5})"), "filter: operator '$gt' needs a path in front of it");
  EXPECT_EQ(error_of(R"({"a":{"$or":[{"b":1}]}})"),
            "filter: $or combines whole filters and cannot stand at 'a'");
}

TEST(FilterErrors, RefuseKeysAmongOperators) {
  EXPECT_EQ(error_of(R"({"a":{"$gt":1,"x":2}})"), "filter: 'x' at 'a' stands among operators");
  EXPECT_EQ(error_of(R"({"a":{"x":2,"$gt":1}})"), "filter: 'x' at 'a' stands among operators");
  EXPECT_EQ(error_of(R"({"a":{"$not":{"x":1}}})"), "filter: 'x' at 'a' stands among operators");
}

TEST(FilterErrors, RefusePathsWithAnEmptyPart) {
  for (const auto* path : {"", ".", "a.", ".a", "a..b"}) {
    EXPECT_EQ(error_of(std::string("{\"") + path + "\":1}"),
              std::string("filter: path '") + path + "' has an empty part");
  }
}

TEST(FilterErrors, CutLongValuesBetweenCharacters) {
  for (std::size_t shift = 0; shift < 3; ++shift) {
    std::string value(shift, 'x');
    for (int i = 0; i < 100; ++i) value += "\u20ac";
    const auto detail = error_of(R"({"a":{"$in":")" + value + "\"}}");
    EXPECT_TRUE(is_utf8(detail)) << detail;
    EXPECT_LT(detail.size(), 200u);
  }
}

TEST(FilterErrors, HoldTheLimitOnDepth) {
  EXPECT_TRUE(Filter::parse(nested(kFilterDepthMax)).ok());
  EXPECT_EQ(error_of(nested(kFilterDepthMax + 1)), "filter: nested deeper than 32 levels");
  EXPECT_TRUE(says(error_of(nested(900)), "nested deeper"));
  EXPECT_TRUE(says(error_of(nested(30'000)), "filter: "));
}

TEST(FilterErrors, HoldTheLimitOnValues) {
  EXPECT_TRUE(Filter::parse(list_of(kFilterValuesMax)).ok());
  EXPECT_EQ(error_of(list_of(kFilterValuesMax + 1)), "filter: more than 10000 values");
}

TEST(FilterErrors, HoldTheLimitOnBytes) {
  std::string json = R"({"a":1})";
  json.resize(kFilterBytesMax, ' ');
  EXPECT_TRUE(Filter::parse(json).ok());
  json += ' ';
  EXPECT_EQ(error_of(json), "filter: 65537 bytes, at most 65536");
}

}  // namespace
}  // namespace mosaic::query
