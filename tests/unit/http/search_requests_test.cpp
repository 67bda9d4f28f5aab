#include <limits>
#include <random>

#include "http/json_requests.hpp"
#include "unit/http/body_errors.hpp"

namespace mosaic::http {
namespace {

std::string search_error(const std::string& body) {
  return detail_of([&] { read_search("c", body); });
}

TEST(SearchBody, FillsEveryField) {
  const auto request = read_search(
      "c",
      R"({"query":"a \u00e9","vector":[1,-2.5,3e2],"k":3,"mode":"text","filter":{"a":{"$gt":1}},
          "where":"seq > 1","min_score":-0.5,"exact":true,"timeout_ms":250,"include":["vector"],
          "document":"d","fusion":"weighted","weights":{"vector":2,"text":0.5,"pagerank":0.2},
          "diversity":0.3,"explain":true,"ef":300,"audit":true,"shards_to_search":2,
          "consistency":"strong","min_seq":812})");
  EXPECT_EQ(request.collection, "c");
  EXPECT_EQ(request.query, "a \xc3\xa9");
  EXPECT_EQ(request.vector, (Vector{1, -2.5, 300}));
  EXPECT_EQ(request.k, 3U);
  EXPECT_EQ(request.mode, SearchMode::kText);
  EXPECT_EQ(request.filter, R"({"a":{"$gt":1}})");
  EXPECT_EQ(request.where, "seq > 1");
  EXPECT_EQ(request.min_score, -0.5);
  EXPECT_EQ(request.timeout_ms, 250U);
  EXPECT_EQ(request.include, (Include{false, false, false, true, false}));
  EXPECT_EQ(request.document, "d");
  EXPECT_EQ(request.fusion, Fusion::kWeighted);
  EXPECT_EQ(request.weights, (Weights{2, 0.5, 0.2}));
  EXPECT_EQ(request.diversity, 0.3);
  EXPECT_EQ(request.ef, 300U);
  EXPECT_EQ(request.shards_to_search, 2U);
  EXPECT_EQ(request.consistency, Consistency::kStrong);
  EXPECT_EQ(request.min_seq, 812U);
  EXPECT_TRUE(request.exact);
  EXPECT_TRUE(request.audit);
  EXPECT_TRUE(request.explain);
}

TEST(SearchBody, HasDefaults) {
  const auto request = read_search("c", R"({"query":"x"})");
  EXPECT_EQ(request.k, 10U);
  EXPECT_EQ(request.mode, SearchMode::kDefault);
  EXPECT_EQ(request.include, Include{});
  EXPECT_TRUE(request.vector.empty());
  EXPECT_FALSE(request.min_score);
  EXPECT_FALSE(request.document);
  EXPECT_EQ(request.fusion, Fusion::kWeighted);
  EXPECT_EQ(request.weights, (Weights{{}, 1, 0}));
  EXPECT_EQ(request.diversity, 0);
  EXPECT_EQ(request.ef, 0U);
  EXPECT_EQ(request.shards_to_search, 0U);
  EXPECT_EQ(request.consistency, Consistency::kSession);
  EXPECT_EQ(request.min_seq, 0U);
  EXPECT_FALSE(request.exact);
  EXPECT_FALSE(request.audit);
  EXPECT_FALSE(request.explain);
}

TEST(SearchBody, KeepsTheDefaultOfAWeightThatIsNotGiven) {
  EXPECT_EQ(read_search("c", R"({"weights":{"pagerank":0.5}})").weights, (Weights{{}, 1, 0.5}));
  EXPECT_EQ(read_search("c", R"({"weights":{}})").weights, Weights{});
}

TEST(SearchBody, RefusesEveryBadK) {
  for (const std::string k :
       {"0", "-1", "10001", "1000000000", "1e9", "1.5", "\"3\"", "null", "true", "[1]", "{}",
        "99999999999999999999999", "-0.0", "1e999", "01"}) {
    const auto detail = search_error(R"({"query":"x","k":)" + k + "}");
    EXPECT_TRUE(contains(detail, "k is ")) << k;
  }
  EXPECT_EQ(search_error(R"({"k":-1})"), "k is -1, expected a whole number from 1 to 10000");
  EXPECT_EQ(search_error(R"({"k":"3"})"), "k is \"3\", expected a whole number from 1 to 10000");
  EXPECT_EQ(search_error(R"({"k":[1]})"), "k is an array, expected a whole number from 1 to 10000");
}

TEST(SearchBody, AcceptsTheEdgesOfK) {
  EXPECT_EQ(read_search("c", R"({"k":1})").k, 1U);
  EXPECT_EQ(read_search("c", R"({"k":10000})").k, 10'000U);
}

TEST(SearchBody, TakesAnEfFromOneToItsLimit) {
  EXPECT_EQ(read_search("c", R"({"ef":1})").ef, 1U);
  EXPECT_EQ(read_search("c", R"({"ef":10000})").ef, kEfMax);
  EXPECT_EQ(search_error(R"({"ef":0})"), "ef is 0, expected a whole number from 1 to 10000");
  EXPECT_EQ(search_error(R"({"ef":10001})"),
            "ef is 10001, expected a whole number from 1 to 10000");
  EXPECT_EQ(search_error(R"({"ef":1.5})"), "ef is 1.5, expected a whole number from 1 to 10000");
  EXPECT_EQ(search_error(R"({"ef":"9"})"), "ef is \"9\", expected a whole number from 1 to 10000");
}

TEST(SearchBody, TakesShardsToSearchFromZeroToTheirLimit) {
  EXPECT_EQ(read_search("c", R"({"shards_to_search":0})").shards_to_search, 0U);
  EXPECT_EQ(read_search("c", R"({"shards_to_search":1024})").shards_to_search, kShardsMax);
  EXPECT_EQ(search_error(R"({"shards_to_search":1025})"),
            "shards_to_search is 1025, expected a whole number from 0 to 1024");
  EXPECT_EQ(search_error(R"({"shards_to_search":-1})"),
            "shards_to_search is -1, expected a whole number from 0 to 1024");
  EXPECT_EQ(search_error(R"({"shards_to_search":"all"})"),
            "shards_to_search is \"all\", expected a whole number from 0 to 1024");
}

TEST(SearchBody, NamesTheNumberOfAVectorThatIsNone) {
  EXPECT_EQ(search_error(R"({"vector":[1,2,3,1e39]})"),
            "vector[3] is 1e39, not a finite 32-bit number");
  EXPECT_EQ(search_error(R"({"vector":[1,1e999]})"),
            "vector[1] is 1e999, not a finite 32-bit number");
  EXPECT_EQ(search_error(R"({"vector":[1, -1e999 ]})"),
            "vector[1] is -1e999, not a finite 32-bit number");
  EXPECT_EQ(search_error(R"({"vector":[1,"2"]})"), "vector[1] is \"2\", expected a number");
  EXPECT_EQ(search_error(R"({"vector":[null]})"), "vector[0] is null, expected a number");
  EXPECT_EQ(search_error(R"({"vector":[[1]]})"), "vector[0] is an array, expected a number");
  EXPECT_EQ(search_error(R"({"vector":[]})"), "vector is empty");
  EXPECT_EQ(search_error(R"({"vector":"1,2"})"), "vector is \"1,2\", expected an array");
  for (const std::string word : {"NaN", "Infinity", "-Infinity", "nan", "inf"}) {
    EXPECT_TRUE(contains(search_error(R"({"vector":[1,)" + word + "]}"), "vector[1] is " + word));
  }
}

TEST(SearchBody, KeepsTheSmallestAndLargestFloats) {
  const auto request = read_search("c", R"({"vector":[3.4028234e38,1e-45,1e-60,-0.0]})");
  EXPECT_EQ(request.vector[0], std::numeric_limits<float>::max());
  EXPECT_EQ(request.vector[1], std::numeric_limits<float>::denorm_min());
  EXPECT_EQ(request.vector[2], 0);
}

TEST(SearchBody, RefusesAVectorThatNoCollectionTakes) {
  std::string numbers = "1";
  for (std::uint32_t i = 0; i < kDimensionMax; ++i) numbers += ",1";
  EXPECT_EQ(search_error(R"({"vector":[)" + numbers + "]}"), "vector has more than 65536 numbers");
}

TEST(SearchBody, NamesFieldsOfLaterVersions) {
  for (const std::string field : {"near", "facets", "group_by"}) {
    EXPECT_EQ(search_error(R"({"query":"x",")" + field + R"(":1})"),
              "field '" + field + "' is not served by this version");
  }
}

TEST(SearchBody, TakesEveryConsistencyWithAndWithoutASeq) {
  for (const auto consistency :
       {Consistency::kEventual, Consistency::kSession, Consistency::kStrong}) {
    const auto body = R"({"query":"x","consistency":")" + std::string(to_string(consistency));
    EXPECT_EQ(read_search("c", body + R"("})").consistency, consistency);
    EXPECT_EQ(read_search("c", body + R"(","min_seq":5})").min_seq, 5U);
  }
}

TEST(SearchBody, NamesAConsistencyThatThereIsNot) {
  EXPECT_EQ(search_error(R"({"consistency":"linear"})"),
            "consistency is \"linear\", expected one of eventual, session, strong");
  EXPECT_EQ(search_error(R"({"consistency":""})"),
            "consistency is \"\", expected one of eventual, session, strong");
  EXPECT_EQ(search_error(R"({"consistency":1})"), "consistency is 1, expected a string");
}

TEST(SearchBody, NamesASeqThatIsNone) {
  const std::string expected = ", expected a whole number from 0 to 9223372036854775807";
  EXPECT_EQ(search_error(R"({"min_seq":-1})"), "min_seq is -1" + expected);
  EXPECT_EQ(search_error(R"({"min_seq":"1"})"), "min_seq is \"1\"" + expected);
  EXPECT_EQ(search_error(R"({"min_seq":1.5})"), "min_seq is 1.5" + expected);
  EXPECT_EQ(search_error(R"({"min_seq":9223372036854775808})"),
            "min_seq is 9223372036854775808" + expected);
  EXPECT_EQ(read_search("c", R"({"min_seq":9223372036854775807})").min_seq,
            std::uint64_t{9223372036854775807U});
}

TEST(SearchBody, OfABatchTakesAConsistencyForEachSearch) {
  const auto searches = read_search_batch(
      "c", R"({"searches":[{"query":"x","consistency":"eventual"},{"query":"x","min_seq":3}]})");
  EXPECT_EQ(searches.at(0).consistency, Consistency::kEventual);
  EXPECT_EQ(searches.at(1).min_seq, 3U);
  EXPECT_EQ(detail_of([] { read_search_batch("c", R"({"searches":[{"consistency":"best"}]})"); }),
            "searches[0].consistency is \"best\", expected one of eventual, session, strong");
}

TEST(SearchBody, NamesUnknownFields) {
  EXPECT_EQ(search_error(R"({"query":"x","limit":3})"), "field 'limit' is not known");
  EXPECT_EQ(search_error(R"({"K":3})"), "field 'K' is not known");
  EXPECT_EQ(search_error(R"({"weights":{"title":1}})"), "field 'weights.title' is not known");
}

TEST(SearchBody, RefusesUnknownWords) {
  EXPECT_EQ(search_error(R"({"mode":"fast"})"),
            "mode is \"fast\", expected one of vector, text, hybrid");
  EXPECT_EQ(search_error(R"({"mode":"default"})"),
            "mode is \"default\", expected one of vector, text, hybrid");
  EXPECT_EQ(search_error(R"({"fusion":"RRF"})"),
            "fusion is \"RRF\", expected one of rrf, weighted");
  EXPECT_EQ(search_error(R"({"include":["text","score"]})"),
            "include[1] is \"score\", expected one of title, text, metadata, vector, links");
}

TEST(SearchBody, RefusesWrongTypes) {
  EXPECT_EQ(search_error(R"({"query":5})"), "query is 5, expected a string");
  EXPECT_EQ(search_error(R"({"query":null})"), "query is null, expected a string");
  EXPECT_EQ(search_error(R"({"filter":[1]})"), "filter is an array, expected an object");
  EXPECT_EQ(search_error(R"({"filter":"a"})"), "filter is \"a\", expected an object");
  EXPECT_EQ(search_error(R"({"min_score":"1"})"), "min_score is \"1\", expected a number");
  EXPECT_EQ(search_error(R"({"min_score":1e999})"), "min_score is 1e999, expected a finite number");
  EXPECT_EQ(search_error(R"({"exact":"no"})"), "exact is \"no\", expected true or false");
  EXPECT_EQ(search_error(R"({"audit":1})"), "audit is 1, expected true or false");
  EXPECT_EQ(search_error(R"({"document":7})"), "document is 7, expected a string");
  EXPECT_EQ(search_error(R"({"weights":1})"), "weights is 1, expected an object");
  EXPECT_EQ(search_error(R"({"weights":{"text":"1"}})"),
            "weights.text is \"1\", expected a number");
  EXPECT_EQ(search_error(R"({"weights":{"text":1e999}})"),
            "weights.text is 1e999, expected a finite number");
  EXPECT_EQ(search_error(R"({"diversity":true})"), "diversity is true, expected a number");
  EXPECT_EQ(search_error(R"({"explain":1})"), "explain is 1, expected true or false");
  EXPECT_EQ(search_error(R"({"timeout_ms":0})"),
            "timeout_ms is 0, expected a whole number from 1 to 600000");
  EXPECT_EQ(search_error(R"({"include":"text"})"), "include is \"text\", expected an array");
  EXPECT_EQ(search_error(R"({"where":""})"), "where is \"\", expected an SQL expression");
}

TEST(SearchBody, CutsLongValuesInErrors) {
  const auto detail = search_error(R"({"k":")" + std::string(5'000, 'x') + "\"}");
  EXPECT_LT(detail.size(), 200U);
}

