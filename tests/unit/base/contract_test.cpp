#include <gtest/gtest.h>

#include <limits>

#include "base/checksum.hpp"
#include "base/json_writer.hpp"
#include "base/utf8.hpp"
#include "mosaic/search.hpp"

namespace mosaic {
namespace {

CollectionSettings settings() {
  CollectionSettings made;
  made.name = "docs";
  made.dimension = 2;
  return made;
}

TEST(Contract, RefusesNamesThatCouldLeaveTheFolder) {
  for (const auto* name : {"", "..", ".", "a/b", "-a", "a b", "ü"}) {
    auto made = settings();
    made.name = name;
    EXPECT_FALSE(validate(made)) << name;
  }
  auto longest = settings();
  longest.name = std::string(128, 'x');
  EXPECT_TRUE(validate(longest));
  longest.name += 'x';
  EXPECT_FALSE(validate(longest));
}

TEST(Contract, NamesFieldAndValueOfABadSetting) {
  auto made = settings();
  made.dimension = kDimensionMax + 1;
  EXPECT_EQ(validate(made).error().detail, "dimension is 65537, must be 1 to 65536");
  made = settings();
  made.indexed = {"a..b"};
  EXPECT_EQ(validate(made).error().detail, "indexed path 'a..b' is not a dotted metadata path");
}

TEST(Contract, TakesReplicasUpToTheirLimit) {
  auto made = settings();
  for (const auto good : {std::uint32_t{1}, kReplicasMax}) {
    made.replicas = good;
    EXPECT_TRUE(validate(made)) << good;
  }
  made.replicas = 0;
  EXPECT_EQ(validate(made).error().detail, "replicas is 0, must be 1 to 7");
  made.replicas = kReplicasMax + 1;
  EXPECT_EQ(validate(made).error().detail, "replicas is 8, must be 1 to 7");
}

TEST(Contract, TakesEndpointsAsEmbedders) {
  for (const auto* good :
       {"openai:http://host", "openai:https://host:1/v1/#model", "openai:http://h?a=b"}) {
    auto made = settings();
    made.embedder = good;
    EXPECT_TRUE(validate(made)) << good;
    made.dimension = 0;
    EXPECT_TRUE(validate(made)) << good;
  }
  auto made = settings();
  made.dimension = 0;
  EXPECT_EQ(validate(made).error().detail, "dimension is 0, must be 1 to 65536");
}

TEST(Contract, NamesWhatIsWrongWithAnEndpoint) {
  const auto detail = [](const std::string& embedder) {
    auto made = settings();
    made.embedder = embedder;
    return validate(made).error().detail;
  };
  EXPECT_EQ(detail("openai:"), "embedder 'openai:' is not openai: and an http:// or https:// URL");
  EXPECT_EQ(detail("openai:ftp://h"),
            "embedder 'openai:ftp://h' is not openai: and an http:// or https:// URL");
  EXPECT_EQ(detail("openai:http://"), "embedder 'openai:http://' names no host");
  EXPECT_EQ(detail("openai:http://:1/v1"), "embedder 'openai:http://:1/v1' names no host");
  EXPECT_EQ(detail("openai:http://h#"), "embedder 'openai:http://h#' ends in '#' without a model");
  EXPECT_EQ(detail("openai:http://h/a b"),
            "embedder 'openai:http://h/a b' holds a character that no URL holds");
  EXPECT_NE(detail("openai:http://key@h").find("embedding.api_key"), std::string::npos);
  EXPECT_EQ(detail("openai:http://" + std::string(kEmbedderBytesMax, 'h')),
            "embedder has 2062 bytes, at most 2048");
  EXPECT_EQ(detail("model:"), "embedder 'model:' names no folder");
  EXPECT_EQ(detail("model:a\nb"), "embedder 'model:a\nb' holds a control character");
  EXPECT_EQ(detail("model:/srv/model"), "");
  EXPECT_EQ(detail("glove"),
            "embedder 'glove' is not one of builtin, hash, none, model:PATH, openai:URL");
}

TEST(Contract, NamesWhatDiffersInAConflict) {
  auto wanted = settings();
  wanted.dimension = 3;
  EXPECT_EQ(settings_conflict(settings(), wanted).detail,
            "collection 'docs' exists with other settings: dimension is 2, not 3");
}

TEST(Contract, RefusesVectorsWithoutAMeaning) {
  const auto nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(validate_vector({1, nan}, settings()).error().detail,
            "vector[1] is not a finite 32-bit number");
  EXPECT_FALSE(validate_vector({0, 0}, settings()));
  auto l2 = settings();
  l2.metric = Metric::kL2;
  EXPECT_TRUE(validate_vector({0, 0}, l2));
}

TEST(Contract, TakesIdsUpToTheirLimitWithoutControlCharacters) {
  EXPECT_TRUE(validate_id(std::string(kIdBytesMax, 'x'), "id"));
  EXPECT_FALSE(validate_id(std::string(kIdBytesMax + 1, 'x'), "id"));
  EXPECT_FALSE(validate_id(std::string("a\0b", 3), "id"));
  EXPECT_FALSE(validate_id("a\nb", "id"));
  EXPECT_FALSE(validate_id("a\x7f", "id"));
  EXPECT_FALSE(validate_id("a\u0080", "id"));
  EXPECT_FALSE(validate_id("\u009f\u00a0", "id"));
  EXPECT_TRUE(validate_id("\u00a0\u0100\u0480", "id"));
}

TEST(Contract, TextMayHoldNewlinesButNoNul) {
  Document document;
  document.id = "a";
  document.text = "line\nline\x01";
  EXPECT_TRUE(validate(document, settings()));
  document.text = std::string("a\0b", 3);
  EXPECT_EQ(validate(document, settings()).error().detail, "text holds a NUL character");
}

TEST(Utf8, FollowsTheBook) {
  for (const auto* good : {"", "abc", "ü", "€", "\xf0\x9f\x90\x98", "\xef\xbf\xbf"})
    EXPECT_TRUE(is_utf8(good));
  for (const auto* bad :
       {"\xff", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "a\x80"}) {
    EXPECT_FALSE(is_utf8(bad));
  }
}

TEST(JsonWriter, EscapesAndPlacesCommas) {
  JsonWriter json;
  json.begin_object()
      .key("a")
      .string("q\"\\\n\x01")
      .key("b")
      .begin_array()
      .number(1)
      .number(0.5)
      .null();
  json.end_array().key("c").boolean(true).end_object();
  EXPECT_EQ(json.take(), "{\"a\":\"q\\\"\\\\\\n\\u0001\",\"b\":[1,0.5,null],\"c\":true}");
}

TEST(JsonWriter, WritesHugeNumbersSoThatTheyReadBack) {
  JsonWriter json;
  json.begin_array().number(18446744073709551616.0).number(1e300).end_array();
  EXPECT_EQ(json.take(), "[1.8446744073709552e+19,1e+300]");
}

TEST(HomeShard, IsPartOfTheFormatAndNeverChanges) {
  EXPECT_EQ(checksum("0ad"), checksum("0ad", 0));
  EXPECT_EQ(home_shard("0ad", 1), ShardId{0});
  std::vector<std::uint32_t> homes;
  for (const auto* id : {"a", "b", "c", "0ad", "päckchen"})
    homes.push_back(home_shard(id, 16).value);
  EXPECT_EQ(homes, (std::vector<std::uint32_t>{15, 15, 11, 6, 6}));
}

}  // namespace
}  // namespace mosaic
