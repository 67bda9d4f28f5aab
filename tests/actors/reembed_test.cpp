// Collections that go over to another embedder, on a whole node: every answer is wholly of the old
// vectors or wholly of the new ones, and nothing that was acknowledged is lost.
#include "reembed_fixture.hpp"

namespace mosaic::actors {
namespace {

TEST_F(ReembedTest, EveryDocumentHasItsNewVectorAndKeepsItsSeq) {
  make(3);
  write_some(0, 50);
  UpsertRequest given{"docs", {}};
  given.documents.resize(1);
  given.documents[0].id = "given";
  given.documents[0].vector = Vector(kOld, 1);
  const auto written = ask<UpsertReply>(writer, upsert_atom_v, given, RequestId{});
  ASSERT_TRUE(written);
  const auto job = this->job(try_reembed("hash", kNew)->id);
  EXPECT_EQ(job.state, JobState::kDone) << job.detail;
  EXPECT_EQ(job.kind, "reembed");
  EXPECT_EQ(job.result,
            R"({"documents":51,"embedded":50,"without":1,"embedder":"hash","dimension":24})");
  expect_exact(kNew);
  EXPECT_EQ(record().settings.dimension, kNew);
  const auto info = ask<CollectionInfo>(reader, info_atom_v, std::string("docs"));
  EXPECT_EQ(info->settings.dimension, kNew);
  const auto stored =
      ask<StoredDocument>(reader, read_atom_v, GetRequest{"docs", "given", {.vector = true}});
  EXPECT_TRUE(stored->document.vector.empty());
  EXPECT_EQ(stored->seq, written->seq);
}

TEST_F(ReembedTest, WritesAndSearchesGoOnInTheNewSpace) {
  make(2);
  write_some(0, 20);
  EXPECT_EQ(job(try_reembed("hash", kNew)->id).state, JobState::kDone);
  write_some(10, 20);
  expect_exact(kNew);
  EXPECT_EQ(job(try_reembed("hash", kOld)->id).state, JobState::kDone);
  write_some(25, 20);
  expect_exact(kOld);
  SearchRequest by_text;
  by_text.collection = "docs";
  by_text.query = "word1 word2 word3";
  by_text.where = "title IS NULL";
  by_text.filter = R"({"$id":{"$ne":"d1"}})";
  EXPECT_TRUE(ask<SearchReply>(reader, search_atom_v, by_text));
}

struct HoldTest : ReembedTest {
  Seq generation = 0;

  Result<append_reply> append(EntryKind kind, const std::string& bytes,
                              std::optional<Seq> space = {}) {
    return ask<append_reply>(log, append_atom_v, entry(kind, bytes, space));
  }
  append_request entry(EntryKind kind, const std::string& bytes, std::optional<Seq> space = {}) {
    return {record().id,
            kind,
            std::make_shared<const std::string>(bytes),
            {{0}},
            Deadline::in(now(), std::chrono::seconds(60)),
            space};
  }
  Result<append_reply> go_over() {
    return append(EntryKind::kSwitchSpace, encode_generation(generation));
  }
  Result<void> hold() {
    return ask<void>(log, hold_atom_v,
                     hold_request{record().id, generation, Deadline::in(now(), kHoldMax)});
  }

