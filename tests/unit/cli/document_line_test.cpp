#include "cli/import/document_line.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace mosaic::cli {
namespace {

std::string converted(std::string_view line) {
  const auto record = parse_document_line(line);
  return record ? to_json(*record) : "error: " + record.error().detail;
}

TEST(DocumentLine, ADocumentStaysWhatItIs) {
  const std::string line =
      R"({"id":"a","title":"T","text":"x\ny","vector":[1,-0.0,1e-7],"metadata":{"n":1.0},"links":["b"]})";
  EXPECT_EQ(converted(line), line);
}

TEST(DocumentLine, FurtherKeysBecomeMetadata) {
  EXPECT_EQ(
      converted(R"({"id":"a","section":"net","size":10,"tags":["x",{"y":[]}],"none":null})"),
      R"({"id":"a","metadata":{"section":"net","size":10,"tags":["x",{"y":[]}],"none":null}})");
}

TEST(DocumentLine, ExplicitMetadataWinsOverFurtherKeys) {
  EXPECT_EQ(converted(R"({"size":1,"id":"a","metadata":{"size":2},"other":3})"),
            R"({"id":"a","metadata":{"size":2,"other":3}})");
}

TEST(DocumentLine, NumbersArriveAsTheyWereWritten) {
  EXPECT_EQ(
      converted(R"({"id":"a","n":123456789012345678901234567890,"f":1.50,"e":1E5,"z":-0})"),
      R"({"id":"a","metadata":{"n":123456789012345678901234567890,"f":1.50,"e":1E5,"z":-0}})");
}

TEST(DocumentLine, NullIsAbsent) {
  EXPECT_EQ(converted(R"({"id":"a","title":null,"vector":null,"metadata":null,"links":null})"),
            R"({"id":"a"})");
}

TEST(DocumentLine, BlanksBetweenTokensAreFine) {
  EXPECT_EQ(converted("  { \"id\" : \"a\" , \"x\" : [ 1 , 2 ] , \"links\" : [ \"b\" , {} ] } \r"),
            R"(error: links[1] must be an object with "to", not {})");
  EXPECT_EQ(converted(" { \"id\" : \"a\" , \"x\" : [ 1 , 2 ] , \"links\" : [ \"b\" ] } "),
            R"({"id":"a","metadata":{"x":[ 1 , 2 ]},"links":["b"]})");
}

TEST(DocumentLine, EscapedKeysAndBracketsInTextsDoNotConfuse) {
  EXPECT_EQ(converted(R"({"\u0069d":"a\"}]","text":"}\\\"{[","k\"ey":"]"})"),
            R"({"id":"a\"}]","text":"}\\\"{[","metadata":{"k\"ey":"]"}})");
}

TEST(DocumentLine, OfAKeyThatComesTwiceTheLastCounts) {
  EXPECT_EQ(converted(R"({"id":"a","id":"b","x":1,"x":2})"), R"({"id":"b","metadata":{"x":2}})");
}

TEST(DocumentLine, MetadataStaysAsItWasWritten) {
  const std::string line =
      R"({"id":"a","metadata":{"k":1,"k":2,"\u00e9":1.0,"n":-0.0,"deep":{"x":[1e5]}}})";
  EXPECT_EQ(converted(line), line);
  EXPECT_EQ(converted(R"({"id":"a","metadata":{}})"), R"({"id":"a","metadata":{}})");
}

TEST(DocumentLine, LinksAreIdsOrObjects) {
  EXPECT_EQ(converted(R"({"id":"a","links":["b",{"to":"c","kind":"k","weight":0.5},{"to":"d"}]})"),
            R"({"id":"a","links":["b",{"to":"c","kind":"k","weight":0.5},"d"]})");
}

TEST(DocumentLine, KnowsTheDimensionOfItsVector) {
  EXPECT_EQ(parse_document_line(R"({"id":"a","vector":[1,2,3]})")->dimension, 3U);
  EXPECT_EQ(parse_document_line(R"({"id":"a"})")->dimension, 0U);
}

TEST(DocumentLine, RefusesWhatIsNoDocument) {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {R"({"id":"a")", "not valid JSON: column "},
      {R"({"id":"a"} x)", "not valid JSON: "},
      {R"({"id":"a","n":1e999})", "not valid JSON: number overflow"},
      {"{\"id\":\"\xff\"}", "not valid JSON: "},
      {R"({"id":"a","n":NaN})", "not valid JSON: "},
      {R"(["id"])", "not a JSON object"},
      {R"("text")", "not a JSON object"},
      {R"({"title":"a"})", "id is missing"},
      {R"({"id":17})", "id must be a text, not 17"},
      {R"({"id":"a","metadata":[1]})", "metadata must be an object, not [1]"},
      {R"({"id":"a","links":"b"})", "links must be an array, not \"b\""},
      {R"({"id":"a","links":[1]})", "links[0] must be an id or an object, not 1"},
      {R"({"id":"a","links":[{"to":1}]})", "links[0].to must be a text, not 1"},
      {R"({"id":"a","links":[{"to":"b","weight":"x"}]})", "links[0].weight must be a number"},
      {R"({"id":"a","links":[{"to":"b","label":"x"}]})", "links[0] has an unknown field 'label'"},
  };
  for (const auto& [line, message] : wrong) {
    EXPECT_EQ(converted(line).find("error: " + message), 0U) << converted(line);
  }
}

TEST(DocumentLine, DeepNestingIsNoDanger) {
  const std::string deep(200'000, '[');
  EXPECT_EQ(converted(R"({"id":"a","x":)" + deep).find("error: not valid JSON"), 0U);
  const auto closed = deep + std::string(200'000, ']');
  EXPECT_EQ(converted(R"({"id":"a","x":)" + closed + "}"),
            R"({"id":"a","metadata":{"x":)" + closed + "}}");
}

TEST(DocumentLine, ManyKeysTakeLinearTime) {
  std::string line = R"({"id":"a")";
  for (int i = 0; i < 100'000; ++i) line += ",\"k" + std::to_string(i) + "\":1";
  EXPECT_TRUE(parse_document_line(line + "}").ok());
}

TEST(MergeLinks, AddsEdgesAndKeepsEachOnce) {
  std::vector<Link> links = {{"a", "", 1}, {"b", "k", 2}};
  merge_links(links, {{"c", "k", 1}, {"b", "k", 1}, {"c", "k", 1}});
  EXPECT_EQ(links, (std::vector<Link>{{"a", "", 1}, {"b", "k", 2}, {"c", "k", 1}}));
}

TEST(MergeLinks, AKindReplacesALinkWithoutOne) {
  std::vector<Link> links = {{"a", "", 1}, {"b", "", 1}};
  merge_links(links, {{"a", "depends", 1}, {"a", "suggests", 1}});
  EXPECT_EQ(links, (std::vector<Link>{{"b", "", 1}, {"a", "depends", 1}, {"a", "suggests", 1}}));
}

TEST(MergeLinks, AnEdgeWithoutAKindGivesWayToOneThatHasIt) {
  std::vector<Link> links = {{"a", "k", 1}};
  merge_links(links, {{"a", "", 1}, {"b", "", 1}, {"b", "k", 1}, {"c", "", 1}, {"c", "", 1}});
  EXPECT_EQ(links, (std::vector<Link>{{"a", "k", 1}, {"b", "k", 1}, {"c", "", 1}}));
}

}  // namespace
}  // namespace mosaic::cli
