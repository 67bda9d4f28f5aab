#include "cli/commands.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <thread>

#include "cli/text_width.hpp"
#include "command_fixture.hpp"

namespace mosaic::cli {
namespace {

using test::chunked_answer;
using test::FakeRequest;
using test::http_answer;

constexpr auto kFound =
    R"({"hits":[{"id":"kdenlive","score":0.51234,"title":"video editor","text":"Edits\nvideo 日本"},)"
    R"({"id":"bare","score":0.25}],"took_ms":1.94,"partial":false,)"
    R"("shards":{"total":2,"searched":2,"failed":[]}})";

TEST_F(CommandTest, ReembedFollowsItsJobToTheEnd) {
  int asked = 0;
  serve([&](const FakeRequest& request) {
    if (request.method == "POST")
      return http_answer(202, R"({"id":"j1","state":"running","progress":0})");
    if (request.target != "/api/v1/jobs/j1") return http_answer(200, R"({"documents":2500})");
    if (++asked == 1) return http_answer(200, R"({"id":"j1","state":"running","progress":0.5})");
    return http_answer(200, R"({"id":"j1","state":"done","progress":1,"result":{"documents":2500,)"
                            R"("embedded":2499,"without":1,"embedder":"hash","dimension":64}})");
  });
  const auto outcome = mosaic({"reembed", "a b", "hash", "--dimension", "64"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out,
            "collection 'a b' is embedded by 'hash' at 64 dimensions: 2,499 documents, 1 without a "
            "vector\n");
  EXPECT_EQ(requests().at(1).target, "/api/v1/collections/a%20b/reembed");
  EXPECT_EQ(requests().at(1).body, R"({"embedder":"hash","dimension":64})");
}

TEST_F(CommandTest, ReembedFailsWithItsJob) {
  serve([&](const FakeRequest& request) {
    if (request.method == "POST")
      return http_answer(
          202, R"({"id":"j1","state":"failed","progress":0,"detail":"unavailable: no model"})");
    return http_answer(200, R"({"documents":1})");
  });
  const auto outcome = mosaic({"reembed", "c", "builtin"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(outcome.err, "mosaic: the job failed: unavailable: no model\n");
}

TEST_F(CommandTest, SearchShowsATable) {
  serve([](const FakeRequest&) { return http_answer(200, kFound); });
  const auto outcome = mosaic({"search", "c", "edit video"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out,
            "rank   score  id        title\n"
            "   1  0.5123  kdenlive  video editor\n"
            "    Edits video 日本\n"
            "   2  0.2500  bare\n"
            "\n"
            "2 hits in 1.9 ms\n");
  EXPECT_EQ(outcome.err, "");
}

TEST_F(CommandTest, SearchSendsItsOptions) {
  serve([](const FakeRequest&) { return http_answer(200, kFound); });
  mosaic({"search", "a/b", "x \"y\"", "-k", "3", "--mode", "text", "--filter", R"({"a": 1})",
          "--where", "id = 'x'", "--as-of", "812", "--api-key", "secret"});
  ASSERT_EQ(requests().size(), 1U);
  const auto request = requests()[0];
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/api/v1/collections/a%2Fb/search");
  EXPECT_EQ(
      request.body,
      R"({"query":"x \"y\"","k":3,"mode":"text","filter":{"a": 1},"where":"id = 'x'","as_of":812})");
  EXPECT_NE(request.head.find("Authorization: Bearer secret\r\n"), std::string::npos);
}

TEST_F(CommandTest, SearchRespectsANarrowTerminal) {
  serve([](const FakeRequest&) { return http_answer(200, kFound); });
  const auto outcome =
      mosaic({"search", "c", "x"}, {.is_terminal = true, .styled = false, .columns = 30});
  std::istringstream lines(outcome.out);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(text_width(line), 30U) << line;
}

TEST_F(CommandTest, SearchAsJsonIsTheAnswerOfTheServer) {
  serve([](const FakeRequest&) { return http_answer(200, kFound); });
  EXPECT_EQ(mosaic({"search", "c", "x", "--json"}).out, std::string(kFound) + "\n");
}

TEST_F(CommandTest, SearchWithoutHitsSaysSo) {
  serve([](const FakeRequest&) { return http_answer(200, R"({"hits":[],"took_ms":0.5})"); });
  EXPECT_EQ(mosaic({"search", "c", "x"}).out, "0 hits in 0.5 ms\n");
}

TEST_F(CommandTest, APartialAnswerNamesWhatIsMissingOnStderr) {
  serve([](const FakeRequest&) {
    return http_answer(200, R"({"hits":[{"id":"a","score":1}],"took_ms":9,"partial":true,)"
                            R"("shards":{"total":2,"searched":1,"failed":)"
                            R"([{"shard":1,"node":"n1","error":"deadline_exceeded"}]}})");
  });
  const auto outcome = mosaic({"search", "c", "x"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_NE(outcome.out.find("1 hit in 9.0 ms, partial: some shards are missing\n"),
            std::string::npos);
  EXPECT_EQ(outcome.err,
            "mosaic: partial answer: 1 of 2 shards answered\n"
            "mosaic: missing: shard 1 on node n1: deadline_exceeded\n");
}

TEST_F(CommandTest, AProblemOfTheServerIsOneLineAndOne) {
  serve([](const FakeRequest&) {
    return problem_answer(404, "not_found", "no collection\n'c'\x1b[2J");
  });
  const auto outcome = mosaic({"search", "c", "x"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(outcome.err, "mosaic: no collection 'c' [2J (not_found)\n");
}

TEST_F(CommandTest, AnAnswerThatIsNoneIsNamed) {
  serve([](const FakeRequest& request) {
    if (request.method == "GET") return http_answer(200, "<html>hello</html>");
    return http_answer(502, "<html>bad gateway</html>");
  });
  EXPECT_EQ(mosaic({"search", "c", "x"}).err, "mosaic: the server answered with HTTP status 502\n");
  const auto outcome = mosaic({"collections"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("is this a MosaicDB node? It begins: <html>hello"), std::string::npos);
}

TEST_F(CommandTest, CollectionsAreListed) {
  serve([](const FakeRequest&) {
    return http_answer(200,
                       R"({"collections":[{"name":"packages","documents":63436,"edges":299601,)"
                       R"("shard_count":2,"shards":[],"dimension":256,"metric":"cosine",)"
                       R"("embedder":"builtin"}]})");
  });
  const auto outcome = mosaic({"collections"});
  EXPECT_EQ(outcome.out,
            "name      documents    edges  shards  dimension  metric  embedder\n"
            "packages     63,436  299,601       2        256  cosine  builtin\n");
  EXPECT_EQ(requests()[0].target, "/api/v1/collections");
}

TEST_F(CommandTest, OneCollectionIsShownWithItsShards) {
  serve([](const FakeRequest&) {
    return http_answer(
        200, R"({"name":"c","indexed":["a","b"],"shard_count":1,"shards":)"
             R"([{"id":0,"node":"n","state":"up","documents":7,"indexed":7,"bytes":4096}]})");
  });
  const auto out = mosaic({"collections", "show", "c"}).out;
  EXPECT_NE(out.find("indexed        a, b\n"), std::string::npos) << out;
  EXPECT_NE(out.find("    0  n     up             7        7  4,096\n"), std::string::npos) << out;
}

TEST_F(CommandTest, CollectionsAreCreatedAndDropped) {
  serve([](const FakeRequest& request) {
    return http_answer(request.method == "PUT" ? 201 : 200, R"({"name":"c"})");
  });
  const auto created = mosaic({"collections", "create", "c", "--dimension", "3", "--shards", "2",
                               "--embedder", "none", "--indexed", "a,b"});
  EXPECT_EQ(created.out, "created collection 'c'\n");
  EXPECT_EQ(requests()[0].body,
            R"({"dimension":3,"shards":2,"embedder":"none","indexed":["a","b"]})");
  EXPECT_EQ(mosaic({"collections", "drop", "c"}).out, "dropped collection 'c'\n");
  EXPECT_EQ(requests()[1].method, "DELETE");
}

TEST_F(CommandTest, CreatingWhatStandsSaysSo) {
  serve([](const FakeRequest&) { return http_answer(200, "{}"); });
  const auto outcome = mosaic({"collections", "create", "c"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out, "there is already, with the same settings, 'c'\n");
  EXPECT_EQ(requests()[0].body, "{}");
}

std::string export_answer(const FakeRequest& request, bool complete) {
  if (request.target == "/api/v1/collections/c") return http_answer(200, R"({"documents":2})");
  return chunked_answer({"{\"id\":\"a\"}\n{\"i", "d\":\"b\"}\n"}, complete);
}

TEST_F(CommandTest, ExportWritesToStandardOutput) {
  serve([](const FakeRequest& request) { return export_answer(request, true); });
  const auto outcome = mosaic({"export", "c"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out, "{\"id\":\"a\"}\n{\"id\":\"b\"}\n");
  EXPECT_EQ(outcome.err, "");
}

TEST_F(CommandTest, ExportAndSearchSayWhichStateTheyWant) {
  serve([](const FakeRequest& request) {
    return request.method == "GET" ? export_answer(request, true) : http_answer(200, kFound);
  });
  mosaic({"export", "c", "--as-of", "2026-11-29T12:00:00+01:00"});
  mosaic({"search", "c", "x", "--as-of", "before"});
  ASSERT_EQ(requests().size(), 2U);
  EXPECT_EQ(requests()[0].target,
            "/api/v1/collections/c/export?as_of=2026-11-29T12%3A00%3A00%2B01%3A00");
  EXPECT_EQ(requests()[1].body, R"({"query":"x","k":10,"as_of":"before"})");
}

TEST_F(CommandTest, ExportWritesAFile) {
  serve([](const FakeRequest& request) { return export_answer(request, true); });
  const auto path = (folder_.path() / "out.jsonl").string();
  const auto outcome = mosaic({"export", "c", "-o", path});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out.find("exported 2 documents to " + path), 0U);
  EXPECT_EQ(content("out.jsonl"), "{\"id\":\"a\"}\n{\"id\":\"b\"}\n");
  EXPECT_FALSE(std::filesystem::exists(path + ".partial"));
}

TEST_F(CommandTest, ExportCompressesWhenTheNameSaysSo) {
  serve([](const FakeRequest& request) { return export_answer(request, true); });
  const auto path = (folder_.path() / "out.jsonl.gz").string();
  EXPECT_EQ(mosaic({"export", "c", "-o", path}).exit_code, 0);
  EXPECT_EQ(content("out.jsonl.gz").substr(0, 2), "\x1f\x8b");
  gzFile in = gzopen(path.c_str(), "rb");
  char buffer[100];
  EXPECT_EQ(gzread(in, buffer, sizeof buffer), 22);
  gzclose(in);
}

constexpr const char* kCollection = R"({"name":"c","dimension":2,"metric":"l2","shard_count":2,
  "routing":"centroid","replicas":1,"embedder":"none","quantization":"int8",
  "index":{"type":"hnsw","m":16,"ef_construction":200},"indexed":["a.b"],"retention_s":7,
  "documents":2,"edges":0,"seq":9,"shards":[{"id":0},{"id":1}]})";

std::string whole_export(const FakeRequest& request, const std::string& collection = kCollection) {
  if (request.target == "/api/v1/collections/c") return http_answer(200, collection);
  if (request.target == "/api/v1/collections/c/centroids")
    return http_answer(200, R"({"centroids":[[0.1,-2.5],[3,1e-7]],"seq":5,"settled":true})");
  return export_answer(request, true);
}

TEST_F(CommandTest, ExportWritesWhatTheCollectionIsMadeWithBesideTheFile) {
  serve([](const FakeRequest& request) { return whole_export(request); });
  const auto path = (folder_.path() / "out.jsonl.gz").string();
  ASSERT_EQ(mosaic({"export", "c", "-o", path}).exit_code, 0);
  const auto written = nlohmann::json::parse(content("out.jsonl.gz.settings.json"));
  EXPECT_EQ(written, nlohmann::json::parse(R"({"collection":"c","settings":{"dimension":2,
    "metric":"l2","shards":2,"routing":"centroid","replicas":1,"embedder":"none",
    "quantization":"int8","index":{"type":"hnsw","m":16,"ef_construction":200},"indexed":["a.b"],
    "retention_s":7},"centroids":[[0.1,-2.5],[3,1e-7]]})"));
}

TEST_F(CommandTest, ExportWritesNoSettingsWhenToldSoOrIntoStandardOutput) {
  serve([](const FakeRequest& request) { return whole_export(request); });
  const auto path = (folder_.path() / "out.jsonl").string();
  EXPECT_EQ(mosaic({"export", "c", "-o", path, "--no-settings"}).exit_code, 0);
  EXPECT_FALSE(std::filesystem::exists(path + ".settings.json"));
  EXPECT_EQ(mosaic({"export", "c"}).exit_code, 0);
  EXPECT_EQ(mosaic({"export", "c", "-o", "-"}).exit_code, 0);
  EXPECT_FALSE(std::filesystem::exists("-.settings.json"));
}

TEST_F(CommandTest, AnExportDuringAChangeOfTheEmbedderIsNone) {
  int asked = 0;
  serve([&](const FakeRequest& request) {
    std::string collection = kCollection;
    const auto embedder = collection.find("none");
    if (request.target == "/api/v1/collections/c" && ++asked > 1)
      collection.replace(embedder, 4, "hash");
    return whole_export(request, collection);
  });
  const auto path = (folder_.path() / "out.jsonl").string();
  const auto outcome = mosaic({"export", "c", "-o", path});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("changed while it was exported"), std::string::npos) << outcome.err;
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_FALSE(std::filesystem::exists(path + ".settings.json"));
}

TEST_F(CommandTest, AnIncompleteExportIsAnErrorAndLeavesTheOldFile) {
  serve([](const FakeRequest& request) { return export_answer(request, false); });
  const auto path = file("out.jsonl", "old");
  const auto outcome = mosaic({"export", "c", "-o", path});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("broke off"), std::string::npos);
  EXPECT_EQ(content("out.jsonl"), "old");
  EXPECT_FALSE(std::filesystem::exists(path + ".partial"));
  EXPECT_EQ(mosaic({"export", "c"}).exit_code, 1);
}

TEST_F(CommandTest, AnExportThatEndsWithinALineIsIncomplete) {
  serve([](const FakeRequest&) { return chunked_answer({"{\"id\":\"a\"}\n{\"id\""}); });
  const auto outcome = mosaic({"export", "c"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(outcome.err, "mosaic: the export broke off within document 2\n");
}

TEST_F(CommandTest, AnExportOfNothingIsComplete) {
  serve([](const FakeRequest&) { return chunked_answer({}); });
  EXPECT_EQ(mosaic({"export", "c"}).exit_code, 0);
}

TEST_F(CommandTest, ExportSaysWhatTheServerRefused) {
  serve([](const FakeRequest&) { return problem_answer(404, "not_found", "no collection 'c'"); });
  EXPECT_EQ(mosaic({"export", "c"}).err, "mosaic: no collection 'c' (not_found)\n");
}

TEST_F(CommandTest, ExportWritesIntoAPipe) {
  serve([](const FakeRequest& request) { return export_answer(request, true); });
  const auto pipe = (folder_.path() / "pipe").string();
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::string read;
  std::thread reader([&] { read = content("pipe"); });
  EXPECT_EQ(mosaic({"export", "c", "-o", pipe}).exit_code, 0);
  reader.join();
  EXPECT_EQ(std::count(read.begin(), read.end(), '\n'), 2);
  EXPECT_TRUE(std::filesystem::is_fifo(pipe));
}

TEST_F(CommandTest, ExportSaysWhereItCannotWrite) {
  serve([](const FakeRequest& request) { return export_answer(request, true); });
  EXPECT_EQ(mosaic({"export", "c", "-o", "/no/such/folder/x.jsonl"}).err,
            "mosaic: cannot write '/no/such/folder/x.jsonl.partial': No such file or directory\n");
}

}  // namespace
}  // namespace mosaic::cli
