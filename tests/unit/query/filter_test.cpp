#include "query/filter.hpp"

#include <gtest/gtest.h>

#include "base/failure.hpp"

namespace mosaic::query {
namespace {

Filter filter(std::string_view json) {
  auto parsed = Filter::parse(json);
  if (!parsed) ADD_FAILURE() << json << ": " << parsed.error().detail;
  return std::move(parsed).value();
}

bool matches(std::string_view json, std::string_view metadata) {
  return filter(json).matches({.id = "x", .metadata = metadata});
}

TEST(Filter, OfNothingMatchesAll) {
  EXPECT_TRUE(matches("{}", ""));
  EXPECT_TRUE(matches(" { } ", R"({"a":1})"));
}

TEST(Filter, TakesABareValueAsEquality) {
  EXPECT_TRUE(matches(R"({"section":"net"})", R"({"section":"net"})"));
  EXPECT_FALSE(matches(R"({"section":"net"})", R"({"section":"nets"})"));
  EXPECT_TRUE(matches(R"({"a":true})", R"({"a":true})"));
  EXPECT_FALSE(matches(R"({"a":true})", R"({"a":false})"));
}

TEST(Filter, ComparesNumbersByValueWhateverTheirForm) {
  EXPECT_TRUE(matches(R"({"a":1})", R"({"a":1.0})"));
  EXPECT_TRUE(matches(R"({"a":1.0})", R"({"a":1})"));
  EXPECT_TRUE(matches(R"({"a":1e2})", R"({"a":100})"));
  EXPECT_TRUE(matches(R"({"a":0})", R"({"a":-0.0})"));
  EXPECT_FALSE(matches(R"({"a":1})", R"({"a":1.5})"));
}

TEST(Filter, ComparesWithinOneTypeOnly) {
  EXPECT_FALSE(matches(R"({"a":1})", R"({"a":"1"})"));
  EXPECT_FALSE(matches(R"({"a":1})", R"({"a":true})"));
  EXPECT_FALSE(matches(R"({"a":true})", R"({"a":1})"));
  EXPECT_FALSE(matches(R"({"a":"true"})", R"({"a":true})"));
  EXPECT_FALSE(matches(R"({"a":{"$gt":0}})", R"({"a":"5"})"));
  EXPECT_FALSE(matches(R"({"a":{"$lt":"x"}})", R"({"a":5})"));
  EXPECT_FALSE(matches(R"({"a":{"$gte":0}})", R"({"a":true})"));
}

TEST(Filter, ComparesIntegersBeyondDoublesExactly) {
  EXPECT_FALSE(matches(R"({"a":9007199254740993})", R"({"a":9007199254740992})"));
  EXPECT_TRUE(matches(R"({"a":{"$gt":9007199254740992}})", R"({"a":9007199254740993})"));
  EXPECT_FALSE(matches(R"({"a":18446744073709551615})", R"({"a":18446744073709551614})"));
  EXPECT_TRUE(matches(R"({"a":{"$gt":9223372036854775807}})", R"({"a":9223372036854775808})"));
  EXPECT_FALSE(matches(R"({"a":9223372036854775807})", R"({"a":9223372036854775808.0})"));
  EXPECT_TRUE(matches(R"({"a":9223372036854775808})", R"({"a":9223372036854775808.0})"));
}

TEST(Filter, OrdersNumbers) {
  EXPECT_TRUE(matches(R"({"a":{"$gt":1}})", R"({"a":1.5})"));
  EXPECT_FALSE(matches(R"({"a":{"$gt":1}})", R"({"a":1})"));
  EXPECT_TRUE(matches(R"({"a":{"$gte":1}})", R"({"a":1})"));
  EXPECT_TRUE(matches(R"({"a":{"$lt":-1}})", R"({"a":-2})"));
  EXPECT_FALSE(matches(R"({"a":{"$lt":-1}})", R"({"a":-1})"));
  EXPECT_TRUE(matches(R"({"a":{"$lte":-1}})", R"({"a":-1.0})"));
}

TEST(Filter, OrdersStringsByTheirBytes) {
  EXPECT_TRUE(matches(R"({"a":{"$gt":"B"}})", R"({"a":"a"})"));
  EXPECT_TRUE(matches(R"({"a":{"$lt":"ab"}})", R"({"a":"a"})"));
  EXPECT_TRUE(matches(R"({"a":{"$gt":"z"}})", "{\"a\":\"\u00e9\"}"));
  EXPECT_TRUE(matches(R"({"a":{"$gte":""}})", R"({"a":""})"));
}

TEST(Filter, AppliesSeveralOperatorsTogether) {
  EXPECT_TRUE(matches(R"({"a":{"$gt":1,"$lt":3}})", R"({"a":2})"));
  EXPECT_FALSE(matches(R"({"a":{"$gt":1,"$lt":3}})", R"({"a":3})"));
}

TEST(Filter, AppliesSeveralPathsTogether) {
  EXPECT_TRUE(matches(R"({"a":1,"b":2})", R"({"b":2,"a":1})"));
  EXPECT_FALSE(matches(R"({"a":1,"b":2})", R"({"a":1})"));
}

TEST(Filter, ReachesIntoObjectsByDots) {
  EXPECT_TRUE(matches(R"({"a.b.c":1})", R"({"a":{"b":{"c":1}}})"));
  EXPECT_FALSE(matches(R"({"a.b":1})", R"({"a":1})"));
  EXPECT_FALSE(matches(R"({"a.b":1})", R"({"a.b":1})"));
  EXPECT_FALSE(matches(R"({"a.b":1})", R"({"a":[{"b":1}]})"));
}

TEST(Filter, ReachesTheDocumentsOwnFields) {
  const DocumentFields document{.id = "nginx", .title = "web server", .text = {}, .metadata = ""};
  EXPECT_TRUE(filter(R"({"$id":"nginx"})").matches(document));
  EXPECT_TRUE(filter(R"({"$id":{"$in":["apache","nginx"]}})").matches(document));
  EXPECT_TRUE(filter(R"({"$title":{"$contains":"serv"}})").matches(document));
  EXPECT_TRUE(filter(R"({"$text":{"$exists":false}})").matches(document));
  EXPECT_TRUE(filter(R"({"$text":null})").matches(document));
  EXPECT_FALSE(filter(R"({"$id":{"$gt":5}})").matches(document));
}

TEST(Filter, KeepsMetadataKeysApartFromOwnFields) {
  EXPECT_FALSE(filter(R"({"title":"a"})").matches({.id = "x", .title = "a", .metadata = "{}"}));
}

TEST(Filter, MatchesNoComparisonWhereThePathIsMissingOrNull) {
  for (const auto* metadata : {"", "{}", R"({"a":null})"}) {
    for (const auto* test :
         {R"({"a":1})", R"({"a":{"$gt":0}})", R"({"a":{"$lte":"x"}})", R"({"a":{"$in":[1,"x"]}})",
          R"({"a":{"$exists":true}})", R"({"a":{"$contains":"x"}})", R"({"a":{}})"}) {
      EXPECT_FALSE(matches(test, metadata)) << test << " on " << metadata;
    }
  }
}

TEST(Filter, MatchesNegationsWhereThePathIsMissingOrNull) {
  for (const auto* metadata : {"", "{}", R"({"a":null})"}) {
    for (const auto* test :
         {R"({"a":{"$ne":1}})", R"({"a":{"$nin":[1,"x"]}})", R"({"a":{"$not":{"$gt":0}}})",
          R"({"a":{"$exists":false}})", R"({"$not":{"a":1}})", R"({"a":null})",
          R"({"a":{"$in":[null]}})", R"({"a":{"$not":{"$contains":"x"}}})"}) {
      EXPECT_TRUE(matches(test, metadata)) << test << " on " << metadata;
    }
  }
}

TEST(Filter, TakesNullAsNotThere) {
  EXPECT_TRUE(matches(R"({"a":{"$eq":null}})", R"({"b":1})"));
  EXPECT_FALSE(matches(R"({"a":null})", R"({"a":0})"));
  EXPECT_TRUE(matches(R"({"a":{"$ne":null}})", R"({"a":0})"));
  EXPECT_FALSE(matches(R"({"a":{"$ne":null}})", R"({"a":null})"));
  EXPECT_TRUE(matches(R"({"a":{"$in":[1,null]}})", "{}"));
  EXPECT_TRUE(matches(R"({"a":{"$in":[1,null]}})", R"({"a":1})"));
  EXPECT_FALSE(matches(R"({"a":{"$nin":[1,null]}})", "{}"));
  EXPECT_TRUE(matches(R"({"a":{"$nin":[1,null]}})", R"({"a":2})"));
}

TEST(Filter, FindsOneOfMixedValues) {
  const auto* test = R"({"a":{"$in":[1,"one",true,[1],{"n":1}]}})";
  for (const auto* metadata :
       {R"({"a":1.0})", R"({"a":"one"})", R"({"a":true})", R"({"a":[1]})", R"({"a":{"n":1}})"}) {
    EXPECT_TRUE(matches(test, metadata)) << metadata;
  }
  for (const auto* metadata : {R"({"a":2})", R"({"a":"1"})", R"({"a":false})", R"({"a":[2]})"}) {
    EXPECT_FALSE(matches(test, metadata)) << metadata;
  }
}

TEST(Filter, FindsNothingInAnEmptyList) {
  EXPECT_FALSE(matches(R"({"a":{"$in":[]}})", R"({"a":1})"));
  EXPECT_TRUE(matches(R"({"a":{"$nin":[]}})", R"({"a":1})"));
}

TEST(Filter, ComparesWholeArraysAndObjects) {
  EXPECT_TRUE(matches(R"({"a":[1,"b"]})", R"({"a":[1.0,"b"]})"));
  EXPECT_FALSE(matches(R"({"a":[1,"b"]})", R"({"a":["b",1]})"));
  EXPECT_FALSE(matches(R"({"a":1})", R"({"a":[1]})"));
  EXPECT_TRUE(matches(R"({"a":{"x":1,"y":{"z":[]}}})", R"({"a":{"y":{"z":[]},"x":1}})"));
  EXPECT_FALSE(matches(R"({"a":{"x":1}})", R"({"a":{"x":1,"y":2}})"));
  EXPECT_TRUE(matches(R"({"a":{}})", R"({"a":{}})"));
  EXPECT_TRUE(matches(R"({"a":{"$eq":{"$gt":1}}})", R"({"a":{"$gt":1}})"));
  EXPECT_TRUE(matches(R"({"a":[null]})", R"({"a":[null]})"));
}

TEST(Filter, DoesNotTakeARepeatedKeyForTwoKeys) {
  EXPECT_FALSE(matches(R"({"a":{"x":1,"y":2}})", R"({"a":{"x":1,"x":1}})"));
}

TEST(Filter, FindsAValueWithinAnArray) {
  EXPECT_TRUE(matches(R"({"a":{"$contains":2}})", R"({"a":[1,2.0]})"));
  EXPECT_FALSE(matches(R"({"a":{"$contains":2}})", R"({"a":["2"]})"));
  EXPECT_TRUE(matches(R"({"a":{"$contains":[1]}})", R"({"a":[[1],2]})"));
  EXPECT_FALSE(matches(R"({"a":{"$contains":[1]}})", R"({"a":[1]})"));
  EXPECT_TRUE(matches(R"({"a":{"$contains":null}})", R"({"a":[null]})"));
}

TEST(Filter, FindsASubstring) {
  EXPECT_TRUE(matches(R"({"a":{"$contains":"bc"}})", R"({"a":"abcd"})"));
  EXPECT_TRUE(matches(R"({"a":{"$contains":""}})", R"({"a":""})"));
  EXPECT_FALSE(matches(R"({"a":{"$contains":"BC"}})", R"({"a":"abcd"})"));
  EXPECT_FALSE(matches(R"({"a":{"$contains":1}})", R"({"a":"1"})"));
  EXPECT_FALSE(matches(R"({"a":{"$contains":"k"}})", R"({"a":{"k":1}})"));
}

TEST(Filter, CombinesFilters) {
  EXPECT_TRUE(matches(R"({"$or":[{"a":1},{"b":2}]})", R"({"b":2})"));
  EXPECT_FALSE(matches(R"({"$or":[{"a":1},{"b":2}]})", R"({"b":1})"));
  EXPECT_TRUE(matches(R"({"$and":[{"a":1},{"b":2}]})", R"({"a":1,"b":2})"));
  EXPECT_FALSE(matches(R"({"$not":{"$or":[{"a":1},{"b":2}]}})", R"({"a":1})"));
  EXPECT_TRUE(matches(R"({"c":3,"$or":[{"a":1},{"b":2}]})", R"({"a":1,"c":3})"));
  EXPECT_FALSE(matches(R"({"$not":{}})", ""));
}

TEST(Filter, NegatesOperatorsBelowAPath) {
  EXPECT_TRUE(matches(R"({"a":{"$not":{"$gt":5}}})", R"({"a":5})"));
  EXPECT_TRUE(matches(R"({"a":{"$not":{"$gt":5}}})", R"({"a":"text"})"));
  EXPECT_FALSE(matches(R"({"a":{"$not":{"$gt":1,"$lt":9}}})", R"({"a":5})"));
  EXPECT_TRUE(matches(R"({"a":{"$not":{"$not":{"$eq":5}}}})", R"({"a":5})"));
}

TEST(Filter, TellsWhichFieldsItNeeds) {
  EXPECT_EQ(filter("{}").fields_needed(), FieldsNeeded{});
  EXPECT_EQ(filter(R"({"$id":"x"})").fields_needed(), FieldsNeeded{});
  EXPECT_EQ(filter(R"({"a":1})").fields_needed(), (FieldsNeeded{.metadata = true}));
  EXPECT_EQ(filter(R"({"$not":{"$title":"a","$text":"b"}})").fields_needed(),
            (FieldsNeeded{.title = true, .text = true}));
}

TEST(Filter, RefusesToJudgeDamagedMetadata) {
  for (const auto* metadata : {"{", "[1]", "nonsense"}) {
    EXPECT_THROW(matches(R"({"a":1})", metadata), Failure) << metadata;
  }
}

TEST(Filter, WorksOnAfterADamagedDocument) {
  const auto test = filter(R"({"a":1})");
  EXPECT_THROW(test.matches({.id = "x", .metadata = "{"}), Failure);
  EXPECT_TRUE(test.matches({.id = "y", .metadata = R"({"a":1})"}));
}

TEST(FilterCanonical, IsTheSameWhateverOrderAndSpelling) {
  const auto same = [](std::string_view a, std::string_view b) {
    EXPECT_EQ(filter(a).canonical(), filter(b).canonical());
  };
  same(R"({"a":1,"b":2})", R"({ "b" : {"$eq": 2.0}, "a":1e0 })");
  same(R"({"a":{"$gt":1,"$lt":3}})", R"({"a":{"$lt":3,"$gt":1}})");
  same(R"({"a":{"$in":[2,1,2,"x"]}})", R"({"a":{"$in":["x",1,2]}})");
  same(R"({"a":{"$in":[1]}})", R"({"a":1})");
  same(R"({"a":null})", R"({"a":{"$exists":false}})");
  same(R"({"$and":[{"a":1},{"$and":[{"b":2}]}]})", R"({"b":2,"a":1})");
  same(R"({"$not":{"$not":{"a":1}}})", R"({"a":1})");
  same(R"({"a":{"x":1,"y":2}})", R"({"a":{"y":2,"x":1}})");
  same(R"({"a":"\u0041"})", R"({"a":"A"})");
}

TEST(FilterCanonical, DiffersWhereTheMeaningDiffers) {
  const auto differ = [](std::string_view a, std::string_view b) {
    EXPECT_NE(filter(a).canonical(), filter(b).canonical());
  };
  differ(R"({"a":1})", R"({"a":"1"})");
  differ(R"({"a":1})", R"({"a":true})");
  differ(R"({"a":[1,2]})", R"({"a":[2,1]})");
  differ(R"({"a":{"$gt":1}})", R"({"a":{"$gte":1}})");
  differ(R"({"$and":[{"a":1},{"b":1}]})", R"({"$or":[{"a":1},{"b":1}]})");
  differ(R"({"a":{"$in":[]}})", "{}");
  differ(R"({"a":{"$contains":"x"}})", R"({"a":"x"})");
  differ(R"({"a.b":1})", R"({"a":{"b":1}})");
  differ(R"({"a":9007199254740993})", R"({"a":9007199254740992})");
}

TEST(FilterCanonical, IsAFilterOfTheSameMeaning) {
  for (const auto* json : {"{}", R"({"a":{"$in":[1,null,[2]]},"$or":[{"b":1},{"$id":"x"}]})",
                           R"({"$not":{"a":{"$contains":"\"\\"}}})"}) {
    const auto canonical = filter(json).canonical();
    EXPECT_EQ(filter(canonical).canonical(), canonical);
  }
}

}  // namespace
}  // namespace mosaic::query