TEST(SearchBody, SaysThatJsonIsBrokenAndWhere) {
  EXPECT_EQ(search_error(""), "the body is empty, JSON is needed");
  EXPECT_EQ(search_error(" \n "), "the body is empty, JSON is needed");
  for (const std::string body : {"{",
                                 "}",
                                 "{\"k\":1",
                                 "{\"k\":1,}",
                                 "{\"k\" 1}",
                                 "{\"k\":1}}",
                                 "{\"k\":1} x",
                                 "{k:1}",
                                 "{\"query\":\"x}",
                                 "{\"query\":\"\\ud800\"}",
                                 "{\"query\":\"\\x\"}",
                                 "{'k':1}",
                                 "{\"k\":}",
                                 "{\"vector\":[1,2}",
                                 "{\"vector\":[1 2]}",
                                 "{\"vector\":[1,]}",
                                 "{\"vector\":[,1]}",
                                 "{\"vector\":[1,2",
                                 "{\"k\":1 \"query\":\"x\"}",
                                 "{\"exact\":tru}",
                                 "{\"query\":nul}",
                                 "{\"filter\":{\"a\":[}]}}",
                                 "{\"filter\":{\"a\" 1}}",
                                 "{\"filter\":{\"a\":NaN}}",
                                 "{\"filter\":{\"a\":1}",
                                 "{\"query\":\"\xff\"}",
                                 "{\"\xc3\x28\":1}",
                                 "{,\"k\":1}"}) {
    EXPECT_NE(search_error(body), "") << body;
  }
  EXPECT_TRUE(contains(search_error("{\"k\" 1}"), "not valid JSON"));
  EXPECT_TRUE(contains(search_error("{\"k\":1 \"k\":2}"), "at byte 7"));
  EXPECT_TRUE(contains(search_error("{\"query\":\"\xff\"}"), "UTF-8"));
  EXPECT_TRUE(contains(search_error(R"({"filter":{"a":1e9x}})"), "filter is not valid JSON"));
}

