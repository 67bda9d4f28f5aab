#include "http/router.hpp"

#include <set>

#include <gtest/gtest.h>
#include <simdjson.h>

#include "base/failure.hpp"
#include "http/json_requests.hpp"
#include "http/openapi.hpp"
#include "http/routes.hpp"
#include "http/schemas.hpp"
#include "unit/http/fake_engine.hpp"

namespace mosaic::http {
namespace {

using simdjson::dom::element;

class Routes : public testing::Test {
 protected:
  Response ask(const std::string& method, const std::string& target, const std::string& body = {},
               const std::string& content_type = "application/json") {
    Response answer;
    int answers = 0;
    router.serve({method, target, content_type, {}, body}, [&](const MakeResponse& make) {
      answer = make();
      ++answers;
    });
    EXPECT_EQ(answers, 1);
    return answer;
  }

  element json(const std::string& text) { return parser.parse(text); }
  std::string code(const Response& response) {
    return std::string(std::string_view(json(response.body)["code"]));
  }
  std::string detail(const Response& response) {
    return std::string(std::string_view(json(response.body)["detail"]));
  }
  std::string drained(const Response& response) {
    std::string all;
    for (bool more = true; more;) {
      response.stream([&](const std::function<Result<Piece>()>& make) {
        const auto piece = make();
        all += piece ? piece->bytes : "ERROR " + piece.error().detail;
        more = piece && !piece->last;
      });
    }
    return all;
  }

