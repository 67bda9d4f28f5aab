// Requests that are repeated: written once, answered alike, also when a part of the node died in
// between.
#include "node_fixture.hpp"

namespace mosaic::actors {
namespace {

using namespace std::chrono_literals;

struct IdempotencyTest : NodeFixture {
  const RequestId id{5, 6, 60};

  static UpsertRequest upsert_of(const std::vector<std::string>& ids) {
    UpsertRequest request{"docs", {}};
    for (const auto& name : ids) {
      auto& document = request.documents.emplace_back();
      document.id = name;
      document.vector = {1, 0};
    }
    return request;
  }
  Result<UpsertReply> upsert_as(const RequestId& request, const std::vector<std::string>& ids) {
    return ask<UpsertReply>(writer, upsert_atom_v, upsert_of(ids), request);
  }
  Result<DeleteReply> remove_as(const RequestId& request, DeleteRequest removal) {
    return ask<DeleteReply>(writer, remove_atom_v, std::move(removal), request);
  }
  Result<append_reply> drop_as(const RequestId& request) {
    return ask<append_reply>(writer, drop_atom_v, std::string("docs"), request);
  }
  static CollectionSettings settings() {
    CollectionSettings made;
    made.name = "docs";
    made.dimension = 2;
    made.metric = Metric::kL2;
    made.shards = 2;
    made.embedder = "none";
    return made;
  }
  Result<CollectionPut> put_as(const RequestId& request) {
    return ask<CollectionPut>(writer, create_atom_v, settings(), request);
  }

