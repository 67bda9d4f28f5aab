#include <algorithm>
#include <set>

#include "command_fixture.hpp"

namespace mosaic::cli {
namespace {

using test::FakeRequest;
using test::http_answer;
using Json = nlohmann::json;

const std::vector<std::string> kQuick = {"--warmup",      "0", "--duration", "200ms", "--json",
                                         "--connections", "2"};

std::vector<std::string> bench(std::vector<std::string> more) {
  std::vector<std::string> words = {"bench", "c"};
  words.insert(words.end(), kQuick.begin(), kQuick.end());
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

/// A collection of one document that answers everything.
std::string answer_of_a_node(const FakeRequest& request) {
  if (request.method == "GET" && request.target == "/api/v1/collections/c") {
    return http_answer(200, R"({"dimension":2,"embedder":"none"})");
  }
  if (request.target.find("/documents?") != std::string::npos) {
    return http_answer(200, R"({"documents":[{"id":"x/y","title":"T","vector":[0.5,1]}]})");
  }
  if (request.target.find("/documents/delete") != std::string::npos) {
    return http_answer(
        200, R"({"deleted":)" + std::to_string(Json::parse(request.body)["ids"].size()) + "}");
  }
  return http_answer(200, R"({"hits":[{"metadata":{"partial":true},"score":1}],"partial":false})");
}

TEST_F(CommandTest, BenchSendsSearchesOfTheModesThatAreAskedFor) {
  serve(answer_of_a_node);
  const auto outcome = mosaic(bench(
      {"--mode", "vector,hybrid", "-k", "3", "--filter", R"({"a":1})", "--ef", "70", "--exact"}));
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto json = Json::parse(outcome.out);
  EXPECT_EQ(json["errors"], 0);
  EXPECT_EQ(json["partial"], 0);
  std::set<std::string> bodies;
  for (const auto& request : requests()) {
    if (request.method == "POST") bodies.insert(request.body);
  }
  EXPECT_EQ(bodies,
            (std::set<std::string>{
                R"({"ef":70,"exact":true,"filter":{"a":1},"k":3,"mode":"vector","vector":[0.5,1]})",
                R"({"ef":70,"exact":true,"filter":{"a":1},"k":3,"mode":"hybrid","query":"T",)"
                R"("vector":[0.5,1]})"}));
  EXPECT_EQ(json["ef"], 70);
}

TEST_F(CommandTest, BenchSendsNothingWhenItsPlotCannotBeWritten) {
  serve(answer_of_a_node);
  const auto outcome = mosaic(bench({"--plot", "/no/such/folder/x.svg"}));
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(outcome.err,
            "mosaic: cannot write '/no/such/folder/x.svg.partial': No such file or directory\n");
  EXPECT_TRUE(requests().empty());
}

TEST_F(CommandTest, BenchDeletesWhatItWrote) {
  serve(answer_of_a_node);
  const auto outcome = mosaic(bench({"--writes", "100", "--batch", "3"}));
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  std::set<std::string> written;
  std::set<std::string> deleted;
  for (const auto& request : requests()) {
    if (request.method != "POST") continue;
    const auto body = Json::parse(request.body);
    for (const auto& document : body.value("documents", Json::array())) {
      written.insert(document["id"].get<std::string>());
      EXPECT_EQ(document["title"], "T");
      EXPECT_EQ(document["vector"].size(), 2U);
    }
    for (const auto& id : body.value("ids", Json::array())) deleted.insert(id.get<std::string>());
  }
  EXPECT_FALSE(written.empty());
  EXPECT_EQ(written.begin()->substr(0, 6), "bench-");
  EXPECT_EQ(written, deleted);
  EXPECT_EQ(Json::parse(outcome.out)["documents_deleted"], written.size());
}

TEST_F(CommandTest, BenchKeepsWhatItWroteWhenToldTo) {
  serve(answer_of_a_node);
  EXPECT_EQ(mosaic(bench({"--writes", "100", "--keep"})).exit_code, 0);
  for (const auto& request : requests()) {
    EXPECT_EQ(request.target.find("/delete"), std::string::npos);
  }
}

TEST_F(CommandTest, BenchTakesQueriesFromAFile) {
  serve(answer_of_a_node);
  const auto path = file("queries", "two words\n\n{\"query\":\"own\",\"k\":1}\n");
  EXPECT_EQ(mosaic(bench({"--mode", "text", "--queries", path})).exit_code, 0);
  std::set<std::string> bodies;
  for (const auto& request : requests()) {
    if (request.method == "POST") bodies.insert(request.body);
  }
  EXPECT_EQ(bodies, (std::set<std::string>{R"({"k":10,"mode":"text","query":"two words"})",
                                           R"({"k":1,"mode":"text","query":"own"})"}));
}

TEST_F(CommandTest, BenchEndsWithOneWhenNothingSucceeds) {
  serve([](const FakeRequest& request) {
    if (request.method == "GET") return answer_of_a_node(request);
    return problem_answer(503, "overloaded", "too much at once");
  });
  const auto outcome = mosaic(bench({}));
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("too much at once"), std::string::npos) << outcome.err;
  const auto json = Json::parse(outcome.out);
  EXPECT_EQ(json["statuses"]["503"], json["requests"]);
  EXPECT_EQ(json["codes"]["overloaded"], json["requests"]);
}

TEST_F(CommandTest, BenchNamesTheDocumentsThatItCouldNotDelete) {
  serve([](const FakeRequest& request) {
    if (request.target.find("/delete") == std::string::npos) return answer_of_a_node(request);
    return problem_answer(503, "unavailable", "the disk is full");
  });
  const auto outcome = mosaic(bench({"--writes", "50"}));
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("may remain: the disk is full"), std::string::npos) << outcome.err;
  EXPECT_GT(Json::parse(outcome.out)["requests"], 0);
}

TEST_F(CommandTest, BenchNeedsSomethingToMakeQueriesOf) {
  serve([](const FakeRequest& request) {
    if (request.target.find("/documents?") == std::string::npos) return answer_of_a_node(request);
    return http_answer(200, R"({"documents":[]})");
  });
  const auto outcome = mosaic(bench({}));
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("hybrid queries"), std::string::npos) << outcome.err;
}

TEST(Bench, RefusesWrongUsageWithItsName) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> wrong = {
      {{"bench"}, "COLLECTION"},
      {{"bench", "c", "--duration", "soon"}, "--duration is 'soon'"},
      {{"bench", "c", "--duration", "25h"}, "--duration is '25h'"},
      {{"bench", "c", "--duration", "0"}, "--duration is '0'"},
      {{"bench", "c", "--rate", "0"}, "--rate"},
      {{"bench", "c", "--connections", "10001"}, "--connections"},
      {{"bench", "c", "--mode", "text,fast"}, "'fast'"},
      {{"bench", "c", "--writes", "101"}, "--writes"},
      {{"bench", "c", "--writes", "60", "--reads", "50"}, "--writes 60"},
      {{"bench", "c", "--filter", "{"}, "--filter"},
      {{"bench", "c", "--recall-queries", "5"}, "--recall"},
      {{"bench", "c", "-k", "0"}, "-k"},
  };
  for (const auto& [words, named] : wrong) {
    const auto outcome = run_mosaic(words);
    EXPECT_EQ(outcome.exit_code, 2) << outcome.err;
    EXPECT_NE(outcome.err.find(named), std::string::npos) << outcome.err;
  }
}

TEST(Bench, EndsWithOneLineWhenNobodyListens) {
  const auto outcome = run_mosaic({"bench", "c", "--url", "http://127.0.0.1:1"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
}

}  // namespace
}  // namespace mosaic::cli