TEST(SearchBody, MustBeAnObject) {
  for (const std::string body : {"[]", "1", "\"x\"", "null", "true", "[{\"k\":1}]"}) {
    EXPECT_EQ(search_error(body), "the body is not a JSON object") << body;
  }
}

TEST(SearchBody, RefusesAKeyThatComesTwice) {
  EXPECT_EQ(search_error(R"({"vector":[1,2],"k":2,"vector":[3]})"),
            "field 'vector' is given twice");
  EXPECT_EQ(search_error(R"({"query":"a","\u0071uery":"a"})"), "field 'query' is given twice");
  EXPECT_EQ(search_error(R"({"query":"a","weights":{"text":1,"vector":1,"text":2}})"),
            "field 'weights.text' is given twice");
}

TEST(SearchBody, NamesANumberOfAFilterThatIsOutOfRange) {
  EXPECT_EQ(search_error(R"({"query":"a","filter":{"n":{"$gt":18446744073709551616}}})"),
            "filter.n.$gt is 18446744073709551616, which no 64-bit number holds");
}

TEST(SearchBody, RefusesAFilterThatIsTooLong) {
  const auto filter = R"({"a":")" + std::string(kFilterBytesMax, 'x') + "\"}";
  EXPECT_TRUE(contains(search_error(R"({"filter":)" + filter + "}"), "at most 65536"));
}