  void start_ingest_again() {
    crash(writer, {ErrorCode::kInternal, "killed by a test"});
    run();
    writer = system.spawn(ingest, ingest_config{"n1", 1000, node_metrics, documents});
    wire();
  }
  void start_log_again() {
    crash(log, {ErrorCode::kInternal, "killed by a test"});
    run();
    log = system.spawn(log_bridge, log_config{memory, 1 << 20, node_metrics});
    wire();
    pass(2s);
  }
};

TEST_F(IdempotencyTest, ARepeatedWriteIsAnsweredAsTheFirst) {
  make_collection(3);
  const auto first = upsert_as(id, {"a", "b", "c", "d"});
  ASSERT_TRUE(first) << first.error().detail;
  upsert({"a"});
  const auto again = upsert_as(id, {"a", "b", "c", "d"});
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(again->seq, first->seq);
  EXPECT_EQ(again->upserted, 4U);
  EXPECT_TRUE(again->applied);
  EXPECT_EQ(search()->hits.size(), 4U);
  const auto document = ask<StoredDocument>(reader, read_atom_v, GetRequest{"docs", "a", {}});
  EXPECT_GT(document->seq, first->seq) << "what came between was not undone";
}

TEST_F(IdempotencyTest, TwoThatAreUnderWayTogetherAreOne) {
  make_collection(2);
  const auto first = begin<UpsertReply>(writer, upsert_atom_v, upsert_of({"a"}), id);
  const auto second = begin<UpsertReply>(writer, upsert_atom_v, upsert_of({"a"}), id);
  run();
  ASSERT_TRUE(first->answered() && second->answered());
  EXPECT_EQ((*first->result)->seq, (*second->result)->seq);
  EXPECT_EQ(memory->entries.size(), 3U) << "the log has both, the shards take one";
}

TEST_F(IdempotencyTest, ARepeatedDeletionTellsWhatTheFirstFound) {
  make_collection(3);
  upsert({"a", "b", "c", "d", "e"});
  const auto first = remove_as(id, {"docs", {}, "{}", {}});
  EXPECT_EQ(first->deleted, 5U);
  upsert({"f"});
  const auto again = remove_as(id, {"docs", {}, "{}", {}});
  EXPECT_EQ(again->deleted, 5U);
  EXPECT_EQ(again->seq, first->seq);
  EXPECT_EQ(search()->hits.size(), 1U) << "what came later stays";
}

/// What a shard that is away has taken away is counted once it is back.
TEST_F(IdempotencyTest, ARepeatWaitsForAShardThatIsLate) {
  make_collection(3);
  std::vector<std::string> ids;
  for (int i = 0; i < 30; ++i) ids.push_back("d" + std::to_string(i));
  upsert(ids);
  const auto first = remove_as(id, {"docs", ids, {}, {}});
  ASSERT_EQ(first->deleted, 30U);
  kill_shard({1});
  const auto again =
      begin<DeleteReply>(writer, remove_atom_v, DeleteRequest{"docs", ids, {}, {}}, id);
  run();
  EXPECT_FALSE(again->answered());
  for (int ms = 0; ms < 900 && !again->answered(); ++ms) pass(1ms);
  ASSERT_TRUE(again->answered());
  ASSERT_TRUE(*again->result) << again->error().detail;
  EXPECT_EQ((*again->result)->deleted, 30U);
  EXPECT_EQ((*again->result)->seq, first->seq);
  EXPECT_TRUE((*again->result)->applied);
}

TEST_F(IdempotencyTest, AWriteThatIsNoRepeatIsNotHeldUpByAShardThatIsAway) {
  make_collection(3);
  upsert({"a"});
  kill_shard({1});
  const auto written = begin<UpsertReply>(writer, upsert_atom_v, upsert_of({"a", "b", "c"}), id);
  run();
  EXPECT_TRUE(written->answered());
}

TEST_F(IdempotencyTest, ItHoldsWhenThePartThatWritesDiedBeforeItAnswered) {
  make_collection(2);
  const auto lost = begin<UpsertReply>(writer, upsert_atom_v, upsert_of({"a"}), id);
  while (memory->entries.size() < 2 && scheduler.try_run_once()) {
  }
  ASSERT_EQ(memory->entries.size(), 2U);
  start_ingest_again();
  const auto again = upsert_as(id, {"a"});
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(again->seq, 2U);
}

TEST_F(IdempotencyTest, ItHoldsWhenTheLogAndTheShardsWereStartedAgain) {
  make_collection(2);
  const auto first = upsert_as(id, {"a"});
  start_log_again();
  const auto again = upsert_as(id, {"a"});
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(again->seq, first->seq);
  EXPECT_EQ(search()->hits.size(), 1U);
}

TEST_F(IdempotencyTest, PastItsWindowItIsARequestOfItsOwn) {
  make_collection(1);
  const auto first = upsert_as(id, {"a"});
  memory->time_ms += 60'000;
  EXPECT_EQ(upsert_as(id, {"a"})->seq, first->seq);
  memory->time_ms += 1;
  EXPECT_GT(upsert_as(id, {"a"})->seq, first->seq);
}

TEST_F(IdempotencyTest, ACollectionIsMadeOnce) {
  const auto first = put_as(id);
  ASSERT_TRUE(first) << first.error().detail;
  EXPECT_TRUE(first->created);
  CollectionPatch patch;
  patch.retention_s = 0;
  patch.indexed = std::vector<std::string>{"section"};
  ASSERT_TRUE(ask<CollectionInfo>(writer, patch_atom_v, patch_request{"docs", patch}));
  const auto again = put_as(id);
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_TRUE(again->created) << "that was the request that made it";
  EXPECT_EQ(again->info.settings.indexed, std::vector<std::string>{"section"});
  EXPECT_EQ(put_as({7, 8, 60}).error().code, ErrorCode::kAlreadyExists);
}

TEST_F(IdempotencyTest, ACollectionThatStandsIsNotMadeByAnotherRequest) {
  ASSERT_TRUE(put_as({}));
  EXPECT_FALSE(put_as(id)->created);
  EXPECT_FALSE(put_as(id)->created);
}

TEST_F(IdempotencyTest, ADropThatComesAgainIsAnsweredThoughTheCollectionIsGone) {
  ASSERT_TRUE(put_as({}));
  const auto first = drop_as(id);
  ASSERT_TRUE(first) << first.error().detail;
  const auto again = drop_as(id);
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(again->seq, first->seq);
  EXPECT_EQ(drop_as({7, 8, 60}).error().code, ErrorCode::kNotFound);
}

TEST_F(IdempotencyTest, ADropThatComesAgainLeavesTheCollectionMadeSinceAlone) {
  ASSERT_TRUE(put_as({}));
  const auto first = drop_as(id);
  ASSERT_TRUE(put_as({}));
  upsert({"a"});
  EXPECT_EQ(drop_as(id)->seq, first->seq);
  EXPECT_EQ(search()->hits.size(), 1U);
}

TEST_F(IdempotencyTest, APatchThatComesAgainDoesNotUndoALaterOne) {
  ASSERT_TRUE(put_as({}));
  const auto patch = [&](const std::string& path, const RequestId& request) {
    CollectionPatch changes;
    changes.indexed = std::vector<std::string>{path};
    return ask<CollectionInfo>(writer, patch_atom_v, patch_request{"docs", changes}, request);
  };
  ASSERT_TRUE(patch("a", id));
  ASSERT_TRUE(patch("b", {}));
  EXPECT_EQ(patch("a", id)->settings.indexed, std::vector<std::string>{"b"});
  pass(100ms);
  const auto info = ask<CollectionInfo>(reader, info_atom_v, std::string("docs"));
  EXPECT_EQ(info->settings.indexed, std::vector<std::string>{"b"});
}

TEST_F(IdempotencyTest, AnAnswerThatIsRememberedIsInTheCatalogWhenThatIsSaid) {
  const RememberedAnswer answer{id, "digest", 200, "application/json", "", "{}"};
  ASSERT_TRUE(ask<append_reply>(writer, remember_atom_v, answer));
  storage::AnswerReader answers(folder.path() / "catalog.db");
  EXPECT_EQ(*answers.find(id, memory->time_ms), answer);
  EXPECT_FALSE(*answers.find(id, memory->time_ms + 60'001));
}

}  // namespace
}  // namespace mosaic::actors