  void SetUp() override {
    ReembedTest::SetUp();
    idle = true;
    make(1);
    const auto begun =
        append(EntryKind::kBeginReembed, encode_reembedding({0, "hash", kNew, kHashFingerprint}));
    ASSERT_TRUE(begun);
    generation = begun->seq;
  }
};

TEST_F(HoldTest, NobodyGoesOverWhileWritesAreNotHeld) {
  EXPECT_EQ(go_over().error().code, ErrorCode::kUnavailable);
  ASSERT_TRUE(hold());
  pass(kHoldMax + std::chrono::seconds(1));
  EXPECT_EQ(go_over().error().code, ErrorCode::kUnavailable);
  ASSERT_TRUE(hold());
  EXPECT_TRUE(go_over());
  EXPECT_FALSE(hold());
}

TEST_F(HoldTest, AHeldWriteIsMadeAnewForTheNewVectors) {
  ASSERT_TRUE(hold());
  const auto written = begin_writing({{"a", "word1 word2"}});
  run();
  EXPECT_FALSE(written->answered());
  ASSERT_TRUE(go_over());
  run();
  pass(std::chrono::seconds(1));
  ASSERT_TRUE(written->answered());
  ASSERT_TRUE(*written->result) << written->error().detail;
  texts["a"] = "word1 word2";
  expect_exact(kNew);
}

TEST_F(HoldTest, AHeldWriteGoesOnWhenTheHoldHasLastedTooLong) {
  ASSERT_TRUE(hold());
  const auto written = begin<append_reply>(
      log, append_atom_v, entry(EntryKind::kWrite, encode_write({}), record().origin.space));
  run();
  EXPECT_FALSE(written->answered());
  pass(kHoldMax + std::chrono::seconds(1));
  ASSERT_TRUE(written->answered());
  EXPECT_TRUE(*written->result);
}

TEST_F(HoldTest, AHeldWriteEndsByItsDeadline) {
  ASSERT_TRUE(hold());
  const auto written = begin_writing({{"a", "word1"}});
  run();
  pass(std::chrono::milliseconds(1'500));
  ASSERT_TRUE(written->answered());
  EXPECT_EQ(written->error().code, ErrorCode::kDeadlineExceeded);
}

TEST_F(HoldTest, AWriteOfAnotherSpaceIsNotAppended) {
  const auto entries = memory->entries.size();
  const auto reply = append(EntryKind::kWrite, encode_write({}), Seq{77});
  ASSERT_TRUE(reply);
  EXPECT_TRUE(reply->outdated);
  EXPECT_EQ(memory->entries.size(), entries);
}

TEST_F(ReembedTest, ASecondJobOfACollectionIsRefused) {
  idle = true;
  make(1);
  ASSERT_TRUE(try_reembed("hash", kNew));
  EXPECT_EQ(try_reembed("hash", kNew).error().code, ErrorCode::kAlreadyExists);
}

TEST_F(ReembedTest, NeverRunsBesideMovesToCentroids) {
  idle = true;
  make(2, "centroid");
  ASSERT_TRUE(ask<Job>(jobs, train_atom_v, TrainRequest{"docs", {}}));
  EXPECT_EQ(try_reembed("hash", kNew).error().code, ErrorCode::kAlreadyExists);
}

TEST_F(ReembedTest, SaysWhatItCannotGoOverTo) {
  make(1);
  EXPECT_EQ(try_reembed("none", 0).error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(try_reembed("none", 0).error().detail.find("clients"), std::string::npos);
  EXPECT_EQ(try_reembed("glove", 0).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(try_reembed("builtin", 7).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(try_reembed("model:/nowhere", 0).error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(try_reembed("model:/nowhere", 0).error().detail.find("/nowhere"), std::string::npos);
  const auto missing = ask<Job>(jobs, reembed_atom_v, ReembedRequest{"nothing", "hash", 3});
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
}

TEST_F(ReembedTest, ACancelledJobLeavesTheCollectionAsItWas) {
  make(2);
  write_some(0, 30);
  room = Error{ErrorCode::kUnavailable, "disk_free is reached"};
  const auto started = try_reembed("hash", kNew);
  ASSERT_TRUE(started);
  EXPECT_NE(job(started->id).detail.find("disk_free"), std::string::npos);
  EXPECT_TRUE(record().origin.next.has_value());
  ASSERT_TRUE(ask<Job>(jobs, cancel_atom_v, started->id));
  EXPECT_EQ(job(started->id).state, JobState::kCancelled);
  EXPECT_FALSE(record().origin.next.has_value());
  EXPECT_EQ(record().settings.dimension, kOld);
  expect_exact(kOld);
  room = {};
  EXPECT_EQ(job(try_reembed("hash", kNew)->id).state, JobState::kDone);
  expect_exact(kNew);
}

TEST_F(ReembedTest, WaitsWhileTheNodeHasNoRoom) {
  make(1);
  write_some(0, 10);
  room = Error{ErrorCode::kUnavailable, "memory is reached"};
  const auto started = try_reembed("hash", kNew);
  for (int i = 0; i < 100; ++i) pass(std::chrono::seconds(1));
  EXPECT_EQ(job(started->id).state, JobState::kRunning);
  room = {};
  pass(std::chrono::seconds(1));
  EXPECT_EQ(job(started->id).state, JobState::kDone);
  expect_exact(kNew);
}

TEST_F(ReembedTest, GoesOnAfterTheJobsActorWasStartedAgain) {
  make(2);
  write_some(0, 30);
  room = Error{ErrorCode::kUnavailable, "wait"};
  ASSERT_TRUE(try_reembed("hash", kNew));
  crash(jobs, {ErrorCode::kInternal, "killed by a test"});
  run();
  room = {};
  start_jobs("t2");
  for (int i = 0; i < 10; ++i) pass(std::chrono::seconds(1));
  EXPECT_EQ(only_job().state, JobState::kDone) << only_job().detail;
  expect_exact(kNew);
}

TEST_F(ReembedTest, AWorkerThatDiesLeavesNothingBehind) {
  make(2);
  write_some(0, 30);
  room = Error{ErrorCode::kUnavailable, "wait"};
  const auto started = try_reembed("hash", kNew);
  crash(worker, {ErrorCode::kInternal, "killed by a test"});
  run();
  for (int i = 0; i < 10; ++i) pass(std::chrono::seconds(1));
  EXPECT_EQ(job(started->id).state, JobState::kFailed);
  EXPECT_FALSE(record().origin.next.has_value());
  expect_exact(kOld);
}

TEST_F(ReembedTest, GoesOnWhenAShardWasStartedAgain) {
  make(2);
  write_some(0, 30);
  room = Error{ErrorCode::kUnavailable, "wait"};
  const auto started = try_reembed("hash", kNew);
  kill_shard({0});
  room = {};
  for (int i = 0; i < 20; ++i) pass(std::chrono::seconds(1));
  EXPECT_EQ(job(started->id).state, JobState::kDone);
  kill_shard({1});
  for (int i = 0; i < 20; ++i) pass(std::chrono::seconds(1));
  expect_exact(kNew);
}

TEST_F(ReembedTest, CentroidsOfTheOldVectorsGo) {
  make(2, "centroid");
  write_some(0, 40);
  ASSERT_TRUE(ask<Job>(jobs, train_atom_v, TrainRequest{"docs", {100, 5, 1}}));
  for (int i = 0; i < 20; ++i) pass(std::chrono::seconds(1));
  EXPECT_NE(record().centroids->seq, 0U);
  EXPECT_EQ(job(try_reembed("hash", kNew)->id).state, JobState::kDone);
  EXPECT_EQ(record().centroids->seq, 0U);
  write_some(20, 40);
  expect_exact(kNew);
  const auto late =
      ask<Centroids>(writer, centroids_atom_v,
                     CentroidsRequest{"docs", {Vector(kNew, 1), Vector(kNew, 2)}}, RequestId{});
  EXPECT_TRUE(late) << late.error().detail;
}

TEST_F(ReembedTest, AWriteOfWhoKnowsNoVectorsOfAClientFitsIsRefusedAfterTheSwitch) {
  make(1);
  EXPECT_EQ(job(try_reembed("hash", kNew)->id).state, JobState::kDone);
  UpsertRequest given{"docs", {}};
  given.documents.resize(1);
  given.documents[0].id = "given";
  given.documents[0].vector = Vector(kOld, 1);
  EXPECT_EQ(ask<UpsertReply>(writer, upsert_atom_v, given, RequestId{}).error().code,
            ErrorCode::kDimensionMismatch);
}

/// Everybody's messages interleave in an order of chance while a job runs.
TEST_F(ReembedTest, EverySearchIsWhollyOldOrWhollyNewAndNoWriteIsLost) {
  SCOPED_TRACE(fmt::format("seed {}", seed));
  make(1 + seed % 3);
  write_some(0, 200);
  std::vector<std::pair<Answer<SearchReply>, std::string>> searches;
  const auto search_now = [&] {
    const auto query = random_text();
    searches.emplace_back(begin<SearchReply>(reader, search_atom_v, vector_search(query)), query);
  };
  const auto waiting = [&] {
    return std::count_if(searches.begin(), searches.end(),
                         [](const auto& search) { return !search.first->answered(); });
  };
  search_now();
  run();
  const auto job = begin_reembed();
  std::vector<std::pair<Answer<UpsertReply>, std::map<std::string, std::string>>> writes;
  std::vector<std::pair<Answer<DeleteReply>, std::string>> deletions;
  std::set<std::string> busy;
  const auto settle = [&] {
    for (auto& [answer, written] : writes) {
      if (!answer->answered()) continue;
      ASSERT_TRUE(*answer->result) << answer->error().detail;
      for (const auto& [id, text] : written) {
        texts[id] = text;
        busy.erase(id);
      }
    }
    std::erase_if(writes, [](const auto& write) { return write.first->answered(); });
    for (auto& [answer, id] : deletions) {
      if (!answer->answered()) continue;
      ASSERT_TRUE(*answer->result) << answer->error().detail;
      texts.erase(id);
      busy.erase(id);
    }
    std::erase_if(deletions, [](const auto& deletion) { return deletion.first->answered(); });
  };
  int after = 0;
  for (int round = 0; round < 20'000 && after < 300; ++round) {
    const auto id = fmt::format("d{}", random() % 250);
    const auto what = random() % 40;
    if (what == 0 && busy.insert(id).second) {
      const std::map<std::string, std::string> written{{id, random_text()}};
      writes.emplace_back(begin_writing(written), written);
    } else if (what == 1 && busy.insert(id).second) {
      const DeleteRequest one{"docs", {id}, "", ""};
      deletions.emplace_back(begin<DeleteReply>(writer, remove_atom_v, one, RequestId{}), id);
    } else if (what < 4 && waiting() < kCrowd) {
      search_now();
    }
    step();
    settle();
    if (record().settings.dimension == kNew) ++after;
  }
  run();
  // Whoever pauses at this moment goes on in time.
  pass_slowly(std::chrono::milliseconds(500));
  for (int i = 0; i < 20; ++i) pass(std::chrono::seconds(1));
  settle();
  EXPECT_TRUE(writes.empty() && deletions.empty());
  EXPECT_EQ(only_job().state, JobState::kDone) << only_job().detail;
  std::set<std::uint32_t> dimensions;
  for (const auto& [answer, query] : searches) {
    ASSERT_TRUE(answer->answered());
    ASSERT_TRUE(*answer->result) << answer->error().detail;
    dimensions.insert(expect_of_one_space(**answer->result, query));
  }
  EXPECT_TRUE(dimensions.contains(kOld));
  expect_exact(kNew);
}

/// As when somebody has put another model into its folder.
TEST_F(ReembedTest, TextIsNotEmbeddedWithAModelThatHasChanged) {
  CollectionSettings settings;
  settings.name = "docs";
  settings.embedder = "hash";
  settings.dimension = kOld;
  const auto made = std::make_shared<const std::string>(encode_collection({settings, {99, 0, {}}}));
  ASSERT_TRUE(ask<append_reply>(
      log, append_atom_v,
      append_request{{}, EntryKind::kCreateCollection, made, {}, Deadline::in(now(), kPatience)}));
  UpsertRequest given{"docs", {}};
  for (int i = 0; i < 5; ++i) {
    Document document;
    document.id = fmt::format("d{}", i);
    document.text = random_text();
    document.vector = Vector(kOld, static_cast<float>(i + 1));
    given.documents.push_back(document);
    texts[document.id] = *document.text;
  }
  ASSERT_TRUE(ask<UpsertReply>(writer, upsert_atom_v, given, RequestId{}));
  const auto says = [](const auto& result) {
    EXPECT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::kUnavailable);
    EXPECT_NE(result.error().detail.find("the model of collection 'docs' has changed"),
              std::string::npos);
  };
  auto request = vector_search("word1");
  says(ask<SearchReply>(reader, search_atom_v, request));
  request.mode = SearchMode::kHybrid;
  says(ask<SearchReply>(reader, search_atom_v, request));
  const auto written = begin_writing({{"x", "text"}});
  run();
  says(*written->result);
  request.weights.vector = 0;
  EXPECT_TRUE(ask<SearchReply>(reader, search_atom_v, request));
  request.mode = SearchMode::kText;
  EXPECT_TRUE(ask<SearchReply>(reader, search_atom_v, request));
  SearchRequest by_number;
  by_number.collection = "docs";
  by_number.vector = Vector(kOld, 1);
  EXPECT_EQ(ask<SearchReply>(reader, search_atom_v, by_number)->hits.size(), 5U);
  SearchRequest like;
  like.collection = "docs";
  like.document = "d1";
  EXPECT_TRUE(ask<SearchReply>(reader, search_atom_v, like));
  EXPECT_EQ(job(try_reembed("hash", kOld)->id).state, JobState::kDone);
  expect_exact(kOld);
}

}  // namespace
}  // namespace mosaic::actors