TEST(SearchBody, RefusesAFilterNestedWithoutEnd) {
  const auto deep = R"({"filter":)" + nested(5'000) + "}";
  EXPECT_TRUE(contains(search_error(deep), "filter is not valid JSON"));
}

/// Whatever bytes come, reading ends with a request or an error.
TEST(SearchBody, SurvivesMutations) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const std::string whole =
      R"({"query":"a\u00e9b","vector":[1,-2.5,3e2],"k":3,"filter":{"a":{"$gt":[1,{"b":null}]}},)"
      R"("weights":{"text":0.5},"min_score":-0.5,"exact":true,"include":["vector"]})";
  const std::string bytes = "{}[]\",:\\ \n0-9.eEtfn\xff\xc3u";
  for (int round = 0; round < 20'000; ++round) {
    auto body = whole;
    for (auto changes = random() % 4 + 1; changes > 0; --changes) {
      const auto at = random() % body.size();
      switch (random() % 3) {
        case 0:
          body[at] = bytes[random() % bytes.size()];
          break;
        case 1:
          body.erase(at, random() % 8 + 1);
          break;
        default:
          body.insert(at, 1, bytes[random() % bytes.size()]);
      }
      if (body.empty()) body = "{";
    }
    search_error(body);
  }
}

TEST(BatchBody, ReadsSearchesInOrder) {
  const auto searches = read_search_batch("c", R"({"searches":[{"query":"a"},{"vector":[1]}]})");
  ASSERT_EQ(searches.size(), 2U);
  EXPECT_EQ(searches[0].query, "a");
  EXPECT_EQ(searches[1].vector, Vector{1});
  EXPECT_EQ(searches[1].collection, "c");
}

