#include "http/json_requests.hpp"
#include "unit/http/body_errors.hpp"

namespace mosaic::http {
namespace {

std::string upsert_error(const std::string& body) {
  return detail_of([&] { read_upsert("c", body); });
}
std::string lines_error(const std::string& body) {
  return detail_of([&] { read_upsert_ndjson("c", body); });
}
std::string collection_error(const std::string& body) {
  return detail_of([&] { read_collection("c", body); });
}

Document document_of(std::string id) {
  Document document;
  document.id = std::move(id);
  return document;
}

Document one_document(const std::string& fields) {
  return read_upsert("c", R"({"documents":[{"id":"a")" + fields + "}]}").documents.at(0);
}
std::string document_error(const std::string& fields) {
  return upsert_error(R"({"documents":[{"id":"a")" + fields + "}]}");
}

TEST(Documents, AreReadWhole) {
  const auto request = read_upsert("c", R"({"documents":[
      {"id":"a/b","title":"T","text":"line\nline","vector":[0.5,1],
       "metadata":{ "n" : 1.0, "s" : " x  y " },
       "links":["b",{"to":"c","kind":"depends","weight":2.5},{"to":"d"}]}, {"id":"b"}]})");
  ASSERT_EQ(request.documents.size(), 2U);
  const Document expected{"a/b",
                          "T",
                          "line\nline",
                          {0.5, 1},
                          R"({"n":1.0,"s":" x  y "})",
                          {{"b", "", 1}, {"c", "depends", 2.5}, {"d", "", 1}}};
  EXPECT_EQ(request.documents[0], expected);
  EXPECT_EQ(request.documents[1], document_of("b"));
}

TEST(Documents, TakeNullForAbsent) {
  const auto document =
      one_document(R"(,"title":null,"text":null,"vector":null,"metadata":null,"links":null)");
  EXPECT_EQ(document, document_of("a"));
}

TEST(Documents, KeepMetadataAsSent) {
  EXPECT_EQ(one_document(R"(,"metadata":{"a":1e2,"b":1.50,"c":"\u00e9\n","d":[ ]})").metadata,
            R"({"a":1e2,"b":1.50,"c":"\u00e9\n","d":[]})");
  EXPECT_EQ(one_document(R"(,"metadata":{})").metadata, "{}");
}