  FakeEngine engine;
  Router router{all_routes(engine, "main")};
  simdjson::dom::parser parser;
};

StoredDocument stored(const std::string& id) {
  StoredDocument found;
  found.document.id = id;
  found.seq = 3;
  found.shard = {1};
  return found;
}

TEST_F(Routes, AnswerNotFoundForUnknownPaths) {
  for (const std::string path :
       {"/x", "/api/v1/collections/", "/api/v1/jobs/", "/api/v1/collections/c/sql", "/health/",
        "//", "*", "/api/v1/collections/c/documents/a/b"}) {
    const auto answer = ask("GET", path);
    EXPECT_EQ(answer.status, 404) << path;
    EXPECT_EQ(code(answer), "not_found");
  }
}

TEST_F(Routes, NameTheMethodsThatAPathServes) {
  const auto answer = ask("POST", "/api/v1/collections/c");
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(code(answer), "method_not_allowed");
  ASSERT_EQ(answer.headers.size(), 1U);
  EXPECT_EQ(answer.headers[0].name, "Allow");
  EXPECT_EQ(answer.headers[0].value, "PUT, PATCH, GET, HEAD, DELETE");
  EXPECT_EQ(ask("OPTIONS", "/health").headers.at(0).value, "GET, HEAD");
  EXPECT_EQ(ask("GET", "/api/search").headers.at(0).value, "POST");
  EXPECT_EQ(ask("HEAD", "/api/search").status, 405);
}

TEST_F(Routes, ServeHeadLikeGet) {
  EXPECT_EQ(ask("HEAD", "/health").status, 200);
}

TEST_F(Routes, DecodePathParameters) {
  engine.document = stored("x");
  EXPECT_EQ(ask("GET", "/api/v1/collections/c/documents/a%2Fb%20%C3%A9+").status, 200);
  EXPECT_EQ(engine.asked.collection, "c");
  EXPECT_EQ(engine.asked.id, "a/b \xc3\xa9+");
  ask("GET", "/api/v1/collections/c/documents/delete");
  EXPECT_EQ(engine.asked.id, "delete");
}

TEST_F(Routes, RefuseBrokenEscapesAndUtf8) {
  for (const std::string id : {"%", "%2", "%zz", "%ff", "%C3%28"}) {
    const auto answer = ask("GET", "/api/v1/collections/c/documents/" + id);
    EXPECT_EQ(answer.status, 400) << id;
    EXPECT_EQ(code(answer), "invalid_argument");
  }
}

TEST_F(Routes, ReadQueryParameters) {
  ask("GET",
      "/api/v1/collections/c/documents?limit=7&cursor=x%2By&filter=%7B%22a%22%3A+1%7D"
      "&include=vector,links");
  ASSERT_EQ(engine.listed.size(), 1U);
  const auto& request = engine.listed[0];
  EXPECT_EQ(request.limit, 7U);
  EXPECT_EQ(request.cursor, "x+y");
  EXPECT_EQ(request.filter, "{\"a\": 1}");
  EXPECT_EQ(request.include, (Include{true, true, true, true, true}));
}

TEST_F(Routes, RefuseOddQueryParameters) {
  for (const std::string query :
       {"limit=0", "limit=10001", "limit=x", "limit=", "limit=-1", "limit=1.5", "limit=5x",
        "limit=1&limit=2", "size=3", "filter=x", "filter=", "include=score", "include=", "a%=1"}) {
    const auto answer = ask("GET", "/api/v1/collections/c/documents?" + query);
    EXPECT_EQ(answer.status, 400) << query;
  }
  EXPECT_TRUE(engine.listed.empty());
  EXPECT_EQ(detail(ask("GET", "/api/v1/collections/c/ids?limit=0")),
            "limit is '0', expected a whole number from 1 to 10000");
}

TEST_F(Routes, MakeACollection) {
  auto answer = ask("PUT", "/api/v1/collections/docs", R"({"dimension":8,"shards":2})");
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(engine.put.name, "docs");
  EXPECT_EQ(engine.put.dimension, 8U);
  EXPECT_EQ(answer.body,
            R"({"name":"docs","dimension":8,"metric":"cosine","shard_count":2,"routing":"hash",)"
            R"("replicas":1,"embedder":"builtin","quantization":"int8","index":{"type":"hnsw",)"
            R"("m":16,"ef_construction":200},"indexed":[],"retention_s":0,"documents":5,"edges":0,)"
            R"("seq":0,"shards":[{"id":0,"node":"n1","state":"up","documents":5,"indexed":0,)"
            R"("bytes":0}]})");
  engine.created = false;
  EXPECT_EQ(ask("PUT", "/api/v1/collections/docs").status, 200);
  engine.error = Error{ErrorCode::kAlreadyExists, "metric is l2"};
  EXPECT_EQ(ask("PUT", "/api/v1/collections/docs").status, 409);
}

TEST_F(Routes, ChangeListAndDropCollections) {
  EXPECT_EQ(ask("PATCH", "/api/v1/collections/docs", R"({"indexed":["a"]})").status, 200);
  EXPECT_EQ(engine.patched_with.indexed, std::vector<std::string>{"a"});
  EXPECT_EQ(ask("DELETE", "/api/v1/collections/docs").body, R"({"deleted":1,"seq":7})");
  EXPECT_EQ(ask("GET", "/api/v1/collections/docs").status, 200);
  EXPECT_EQ(ask("GET", "/api/v1/collections").body.find(R"({"collections":[{"name")"), 0U);
}

TEST_F(Routes, WriteDocuments) {
  const std::string path = "/api/v1/collections/c/documents";
  EXPECT_EQ(ask("POST", path, R"({"documents":[{"id":"a"},{"id":"b"}]})").body,
            R"({"upserted":2,"seq":9,"applied":true})");
  EXPECT_EQ(engine.upserted.collection, "c");
  EXPECT_EQ(ask("POST", path, "{\"id\":\"a\"}\n", "Application/x-NDJSON; charset=utf-8").status,
            200);
  EXPECT_EQ(ask("POST", path, "{\"id\":\"a\"}\n").status, 400);
  EXPECT_EQ(ask("POST", path, "").status, 400);
}

TEST_F(Routes, DeleteDocuments) {
  EXPECT_EQ(ask("DELETE", "/api/v1/collections/c/documents/a%2Fb").body,
            R"({"deleted":1,"seq":10,"applied":true})");
  EXPECT_EQ(engine.removed.ids, std::vector<std::string>{"a/b"});
  EXPECT_EQ(ask("POST", "/api/v1/collections/c/documents/delete", R"({"filter":{"a":1}})").status,
            200);
  EXPECT_EQ(engine.removed.filter, R"({"a":1})");
}

TEST_F(Routes, AnswerADocumentWithNullForWhatItLacks) {
  engine.document = stored("a");
  EXPECT_EQ(ask("GET", "/api/v1/collections/c/documents/a").body,
            R"({"id":"a","title":null,"text":null,"metadata":null,"links":[],"seq":3,)"
            R"("pagerank":null,"shard":1})");
  EXPECT_FALSE(engine.asked.include.vector);
}

TEST_F(Routes, AnswerAWholeDocument) {
  engine.document = stored("a");
  engine.document.document = {"a", "T", "x\ny", {0.5F, 0.1F}, R"({"n":1})", {{"b", "k", 2}}};
  EXPECT_EQ(ask("GET", "/api/v1/collections/c/documents/a?include=vector").body,
            R"({"id":"a","title":"T","text":"x\ny","metadata":{"n":1},)"
            R"("links":[{"to":"b","kind":"k","weight":2}],"vector":[0.5,0.1],"seq":3,)"
            R"("pagerank":null,"shard":1})");
  EXPECT_TRUE(engine.asked.include.vector);
}

TEST_F(Routes, AnswerPages) {
  engine.pages = {{{stored("a"), stored("b")}, "1"}, {{stored("c")}, ""}};
  EXPECT_EQ(ask("GET", "/api/v1/collections/c/ids").body, R"({"ids":["a","b"],"next_cursor":"1"})");
  EXPECT_TRUE(engine.listed.back().ids_only);
  EXPECT_EQ(ask("GET", "/api/v1/collections/c/ids?cursor=1").body,
            R"({"ids":["c"],"next_cursor":null})");
  const auto page = ask("GET", "/api/v1/collections/c/documents").body;
  EXPECT_EQ(json(page)["documents"].get_array().value().size(), 2U);
}

TEST_F(Routes, ExportPageByPage) {
  engine.pages = {{{stored("a"), stored("b")}, "1"}, {{}, "2"}, {{stored("c")}, ""}};
  engine.pages[0].documents[0].document.vector = {1};
  engine.pages[0].documents[0].document.links = {{"b", "", 1}};
  const auto answer = ask("GET", "/api/v1/collections/c/export");
  EXPECT_EQ(engine.listed.size(), 1U);
  EXPECT_EQ(answer.content_type, "application/x-ndjson");
  const auto lines = drained(answer);
  EXPECT_EQ(lines,
            "{\"id\":\"a\",\"vector\":[1],\"links\":[{\"to\":\"b\",\"kind\":\"\",\"weight\":1}]}\n"
            "{\"id\":\"b\"}\n{\"id\":\"c\"}\n");
  EXPECT_EQ(read_upsert_ndjson("c", lines).documents.size(), 3U);
}

TEST_F(Routes, ExportFailsAsAProblemBeforeTheFirstPage) {
  engine.list_error_at = 0;
  EXPECT_EQ(ask("GET", "/api/v1/collections/c/export").status, 503);
}

TEST_F(Routes, ExportBreaksOffWhenALaterPageFails) {
  engine.pages = {{{stored("a")}, "1"}};
  engine.list_error_at = 1;
  EXPECT_EQ(drained(ask("GET", "/api/v1/collections/c/export")),
            "{\"id\":\"a\"}\nERROR shard 1 is down");
}

TEST_F(Routes, AnswerASearch) {
  Hit hit;
  hit.stored = stored("a");
  hit.stored.document.title = "T";
  hit.score = 0.75;
  hit.distance = 0.25;
  hit.scores.vector = 0.75;
  engine.reply = {{hit}, 1.5, 12, true, 2, 1, {{{1}, "n1", {ErrorCode::kUnavailable, "down"}}},
                  0.25,  {}};
  EXPECT_EQ(ask("POST", "/api/v1/collections/c/search", R"({"query":"x"})").body,
            R"({"hits":[{"id":"a","score":0.75,"distance":0.25,"title":"T","text":null,)"
            R"("metadata":null,"pagerank":null,"shard":1,"scores":{"vector":0.75,"text":null,)"
            R"("pagerank":null}}],"took_ms":1.5,"seq":12,"partial":true,"shards":{"total":2,)"
            R"("searched":1,"failed":[{"shard":1,"node":"n1","error":"unavailable: down"}],)"
            R"("missing_share":0.25}})");
  const auto lean =
      ask("POST", "/api/v1/collections/c/search", R"({"query":"x","include":["title"]})").body;
  EXPECT_EQ(lean.find("\"text\":null,\"metadata\""), std::string::npos);
  EXPECT_NE(lean.find("\"title\":\"T\""), std::string::npos);
}

TEST_F(Routes, SearchTheDefaultCollection) {
  EXPECT_EQ(ask("POST", "/api/search", R"({"query":"x"})").status, 200);
  EXPECT_EQ(engine.searches.at(0).collection, "main");
}

TEST_F(Routes, AnswerABatchInOrder) {
  engine.hold = true;
  Response answer;
  router.serve({"POST",
                "/api/v1/collections/c/search/batch",
                {},
                {},
                R"({"searches":[{"query":"a"},{"query":"b"}]})"},
               [&](const MakeResponse& make) { answer = make(); });
  ASSERT_EQ(engine.held.size(), 2U);
  engine.held[1](FakeEngine::reply_at(2));
  EXPECT_EQ(answer.body, "");
  engine.held[0](FakeEngine::reply_at(1));
  const auto results = json(answer.body)["results"];
  EXPECT_EQ(results.at(0)["seq"].get_uint64().value(), 1U);
  EXPECT_EQ(results.at(1)["seq"].get_uint64().value(), 2U);
}

TEST_F(Routes, FailABatchWithThePositionOfItsFirstError) {
  const auto answer = ask("POST", "/api/v1/collections/c/search/batch",
                          R"({"searches":[{"query":"a"},{"query":"fail"}]})");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(detail(answer), "searches[1]: query is odd");
}

TEST_F(Routes, TellHowTheNodeIs) {
  engine.health_now = {"0.1.0", "n1", 1.5, 2, 0, {}, true, {}};
  EXPECT_EQ(ask("GET", "/health").body,
            R"({"status":"ok","version":"0.1.0","node":"n1","uptime_s":1.5,)"
            R"("shards":{"up":2,"down":0},"failing":[]})");
  EXPECT_EQ(ask("GET", "/ready").status, 200);
  engine.health_now = {"0.1.0", "n1",
                       1.5,     1,
                       1,       {{"c", {1}, ShardState::kParked, "damaged"}},
                       false,   {"shard c/1: damaged", "log replay"}};
  EXPECT_EQ(ask("GET", "/health").body,
            R"({"status":"degraded","version":"0.1.0","node":"n1","uptime_s":1.5,)"
            R"("shards":{"up":1,"down":1},)"
            R"("failing":[{"collection":"c","shard":1,"state":"parked","error":"damaged"}]})");
  const auto answer = ask("GET", "/ready");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(detail(answer), "not ready: shard c/1: damaged; log replay");
}

TEST_F(Routes, CarryTheTraceIdOfTheRequest) {
  Response answer;
  const TraceContext trace{"4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"};
  router.serve({"GET", "/x", {}, trace, {}}, [&](const MakeResponse& make) { answer = make(); });
  EXPECT_NE(answer.body.find("4bf92f3577b34da6a3ce929d0e0e4736"), std::string::npos);
}

/// Calls `visit` for every "$ref" below `value`.
void each_reference(element value, const std::function<void(std::string_view)>& visit) {
  if (value.is_object()) {
    for (const auto& [key, child] : simdjson::dom::object(value)) {
      if (key == "$ref") visit(std::string_view(child));
      each_reference(child, visit);
    }
  } else if (value.is_array()) {
    for (const auto child : simdjson::dom::array(value)) each_reference(child, visit);
  }
}

TEST_F(Routes, AreAllInTheOpenApiDocument) {
  const auto answer = ask("GET", "/openapi.json");
  const auto document = json(answer.body);
  EXPECT_EQ(std::string_view(document["openapi"]), "3.1.0");
  std::set<std::string> ids;
  for (const auto& route : router.routes()) {
    auto method = std::string(route.method);
    std::transform(method.begin(), method.end(), method.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const auto operation = document["paths"][route.pattern][method];
    ASSERT_EQ(operation.error(), simdjson::SUCCESS) << route.method << ' ' << route.pattern;
    EXPECT_EQ(operation["responses"]["default"].error(), simdjson::SUCCESS);
    EXPECT_TRUE(ids.emplace(std::string_view(operation["operationId"])).second);
    EXPECT_FALSE(route.summary.empty());
  }
}

TEST_F(Routes, ReferToSchemasThatExist) {
  const auto answer = ask("GET", "/openapi.json");
  const auto document = json(answer.body);
  std::set<std::string> used;
  each_reference(document, [&](std::string_view reference) {
    ASSERT_EQ(reference.substr(0, 2), "#/");
    EXPECT_EQ(document.at_pointer(reference.substr(1)).error(), simdjson::SUCCESS) << reference;
    used.emplace(reference.substr(reference.rfind('/') + 1));
  });
  for (const auto& schema : schemas()) EXPECT_TRUE(used.contains(std::string(schema.name)));
}

TEST_F(Routes, AreAllOnTheDocsPage) {
  const auto page = ask("GET", "/docs");
  EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
  for (const auto& route : router.routes()) {
    EXPECT_NE(page.body.find("<code>" + std::string(route.pattern) + "</code>"), std::string::npos);
  }
  EXPECT_EQ(page.body.find("http://"), std::string::npos);
  EXPECT_EQ(page.body.find("https://"), std::string::npos);
  const auto home = ask("GET", "/").body;
  for (const std::string link : {"\"/docs\"", "\"/health\"", "\"/openapi.json\""}) {
    EXPECT_NE(home.find(link), std::string::npos);
  }
}

element schema_of(simdjson::dom::parser& parser, std::string_view name) {
  for (const auto& schema : schemas()) {
    if (schema.name == name) return parser.parse(schema.json.data(), schema.json.size());
  }
  throw std::out_of_range(std::string(name));
}

TEST(Schemas, StateTheLimitsOfTheCode) {
  simdjson::dom::parser parser;
  const auto limit = [&](std::string_view name, std::string_view pointer) {
    return schema_of(parser, name).at_pointer(pointer).get_uint64().value();
  };
  EXPECT_EQ(limit("CollectionSettings", "/properties/dimension/maximum"), kDimensionMax);
  EXPECT_EQ(limit("CollectionSettings", "/properties/dimension/default"), kBuiltinDimension);
  EXPECT_EQ(limit("CollectionSettings", "/properties/shards/maximum"), kShardsMax);
  EXPECT_EQ(limit("CollectionSettings", "/properties/replicas/maximum"), kReplicasMax);
  EXPECT_EQ(limit("CollectionPatch", "/properties/replicas/maximum"), kReplicasMax);
  EXPECT_EQ(limit("CollectionSettings", "/properties/indexed/maxItems"), kIndexedPathsMax);
  EXPECT_EQ(limit("Document", "/properties/id/maxLength"), kIdBytesMax);
  EXPECT_EQ(limit("Document", "/properties/links/maxItems"), kLinksMax);
  EXPECT_EQ(limit("UpsertRequest", "/properties/documents/maxItems"), kBatchDocumentsMax);
  EXPECT_EQ(limit("SearchRequest", "/properties/k/maximum"), kHitsMax);
  EXPECT_EQ(limit("SearchRequest", "/properties/timeout_ms/maximum"), kTimeoutMsMax);
  EXPECT_EQ(limit("SearchRequest", "/properties/document/maxLength"), kIdBytesMax);
  for (const std::string part : {"vector", "text", "pagerank"})
    EXPECT_EQ(limit("Weights", "/properties/" + part + "/maximum"), kWeightMax);
  EXPECT_EQ(limit("SearchRequest", "/properties/shards_to_search/maximum"), kShardsMax);
  EXPECT_EQ(limit("CentroidsRequest", "/properties/centroids/maxItems"), kShardsMax);
  EXPECT_EQ(limit("CentroidsRequest", "/properties/centroids/items/maxItems"), kDimensionMax);
  EXPECT_EQ(limit("TrainRequest", "/properties/sample/maximum"), kTrainSampleMax);
  EXPECT_EQ(limit("TrainRequest", "/properties/sample/default"), TrainOptions().sample);
  EXPECT_EQ(limit("TrainRequest", "/properties/iterations/maximum"), kTrainIterationsMax);
  EXPECT_EQ(limit("TrainRequest", "/properties/iterations/default"), TrainOptions().iterations);
  EXPECT_EQ(limit("PageRankRequest", "/properties/iterations/maximum"), kPageRankIterationsMax);
  EXPECT_EQ(limit("FaultRequest", "/properties/shard/maximum"), kShardsMax - 1);
  EXPECT_EQ(limit("FaultRequest", "/properties/duration_ms/maximum"), kFaultDurationMsMax);
  EXPECT_EQ(limit("FaultRequest", "/properties/count/maximum"), kFaultCountMax);
  EXPECT_EQ(limit("BatchSearchRequest", "/properties/searches/maxItems"), kBatchSearchesMax);
}

/// A field of the schema that the reader does not know would be promised and then refused.
TEST(Schemas, NameOnlyFieldsThatAreRead) {
  const auto check = [](std::string_view name, const std::function<void(std::string)>& read) {
    simdjson::dom::parser parser;
    const auto properties = simdjson::dom::object(schema_of(parser, name)["properties"]);
    for (const auto& [field, schema] : properties) {
      try {
        read("{\"" + std::string(field) + "\":\"?\"}");
      } catch (const Failure& failure) {
        EXPECT_EQ(failure.error().detail.find("not known"), std::string::npos) << field;
        EXPECT_EQ(failure.error().detail.find("not served"), std::string::npos) << field;
      }
    }
  };
  check("CollectionSettings", [](std::string body) { read_collection("c", std::move(body)); });
  check("CollectionPatch", [](std::string body) { read_collection_patch(std::move(body)); });
  check("SearchRequest", [](std::string body) { read_search("c", std::move(body)); });
  check("CentroidsRequest", [](std::string body) { read_centroids("c", std::move(body)); });
  check("TrainRequest", [](std::string body) { read_train("c", std::move(body)); });
  check("PageRankRequest", [](std::string body) { read_pagerank("c", std::move(body)); });
  check("FaultRequest", [](std::string body) { read_fault(std::move(body)); });
  check("LogLevel", [](std::string body) { read_log_level(std::move(body)); });
  check("DeleteRequest", [](std::string body) { read_delete("c", std::move(body)); });
  check("Document", [](std::string body) { read_upsert_ndjson("c", std::move(body)); });
}

}  // namespace
}  // namespace mosaic::http