TEST(BatchBody, NamesThePositionOfAnError) {
  const auto error = [](const std::string& body) {
    return detail_of([&] { read_search_batch("c", body); });
  };
  EXPECT_EQ(error(R"({"searches":[{"query":"a"},{"k":0}]})"),
            "searches[1].k is 0, expected a whole number from 1 to 10000");
  EXPECT_EQ(error(R"({"searches":[{"x":1}]})"), "field 'searches[0].x' is not known");
  EXPECT_EQ(error(R"({"searches":[{"ef":0}]})"),
            "searches[0].ef is 0, expected a whole number from 1 to 10000");
  EXPECT_EQ(error(R"({"searches":[{"near":{}}]})"),
            "field 'searches[0].near' is not served by this version");
  EXPECT_EQ(error(R"({"searches":[5]})"), "searches[0] is 5, expected an object");
  EXPECT_EQ(error(R"({"searches":[]})"), "searches is empty");
  EXPECT_EQ(error("{}"), "searches is missing");
  EXPECT_EQ(error(R"({"queries":[]})"), "field 'queries' is not known");
}

TEST(BatchBody, HasALimit) {
  std::string searches = "{}";
  for (std::size_t i = 0; i < kBatchSearchesMax; ++i) searches += ",{}";
  try {
    read_search_batch("c", R"({"searches":[)" + searches + "]}");
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.error().code, ErrorCode::kPayloadTooLarge);
  }
}

}  // namespace
}  // namespace mosaic::http