TEST(Documents, NestMetadataUpToTheLimit) {
  EXPECT_EQ(document_error(",\"metadata\":" + nested(100)), "");
  EXPECT_EQ(document_error(",\"metadata\":" + nested(101)),
            "documents[0].metadata is nested 101 levels deep, at most 100");
  EXPECT_EQ(
      document_error(R"(,"metadata":{"a":)" + std::string(99, '[') + std::string(99, ']') + "}"),
      "");
  EXPECT_TRUE(contains(
      document_error(R"(,"metadata":{"a":)" + std::string(100, '[') + std::string(100, ']') + "}"),
      "101 levels"));
  EXPECT_TRUE(contains(document_error(",\"metadata\":" + nested(5'000)), "metadata"));
}

TEST(Documents, RefuseNulInMetadata) {
  EXPECT_EQ(document_error(R"(,"metadata":{"a":["x\u0000y"]})"),
            "documents[0].metadata.a[0] holds a NUL character");
  EXPECT_TRUE(contains(document_error(R"(,"metadata":{"a\u0000":1})"), "NUL"));
  EXPECT_EQ(document_error(R"(,"metadata":{"a":"\\u0000"})"), "");
}

TEST(Documents, RefuseMetadataThatIsTooLarge) {
  const auto text = [](std::size_t bytes) {
    return R"(,"metadata":{"a":")" + std::string(bytes - 8, 'x') + "\"}";
  };
  EXPECT_EQ(document_error(text(kMetadataBytesMax)), "");
  EXPECT_EQ(document_error(text(kMetadataBytesMax + 1)),
            "documents[0].metadata has 65537 bytes, at most 65536");
}

TEST(Documents, RefuseBrokenMetadata) {
  for (const std::string metadata :
       {"[1]", "\"x\"", "5", "{\"a\":}", "{\"a\":1,}", "{\"a\":1e999}", "{\"a\":[}]}", "{\"a\":x}",
        "{\"a\":1. 5}", "{\"a\":tr ue}", "{\"a\":\"\\ud800\"}", "{1:2}", "{\"a\"}"}) {
    EXPECT_TRUE(contains(document_error(",\"metadata\":" + metadata), "documents[0].metadata"))
        << metadata;
  }
}

TEST(Documents, NameANumberOfMetadataThatIsOutOfRange) {
  const auto error = [](const std::string& number) {
    return document_error(R"(,"metadata":{"s":"1","a":[{"b":1},{"b":)" + number + "}]}");
  };
  EXPECT_EQ(error("18446744073709551616 "),
            "documents[0].metadata.a[1].b is 18446744073709551616, which no 64-bit number holds");
  EXPECT_EQ(error("-9223372036854775809"),
            "documents[0].metadata.a[1].b is -9223372036854775809, which no 64-bit number holds");
  EXPECT_EQ(error("1e999"), "documents[0].metadata.a[1].b is 1e999, which no 64-bit number holds");
  EXPECT_EQ(error(std::string(100, '9')), "documents[0].metadata.a[1].b is " +
                                              std::string(64, '9') +
                                              "..., which no 64-bit number holds");
  for (const std::string number :
       {"18446744073709551615", "-9223372036854775808", "123456789012345678901.0", "1e-999"})
    EXPECT_EQ(error(number), "") << number;
}

TEST(Documents, RefuseAKeyThatComesTwice) {
  EXPECT_EQ(document_error(R"(,"id":"b")"), "field 'documents[0].id' is given twice");
  EXPECT_EQ(document_error(R"(,"links":[{"to":"x","to":"y"}])"),
            "field 'documents[0].links[0].to' is given twice");
  EXPECT_EQ(upsert_error(R"({"documents":[{"id":"a"}],"documents":[]})"),
            "field 'documents' is given twice");
  EXPECT_TRUE(
      contains(lines_error("{\"id\":\"a\"}\n{\"id\":\"b\",\"id\":\"c\"}"), "id' is given twice"));
}

TEST(Documents, NameThePositionOfAnError) {
  EXPECT_EQ(upsert_error(R"({"documents":[{"id":"a"},{"id":"b","vector":[1,2,"x"]}]})"),
            "documents[1].vector[2] is \"x\", expected a number");
  EXPECT_EQ(upsert_error(R"({"documents":[{"id":"a"},{"text":"b"}]})"),
            "documents[1].id is missing");
  EXPECT_EQ(upsert_error(R"({"documents":[{"id":5}]})"), "documents[0].id is 5, expected a string");
  EXPECT_EQ(upsert_error(R"({"documents":[{"id":null}]})"),
            "documents[0].id is null, expected a string");
  EXPECT_EQ(document_error(R"(,"body":"x")"), "field 'documents[0].body' is not known");
  EXPECT_EQ(document_error(R"(,"body":null)"), "field 'documents[0].body' is not known");
  EXPECT_EQ(document_error(R"(,"vector":[])"), "documents[0].vector is empty");
  EXPECT_EQ(document_error(R"(,"text":["x"])"), "documents[0].text is an array, expected a string");
}

TEST(Documents, RefuseOddLinks) {
  EXPECT_EQ(document_error(R"(,"links":[5])"), "documents[0].links[0] is 5, expected an object");
  EXPECT_EQ(document_error(R"(,"links":["x",{"kind":"k"}])"),
            "documents[0].links[1].to is missing");
  EXPECT_EQ(document_error(R"(,"links":[{"to":"x","kinds":"k"}])"),
            "field 'documents[0].links[0].kinds' is not known");
  EXPECT_EQ(document_error(R"(,"links":[{"to":"x","weight":"2"}])"),
            "documents[0].links[0].weight is \"2\", expected a number");
  EXPECT_EQ(document_error(R"(,"links":"x")"), "documents[0].links is \"x\", expected an array");
}

TEST(Documents, RefuseABodyOfAnotherShape) {
  EXPECT_EQ(upsert_error("{}"), "documents is missing");
  EXPECT_EQ(upsert_error(R"({"documents":[]})"), "documents is empty");
  EXPECT_EQ(upsert_error(R"({"documents":{}})"), "documents is an object, expected an array");
  EXPECT_EQ(upsert_error(R"({"docs":[]})"), "field 'docs' is not known");
  EXPECT_EQ(upsert_error(R"({"documents":[{"id":"a"}],"wait":true})"), "field 'wait' is not known");
}

TEST(Documents, AreLimitedInNumber) {
  std::string lines;
  for (std::size_t i = 0; i < kBatchDocumentsMax; ++i) lines += "{\"id\":\"a\"}\n";
  EXPECT_EQ(read_upsert_ndjson("c", lines).documents.size(), kBatchDocumentsMax);
  try {
    read_upsert_ndjson("c", lines + "{\"id\":\"a\"}\n");
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.error().code, ErrorCode::kPayloadTooLarge);
    EXPECT_TRUE(contains(failure.error().detail, "10000"));
  }
}

TEST(Ndjson, ReadsLinesAndSkipsBlankOnes) {
  const auto request = read_upsert_ndjson("c", "\n{\"id\":\"a\"}\r\n \n{\"id\":\"b\"}");
  ASSERT_EQ(request.documents.size(), 2U);
  EXPECT_EQ(request.documents[1].id, "b");
}

TEST(Ndjson, NamesPositionAndLine) {
  EXPECT_EQ(lines_error("{\"id\":\"a\"}\n\n{\"id\":\"b\",\"text\":5}\n"),
            "documents[1] (line 3): text is 5, expected a string");
  EXPECT_TRUE(contains(lines_error("{\"id\":\"a\"}\n{\"id\":\"b\"\n{\"id\":\"c\"}\n"),
                       "documents[1] (line 2): "));
  EXPECT_TRUE(contains(lines_error("{\"id\":\"a\"}\n{\"id\":\"b}\n"), "documents[1] (line 2): "));
  EXPECT_EQ(lines_error("{\"id\":\"a\"}\n[]\n"),
            "documents[1] (line 2): the body is not a JSON object");
  EXPECT_TRUE(contains(lines_error("{\"id\":\"a\"} {\"id\":\"b\"}\n"), "documents[0] (line 1): "));
  EXPECT_EQ(lines_error("\n\n"), "the body is empty, JSON is needed");
}

TEST(DeleteBody, TakesExactlyOneOfThree) {
  EXPECT_EQ(read_delete("c", R"({"ids":["a","b"]})").ids, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(read_delete("c", R"({"filter":{}})").filter, "{}");
  EXPECT_EQ(read_delete("c", R"({"where":"seq > 1"})").where, "seq > 1");
  for (const std::string body :
       {"{}", R"({"ids":["a"],"filter":{}})", R"({"ids":[]})", R"({"where":""})", R"({"ids":"a"})",
        R"({"ids":[1]})", R"({"filter":"x"})", R"({"id":"a"})"}) {
    EXPECT_NE(detail_of([&] { read_delete("c", body); }), "") << body;
  }
}

TEST(CollectionBody, FillsEveryField) {
  const auto settings = read_collection(
      "docs", R"({"dimension":8,"metric":"l2","shards":3,"routing":"hash","replicas":1,
                  "embedder":"none","quantization":"none",
                  "index":{"type":"flat","m":8,"ef_construction":50},
                  "indexed":["a.b","c"],"retention_s":60})");
  const CollectionSettings expected{"docs",
                                    8,
                                    Metric::kL2,
                                    3,
                                    "hash",
                                    1,
                                    "none",
                                    Quantization::kNone,
                                    {IndexType::kFlat, 8, 50},
                                    {"a.b", "c"},
                                    60};
  EXPECT_EQ(settings, expected);
}

TEST(CollectionBody, MayBeLeftOut) {
  CollectionSettings expected;
  expected.name = "docs";
  EXPECT_EQ(read_collection("docs", ""), expected);
  EXPECT_EQ(read_collection("docs", "{}"), expected);
}

TEST(CollectionBody, LeavesTheDimensionOpenForAnEndpoint) {
  EXPECT_EQ(read_collection("docs", R"({"embedder":"openai:http://h"})").dimension, 0U);
  EXPECT_EQ(read_collection("docs", R"({"dimension":3,"embedder":"openai:http://h"})").dimension,
            3U);
}

TEST(CollectionBody, NamesWhatDoesNotFit) {
  EXPECT_EQ(collection_error(R"({"dimension":0})"),
            "dimension is 0, expected a whole number from 1 to 65536");
  EXPECT_EQ(collection_error(R"({"dimension":"8"})"),
            "dimension is \"8\", expected a whole number from 1 to 65536");
  EXPECT_EQ(collection_error(R"({"metric":"cosin"})"),
            "metric 'cosin' is not one of cosine, l2, dot, l1");
  EXPECT_EQ(collection_error(R"({"index":{"ef":5}})"), "field 'index.ef' is not known");
  EXPECT_EQ(collection_error(R"({"indexed":[1]})"), "indexed[0] is 1, expected a string");
  EXPECT_EQ(collection_error(R"({"name":"x"})"), "field 'name' is not known");
  EXPECT_NE(collection_error("[]"), "");
}

TEST(CollectionPatchBody, TakesWhatMayChange) {
  const auto patch = read_collection_patch(R"({"indexed":["a"],"retention_s":5})");
  EXPECT_EQ(patch.indexed, std::vector<std::string>{"a"});
  EXPECT_EQ(patch.retention_s, 5U);
  EXPECT_FALSE(patch.index);
}

TEST(CollectionPatchBody, RefusesTheRest) {
  const auto error = [](const std::string& body) {
    return detail_of([&] { read_collection_patch(body); });
  };
  EXPECT_EQ(error(R"({"metric":"l2"})"), "field 'metric' cannot change while a collection lives");
  EXPECT_EQ(error(R"({"x":1})"), "field 'x' is not known");
  EXPECT_EQ(error(""), "the body is empty, JSON is needed");
}

TEST(FilterParameter, IsCheckedLikeABody) {
  EXPECT_EQ(read_filter(R"({"a":1})"), R"({"a":1})");
  for (const std::string text : {"", "x", "[1]", "{\"a\":}", "{} {}", "{},\"filter\":{}"}) {
    EXPECT_TRUE(contains(detail_of([&] { read_filter(text); }), "filter")) << text;
  }
}

}  // namespace
}  // namespace mosaic::http
