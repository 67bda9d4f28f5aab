#include <set>
#include <thread>

#include "base/failure.hpp"
#include "cli/import/batch_sender.hpp"
#include "cli/import/pipeline.hpp"
#include "command_fixture.hpp"

namespace mosaic::cli {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test::FakeRequest;
using test::http_answer;

TEST(RetryDelay, DoublesUpToALimitAndGivesUp) {
  EXPECT_EQ(retry_delay(1, seconds(0), milliseconds(0)), milliseconds(50));
  EXPECT_EQ(retry_delay(3, seconds(0), milliseconds(0)), milliseconds(200));
  EXPECT_EQ(retry_delay(1, seconds(2), milliseconds(0)), milliseconds(2000));
  EXPECT_EQ(retry_delay(1, seconds(900), milliseconds(0)), milliseconds(10'000));
  EXPECT_EQ(retry_delay(99, seconds(0), milliseconds(0)), milliseconds(10'000));
  EXPECT_EQ(retry_delay(9, seconds(0), milliseconds(59'000)), std::nullopt);
}

TEST(ParseRefused, FindsThePositionOfADocument) {
  const auto refused = parse_refused("documents[16].vector has 3 dimensions");
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->position, 16U);
  EXPECT_EQ(refused->reason, "vector has 3 dimensions");
  EXPECT_EQ(parse_refused("documents[2]: id is empty")->reason, "id is empty");
  EXPECT_EQ(parse_refused("in documents[2] the id is empty")->reason,
            "in documents[2] the id is empty");
  for (const std::string no : {"", "documents", "documents[", "documents[x]", "documents[1"}) {
    EXPECT_FALSE(parse_refused(no)) << no;
  }
}

Batch batch_of(const std::vector<std::string>& ids) {
  Batch batch;
  for (const auto& id : ids) batch.add(Batch::make_item({"f:1", id, "", 0, {}}));
  return batch;
}

TEST(Batch, KeepsItsBytesAndHalvesInOrder) {
  auto batch = batch_of({"a", "b", "c"});
  EXPECT_EQ(batch.body(), R"({"documents":[{"id":"a"},{"id":"b"},{"id":"c"}]})");
  const auto [first, second] = batch.halves();
  EXPECT_EQ(first.body(), R"({"documents":[{"id":"a"}]})");
  EXPECT_EQ(second.body(), R"({"documents":[{"id":"b"},{"id":"c"}]})");
  const auto bytes = batch.bytes();
  batch.erase(1);
  EXPECT_EQ(batch.body(), R"({"documents":[{"id":"a"},{"id":"c"}]})");
  EXPECT_EQ(batch.bytes(), bytes / 3 * 2);
}

TEST(ImportPipeline, BatchesOfOneIdAreSentInOrder) {
  std::mutex mutex;
  std::vector<std::size_t> order;
  std::atomic<int> under_way{0};
  const ImportPipeline::Send send = [&](const Batch& batch, const Pause&) {
    EXPECT_EQ(++under_way, 1);
    std::this_thread::yield();
    {
      const std::lock_guard lock(mutex);
      order.push_back(batch.size());
    }
    --under_way;
  };
  ImportPipeline pipeline({send, send});
  std::vector<std::string> ids = {"same"};
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(pipeline.push(batch_of(ids)));
    ids.push_back(std::to_string(i));
  }
  pipeline.finish();
  ASSERT_EQ(order.size(), 100U);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST(ImportPipeline, TwoBatchesAreUnderWayTogether) {
  std::mutex mutex;
  std::condition_variable changed;
  int arrived = 0;
  const ImportPipeline::Send send = [&](const Batch&, const Pause&) {
    std::unique_lock lock(mutex);
    ++arrived;
    changed.notify_all();
    changed.wait(lock, [&] { return arrived >= 2; });
  };
  ImportPipeline pipeline({send, send});
  pipeline.push(batch_of({"a"}));
  pipeline.push(batch_of({"b"}));
  pipeline.finish();
  EXPECT_EQ(arrived, 2);
}

TEST(ImportPipeline, TheFirstFailureEndsItAndWakesThoseWhoPause) {
  std::mutex mutex;
  std::condition_variable changed;
  bool pausing = false;
  const ImportPipeline::Send send = [&](const Batch& batch, const Pause& pause) {
    if (batch.size() == 1) {
      {
        const std::lock_guard lock(mutex);
        pausing = true;
      }
      changed.notify_all();
      EXPECT_FALSE(pause(std::chrono::hours(1)));
      return;
    }
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return pausing; });
    throw Failure(ErrorCode::kInternal, "no");
  };
  ImportPipeline pipeline({send, send});
  pipeline.push(batch_of({"a"}));
  pipeline.push(batch_of({"b", "c"}));
  EXPECT_THROW(pipeline.finish(), Failure);
  EXPECT_FALSE(pipeline.push(batch_of({"d"})));
}

TEST(ImportPipeline, EndsWithoutBeingFinished) {
  const ImportPipeline::Send send = [](const Batch&, const Pause&) {};
  ImportPipeline pipeline({send, send});
  pipeline.push(batch_of({"a"}));
}

/// A node that keeps documents by id and refuses those whose text is "bad".
class ImportTest : public CommandTest {
 protected:
  void start(bool has_collection = true) {
    has_collection_ = has_collection;
    serve([this](const FakeRequest& request) { return answer(request); });
  }

  std::string answer(const FakeRequest& request) {
    const std::lock_guard lock(mutex_);
    if (request.method == "PUT") {
      has_collection_ = true;
      return http_answer(201, "{}");
    }
    if (!has_collection_) return problem_answer(404, "not_found", "no collection 'c'");
    if (request.method == "GET") return http_answer(200, R"({"name":"c"})");
    keys_.push_back(key_of(request));
    if (overloaded_ > 0) {
      --overloaded_;
      return problem_answer(503, "overloaded", "queue is full", "Retry-After: 0\r\n");
    }
    const auto stored = store(json::parse(request.body).at("documents"));
    // It is done, but nobody hears of it.
    return lost_ > 0 && lost_-- > 0 ? std::string() : stored;
  }

  static std::string key_of(const FakeRequest& request) {
    constexpr std::string_view kName = "Idempotency-Key: ";
    const auto begin = request.head.find(kName);
    if (begin == std::string::npos) return {};
    const auto value = begin + kName.size();
    return request.head.substr(value, request.head.find('\r', value) - value);
  }

  std::vector<std::string> puts() {
    std::vector<std::string> found;
    for (const auto& request : requests()) {
      if (request.method == "PUT") found.push_back(request.target + " " + request.body);
    }
    return found;
  }

  std::string store(const json& documents) {
    if (documents.size() > documents_max_) {
      return problem_answer(413, "payload_too_large", "too many");
    }
    for (std::size_t i = 0; i < documents.size(); ++i) {
      if (documents[i].value("text", "") == "bad") {
        return problem_answer(400, "invalid_argument",
                              "documents[" + std::to_string(i) + "].text is bad");
      }
    }
    ++batches_;
    for (const auto& document : documents) stored_[document.at("id")] = document;
    return http_answer(200, R"({"upserted":1,"seq":1,"applied":true})");
  }

  static std::string lines(int from, int to) {
    std::string out;
    for (int i = from; i < to; ++i) out += R"({"id":")" + std::to_string(i) + "\"}\n";
    return out;
  }

  std::mutex mutex_;
  bool has_collection_ = true;
  int overloaded_ = 0;
  int lost_ = 0;                   ///< answers to writes that do not arrive
  std::vector<std::string> keys_;  ///< of all writes
  std::size_t documents_max_ = 10'000;
  int batches_ = 0;
  std::map<std::string, json> stored_;
};

TEST_F(ImportTest, StoresEveryDocumentOfEveryFile) {
  start();
  const auto outcome =
      mosaic({"import", "c", file("a.jsonl", lines(0, 1500)), file("b.jsonl.gz", lines(1500, 2600)),
              file("c.csv", "id,n\nx,1\n"), "--json"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(stored_.size(), 2601U);
  EXPECT_EQ(batches_, 3);
  EXPECT_EQ(stored_.at("x").dump(), R"({"id":"x","metadata":{"n":1}})");
  const auto summary = json::parse(outcome.out);
  EXPECT_EQ(summary.at("documents"), 2601);
  EXPECT_EQ(summary.at("collection"), "c");
  EXPECT_EQ(summary.at("bad_lines"), 0);
  EXPECT_EQ(outcome.err, "");
}

TEST_F(ImportTest, SaysWhatItDid) {
  start();
  const auto outcome = mosaic({"import", "c", file("a.jsonl", lines(0, 3)), "--links",
                               file("l.tsv", "0\t1\tk\n0\t2\n9\t1\n")});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out.find("imported 3 documents (2 links) in 0."), 0U) << outcome.out;
  EXPECT_NE(outcome.out.find(" documents/s\nleft out 1 links of "), std::string::npos);
  EXPECT_EQ(stored_.at("0").at("links").dump(), R"([{"kind":"k","to":"1"},"2"])");
}

TEST_F(ImportTest, BatchesKeepBothLimits) {
  start();
  std::string text;
  for (int i = 0; i < 6; ++i) {
    text +=
        R"({"id":")" + std::to_string(i) + R"(","text":")" + std::string(1'500'000, 'x') + "\"}\n";
  }
  EXPECT_EQ(mosaic({"import", "c", file("big.jsonl", text)}).exit_code, 0);
  EXPECT_EQ(batches_, 3);
  EXPECT_EQ(mosaic({"import", "c", file("a.jsonl", lines(0, 10)), "--batch", "3"}).exit_code, 0);
  EXPECT_EQ(batches_, 3 + 4);
}

TEST_F(ImportTest, TheLastDocumentOfAnIdWinsOverBatches) {
  start();
  std::string text;
  for (int i = 0; i < 200; ++i) text += R"({"id":"same","n":)" + std::to_string(i) + "}\n";
  EXPECT_EQ(mosaic({"import", "c", file("a.jsonl", text), "--batch", "1"}).exit_code, 0);
  EXPECT_EQ(stored_.at("same").at("metadata").at("n"), 199);
}

TEST_F(ImportTest, AMissingCollectionIsNamedBeforeAnythingIsRead) {
  start(false);
  const auto outcome = mosaic({"import", "c", file("a.jsonl", lines(0, 1))});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(outcome.err,
            "mosaic: no collection 'c' (not_found); --create makes the collection; 0 documents "
            "were stored\n");
}

TEST_F(ImportTest, CreateMakesTheCollectionForTheFirstVector) {
  start(false);
  const auto path = file("a.jsonl", "{\"id\":\"a\"}\n{\"id\":\"b\",\"vector\":[1,2,3]}\n");
  EXPECT_EQ(mosaic({"import", "c", path, "--create", "--metric", "l2"}).exit_code, 0);
  for (const auto& request : requests()) {
    if (request.method != "PUT") continue;
    EXPECT_EQ(request.target, "/api/v1/collections/c");
    EXPECT_EQ(request.body, R"({"dimension":3,"metric":"l2"})");
  }
  EXPECT_EQ(stored_.size(), 2U);
}

TEST_F(ImportTest, CreateMakesAnEmptyCollectionForAnEmptyFile) {
  start(false);
  EXPECT_EQ(mosaic({"import", "c", file("a.jsonl", ""), "--create", "--indexed", "a,b"}).exit_code,
            0);
  EXPECT_EQ(requests().back().body, R"({"indexed":["a","b"]})");
}

TEST_F(ImportTest, ABadLineStopsTheImportAndNothingOfItsBatchIsStored) {
  start();
  const auto path = file("a.jsonl", lines(0, 25) + "nonsense\n" + lines(25, 50));
  const auto outcome = mosaic({"import", "c", path, "--batch", "10"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(outcome.err.find("mosaic: " + path + ":26: not valid JSON: "), 0U);
  EXPECT_NE(outcome.err.find("; 20 documents were stored\n"), std::string::npos);
  EXPECT_EQ(stored_.size(), 20U);
  EXPECT_EQ(outcome.out, "");
}

TEST_F(ImportTest, SkipBadGoesOnListsTheFirstAndEndsWithOne) {
  start();
  std::string text;
  for (int i = 0; i < 25; ++i) text += "nonsense\n" + lines(i, i + 1);
  const auto path = file("a.jsonl", text);
  const auto outcome = mosaic({"import", "c", path, "--skip-bad"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(stored_.size(), 25U);
  EXPECT_EQ(outcome.out.find("imported 25 documents"), 0U);
  EXPECT_NE(outcome.err.find(path + ":39: "), std::string::npos);
  EXPECT_EQ(outcome.err.find(path + ":41: "), std::string::npos);
  EXPECT_NE(outcome.err.find("and 5 more\nmosaic: 25 bad lines were left out\n"),
            std::string::npos);
}

TEST_F(ImportTest, ADocumentTheServerRefusesIsNamedByItsLine) {
  start();
  const auto path = file("a.jsonl", lines(0, 5) + "\n{\"id\":\"x\",\"text\":\"bad\"}\n");
  const auto outcome = mosaic({"import", "c", path});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(outcome.err,
            "mosaic: " + path + ":7: text is bad (invalid_argument); 0 documents were stored\n");
}

TEST_F(ImportTest, SkipBadLeavesOutWhatTheServerRefuses) {
  start();
  const auto bad = std::string("{\"id\":\"x\",\"text\":\"bad\"}\n");
  const auto path = file("a.jsonl", bad + lines(0, 5) + bad + bad);
  const auto outcome = mosaic({"import", "c", path, "--skip-bad", "--json"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(json::parse(outcome.out).at("documents"), 5);
  EXPECT_EQ(json::parse(outcome.out).at("bad_lines"), 3);
  EXPECT_EQ(stored_.size(), 5U);
}

TEST_F(ImportTest, AServerThatRefusesEverythingIsNotAskedForEver) {
  start();
  std::string text;
  for (int i = 0; i < 500; ++i) text += "{\"id\":\"x\",\"text\":\"bad\"}\n";
  const auto outcome = mosaic({"import", "c", file("a.jsonl", text), "--skip-bad"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("the server refused 100 documents of one batch"), std::string::npos);
}

TEST_F(ImportTest, WaitsForAnOverloadedServer) {
  start();
  overloaded_ = 3;
  EXPECT_EQ(mosaic({"import", "c", file("a.jsonl", lines(0, 5))}).exit_code, 0);
  EXPECT_EQ(stored_.size(), 5U);
}

TEST_F(ImportTest, ABatchWithoutAnAnswerIsSentAgainUnderItsKey) {
  start();
  lost_ = 2;
  const auto outcome = mosaic({"import", "c", file("a.jsonl", lines(0, 10)), "--batch", "5"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(stored_.size(), 10U);
  ASSERT_EQ(keys_.size(), 4U);
  const std::set<std::string> different(keys_.begin(), keys_.end());
  EXPECT_EQ(different.size(), 2U) << "one for each batch";
  for (const auto& key : different) EXPECT_GE(key.size(), 32U) << key;
}

constexpr const char* kSettings = R"({"collection":"old","settings":{"dimension":2,"metric":"l2",
  "shards":2,"routing":"centroid","embedder":"none","indexed":["a"]},"centroids":[[1,2],[3,4.5]]})";

TEST_F(ImportTest, CreateTakesTheSettingsBesideTheFile) {
  start(false);
  const auto path = file("a.jsonl.gz", lines(0, 1));
  file("a.jsonl.gz.settings.json", kSettings);
  EXPECT_EQ(mosaic({"import", "c", path, "--create"}).exit_code, 0);
  EXPECT_EQ(puts(), (std::vector<std::string>{
                        R"(/api/v1/collections/c {"dimension":2,"metric":"l2","shards":2,)"
                        R"("routing":"centroid","embedder":"none","indexed":["a"]})",
                        R"(/api/v1/collections/c/centroids {"centroids":[[1,2],[3,4.5]]})"}));
}

TEST_F(ImportTest, FlagsWinOverTheSettingsBesideTheFile) {
  start(false);
  const auto path = file("a.jsonl", lines(0, 1));
  file("a.jsonl.settings.json", kSettings);
  EXPECT_EQ(mosaic({"import", "c", path, "--create", "--shards", "3"}).exit_code, 0);
  EXPECT_EQ(puts(), (std::vector<std::string>{
                        R"(/api/v1/collections/c {"dimension":2,"metric":"l2","shards":3,)"
                        R"("routing":"centroid","embedder":"none","indexed":["a"]})"}))
      << "and centroids for two shards are of no use to three";
  start(false);
  EXPECT_EQ(mosaic({"import", "c", path, "--create", "--no-settings"}).exit_code, 0);
  EXPECT_EQ(puts().back(), "/api/v1/collections/c {}");
}

TEST_F(ImportTest, FilesOfDifferentCollectionsDoNotMakeOne) {
  start(false);
  const auto first = file("a.jsonl", lines(0, 1));
  const auto second = file("b.jsonl", lines(1, 2));
  file("a.jsonl.settings.json", kSettings);
  file("b.jsonl.settings.json", R"({"settings":{"dimension":3}})");
  const auto outcome = mosaic({"import", "c", first, second, "--create"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("b.jsonl.settings.json' has other settings"), std::string::npos)
      << outcome.err;
  EXPECT_TRUE(puts().empty());
}

TEST_F(ImportTest, SettingsThatAreNoneAreSaid) {
  const auto path = file("a.jsonl", lines(0, 1));
  for (const std::string text : {"", "[]", "{}", "{", R"({"settings":1})", R"({"more":{}})"}) {
    start(false);
    file("a.jsonl.settings.json", text);
    const auto outcome = mosaic({"import", "c", path, "--create"});
    EXPECT_EQ(outcome.exit_code, 1) << text;
    EXPECT_NE(outcome.err.find("a.jsonl.settings.json'"), std::string::npos) << outcome.err;
    EXPECT_TRUE(stored_.empty());
  }
}

TEST_F(ImportTest, HalvesABatchThatIsTooLarge) {
  start();
  documents_max_ = 3;
  EXPECT_EQ(mosaic({"import", "c", file("a.jsonl", lines(0, 20))}).exit_code, 0);
  EXPECT_EQ(stored_.size(), 20U);
}

TEST_F(ImportTest, OneDocumentThatIsTooLargeIsNamedByItsLine) {
  start();
  documents_max_ = 0;
  const auto path = file("a.jsonl", lines(0, 1));
  EXPECT_EQ(mosaic({"import", "c", path}).err,
            "mosaic: " + path + ":1: too many (payload_too_large); 0 documents were stored\n");
}

TEST_F(ImportTest, AnUnservedFormatEndsWithTwo) {
  start();
  for (const std::string name : {"a.npy", "a.parquet", "a.unknown"}) {
    const auto outcome = mosaic({"import", "c", file(name, "")});
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_TRUE(requests().empty());
  }
}

TEST_F(ImportTest, AMissingFileStopsTheImportBeforeItBegins) {
  start();
  const auto outcome = mosaic({"import", "c", file("a.jsonl", lines(0, 1)), "/no/such.jsonl"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(outcome.err, "mosaic: cannot read '/no/such.jsonl': No such file or directory\n");
  EXPECT_TRUE(stored_.empty());
}

TEST_F(ImportTest, AFailingServerEndsTheImportWithItsWords) {
  serve([](const FakeRequest& request) {
    if (request.method == "GET") return http_answer(200, "{}");
    return problem_answer(500, "internal", "disk is full");
  });
  const auto outcome = mosaic({"import", "c", file("a.jsonl", lines(0, 5000))});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(outcome.err, "mosaic: disk is full (internal); 0 documents were stored\n");
}

}  // namespace
}  // namespace mosaic::cli
