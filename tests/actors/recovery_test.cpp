// The parts of a node die or end, with requests under way, and are started again: nobody waits for
// longer than his time, nothing that is in the log is lost, nothing is applied twice.
#include "node_fixture.hpp"

namespace mosaic::actors {
namespace {

using namespace std::chrono_literals;

enum class Victim { kLog, kSupervisor, kShard, kCoordinator, kIngest };

struct RecoveryTest : NodeFixture {
  static constexpr auto kKilled = ErrorCode::kInternal;

  void kill(Victim victim) { crash(handle(victim), {kKilled, "killed by a test"}); }

  caf::actor handle(Victim victim) {
    if (victim == Victim::kLog) return caf::actor_cast<caf::actor>(log);
    if (victim == Victim::kSupervisor) return caf::actor_cast<caf::actor>(supervisor);
    if (victim == Victim::kCoordinator) return caf::actor_cast<caf::actor>(reader);
    if (victim == Victim::kIngest) return caf::actor_cast<caf::actor>(writer);
    return shards.contains({1}) ? caf::actor_cast<caf::actor>(shards.at({1})) : caf::actor();
  }

  /// What root does once a part is down; shards are the supervisor's business.
  void restart(Victim victim) {
    run();
    if (victim == Victim::kLog) log = system.spawn(log_bridge, log_config{memory, 1 << 20});
    if (victim == Victim::kSupervisor) supervisor = system.spawn(shard_supervisor, supervision);
    if (victim == Victim::kCoordinator)
      reader = system.spawn(coordinator, coordinator_config{"n1", 1000, 0});
    if (victim == Victim::kIngest) writer = system.spawn(ingest, ingest_config{"n1", 1000});
    wire();
    pass(20ms);
  }

  Answer<UpsertReply> begin_upsert(const std::vector<std::string>& ids) {
    UpsertRequest request{"docs", {}};
    for (const auto& id : ids) {
      request.documents.emplace_back().id = id;
      request.documents.back().vector = {1, 0};
    }
    return begin<UpsertReply>(writer, upsert_atom_v, request, RequestId{});
  }

  /// The ids of all documents, each as often as it is found.
  std::vector<std::string> found() {
    const auto reply = search();
    EXPECT_TRUE(reply) << reply.error().detail;
    EXPECT_FALSE(reply && reply->partial);
    std::vector<std::string> ids;
    if (reply) {
      for (const auto& hit : reply->hits) ids.push_back(hit.stored.document.id);
    }
    std::sort(ids.begin(), ids.end());
    return ids;
  }

  void append_behind_its_back(CollectionId collection, EntryKind kind, std::string bytes) {
    memory->append({collection, kind, std::move(bytes), 0});
  }

  static CollectionSettings second() {
    CollectionSettings settings;
    settings.name = "more";
    settings.dimension = 2;
    return settings;
  }

  CollectionId docs() { return catalog->find("docs")->id; }
};

using Strings = std::vector<std::string>;

TEST_F(RecoveryTest, WritesFailAtOnceWhileTheLogIsAwayAndSearchesGoOn) {
  make_collection(2);
  upsert({"a", "b"});
  kill(Victim::kLog);
  run();
  EXPECT_EQ(try_upsert({"c"}).error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(found(), (Strings{"a", "b"}));
  restart(Victim::kLog);
  EXPECT_TRUE(upsert({"c"}).applied);
  EXPECT_EQ(found(), (Strings{"a", "b", "c"}));
}

/// Nothing that comes while the shards end begins another one, which nobody would tell to end.
struct EndingTest : RecoveryTest {
  bool ends_with(std::function<void()> meanwhile) {
    caf::scoped_actor watcher{system};
    watcher->monitor(supervisor);
    caf::anon_send_exit(supervisor, caf::exit_reason::user_shutdown);
    meanwhile();
    run();
    pass(1s);
    return watcher->has_next_message();
  }
};

TEST_F(EndingTest, AShardThatIsDownIsNotStartedAgain) {
  make_collection(2);
  kill_shard({0});
  EXPECT_TRUE(ends_with([&] {
    caf::anon_send(supervisor, restart_atom_v, shard_key{docs(), {0}});
  }));
}

TEST_F(EndingTest, ACollectionThatIsMadeBeginsWithTheNextStart) {
  make_collection(1);
  const auto before = catalog->applied_seq();
  EXPECT_TRUE(ends_with([&] {
    append_behind_its_back({}, EntryKind::kCreateCollection, encode_settings(second()));
    run();
  }));
  EXPECT_EQ(catalog->applied_seq(), before);
  EXPECT_EQ(catalog->find("more"), nullptr);
}

TEST_F(RecoveryTest, ALogThatKnowsNoCollectionsYetStoresNothing) {
  make_collection(1);
  const auto stored = memory->entries.size();
  const auto fresh = system.spawn(log_bridge, log_config{memory, 1 << 20});
  const append_request request{
      docs(), EntryKind::kWrite, std::make_shared<const std::string>(encode_write({})), {}, {}};
  EXPECT_EQ(ask<append_reply>(fresh, append_atom_v, request).error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(memory->entries.size(), stored);
  caf::anon_send_exit(fresh, caf::exit_reason::user_shutdown);
  run();
}

TEST_F(RecoveryTest, AWriteCommittedWhileTheLogWasAwayIsApplied) {
  make_collection(2);
  upsert({"a"});
  kill(Victim::kLog);
  run();
  WriteBatch batch;
  batch.documents.emplace_back().id = "b";
  batch.documents.back().vector = {1, 0};
  append_behind_its_back(docs(), EntryKind::kWrite, encode_write(batch));
  restart(Victim::kLog);
  EXPECT_EQ(found(), (Strings{"a", "b"}));
}

TEST_F(RecoveryTest, ACatalogEntryCommittedWhileTheLogWasAwayIsApplied) {
  make_collection(1);
  kill(Victim::kLog);
  run();
  append_behind_its_back({}, EntryKind::kCreateCollection, encode_settings(second()));
  restart(Victim::kLog);
  const auto info = ask<CollectionInfo>(reader, info_atom_v, std::string("more"));
  ASSERT_TRUE(info) << info.error().detail;
  EXPECT_EQ(info->shards.at(0).state, ShardState::kUp);
  EXPECT_TRUE(ask<Health>(supervisor, health_atom_v)->ready);
}

TEST_F(RecoveryTest, ACatalogEntryThatIsHandedOutAgainChangesNothing) {
  make_collection(2);
  upsert({"a"});
  for (int i = 0; i < 2; ++i) {
    kill(Victim::kLog);
    restart(Victim::kLog);
    pass(40ms);
  }
  EXPECT_EQ(catalog->collections().size(), 1U);
  EXPECT_EQ(found(), Strings{"a"});
}

TEST_F(RecoveryTest, ShardsEndWithTheirSupervisorAndTheNextOnesServe) {
  make_collection(2);
  upsert({"a", "b"});
  const auto before = shards;
  for (const auto& [id, shard] : before) self->monitor(shard);
  kill(Victim::kSupervisor);
  run();
  for (std::size_t i = 0; i < before.size(); ++i) {
    bool down = false;
    self->receive([&](const caf::down_msg&) { down = true; }, caf::after(0s) >> [] {});
    EXPECT_TRUE(down);
  }
  EXPECT_TRUE(search()->partial);
  restart(Victim::kSupervisor);
  EXPECT_NE(shards.at({0}), before.at({0}));
  EXPECT_EQ(found(), (Strings{"a", "b"}));
  EXPECT_TRUE(upsert({"c"}).applied);
  EXPECT_TRUE(ask<Health>(supervisor, health_atom_v)->ready);
}

TEST_F(RecoveryTest, AWriterWaitsForNoSupervisor) {
  make_collection(2);
  kill(Victim::kSupervisor);
  run();
  const auto began = now();
  const auto written = begin_upsert({"a"});
  while (!written->answered() && now() < began + 5s) pass(1ms);
  ASSERT_TRUE(written->answered());
  ASSERT_TRUE(*written->result) << written->error().detail;
  EXPECT_FALSE((*written->result)->applied);
  EXPECT_LE(written->at, began + 1000ms + kLogTick);
  restart(Victim::kSupervisor);
  EXPECT_EQ(found(), Strings{"a"});
}

TEST_F(RecoveryTest, ANewCoordinatorLearnsCollectionsShardsAndCuts) {
  make_collection(3);
  ASSERT_TRUE(ask<CollectionPut>(writer, create_atom_v, second(), RequestId{}));
  const auto written = upsert({"a", "b", "c"});
  kill(Victim::kCoordinator);
  restart(Victim::kCoordinator);
  EXPECT_EQ(search()->seq, written.seq);
  EXPECT_EQ(found(), (Strings{"a", "b", "c"}));
  EXPECT_EQ(ask<collections_reply>(reader, info_atom_v)->collections.size(), 2U);
}

TEST_F(RecoveryTest, ANewCoordinatorDoesNotTakeAWholeNodeForAnEmptyOne) {
  make_collection(2);
  kill(Victim::kCoordinator);
  run();
  reader = system.spawn(coordinator, coordinator_config{"n1", 1000, 0});
  EXPECT_EQ(search().error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(ask<collections_reply>(reader, info_atom_v).error().code, ErrorCode::kUnavailable);
  wire();
  EXPECT_TRUE(search());
}

TEST_F(RecoveryTest, ANewCoordinatorHearsWhichShardIsDownAndWhy) {
  make_collection(2);
  kill_shard({1});
  kill(Victim::kCoordinator);
  run();
  reader = system.spawn(coordinator, coordinator_config{"n1", 1000, 0});
  wire();
  const auto reply = search();
  ASSERT_EQ(reply->failed.size(), 1U);
  EXPECT_EQ(reply->failed[0].error.detail,
            "shard 1 of collection 'docs' is down: killed by a test");
}

TEST_F(RecoveryTest, ANewIngestKnowsTheCollections) {
  make_collection(2);
  kill(Victim::kIngest);
  restart(Victim::kIngest);
  EXPECT_TRUE(upsert({"a"}).applied);
  EXPECT_EQ(
      ask<DeleteReply>(writer, remove_atom_v, DeleteRequest{"docs", {}, "{}", ""}, RequestId{})
          ->deleted,
      1U);
}

TEST_F(RecoveryTest, ALogThatNeverAnswersEndsTheWriteAtItsDeadline) {
  make_collection(1);
  memory->mute = true;
  const auto began = now();
  const auto written = begin_upsert({"a"});
  while (!written->answered() && now() < began + 5s) pass(1ms);
  ASSERT_TRUE(written->answered());
  EXPECT_EQ(written->error().code, ErrorCode::kDeadlineExceeded);
  EXPECT_GE(written->at, began + 1000ms);
  EXPECT_LE(written->at, began + 1000ms + kLogTick);
}

TEST_F(RecoveryTest, ALogThatEndsAnswersWhoWaits) {
  make_collection(1);
  memory->mute = true;
  const auto written = begin_upsert({"a"});
  run();
  EXPECT_FALSE(written->answered());
  end(log);
  run();
  ASSERT_TRUE(written->answered());
  EXPECT_EQ(written->error().code, ErrorCode::kUnavailable);
}

TEST_F(RecoveryTest, AnIngestThatEndsAnswersWhoWaits) {
  make_collection(1);
  memory->mute = true;
  const auto written = begin_upsert({"a"});
  run();
  end(writer);
  run();
  ASSERT_TRUE(written->answered());
  EXPECT_EQ(written->error().code, ErrorCode::kUnavailable);
}

TEST_F(RecoveryTest, AShardThatKeepsAGroupToItselfGetsItAgainWhenStartedAgain) {
  make_collection(2);
  ASSERT_TRUE(ask<void>(
      supervisor, fault_atom_v,
      FaultRequest{.part = "shard", .kind = FaultKind::kDrop, .collection = "docs", .shard = {1}}));
  const auto first = begin_upsert({"a", "b", "c", "d"});
  run();
  const auto second = begin_upsert({"e", "f"});
  run();
  EXPECT_FALSE(first->answered());
  kill_shard({1});
  ASSERT_TRUE(first->answered());
  ASSERT_TRUE(second->answered());
  EXPECT_FALSE((*first->result)->applied);
  pass(20ms);
  EXPECT_EQ(found(), (Strings{"a", "b", "c", "d", "e", "f"}));
}

TEST_F(RecoveryTest, WritesAreRefusedOnceTooMuchWaitsAndTakenAgainLater) {
  make_collection(1);
  ASSERT_TRUE(
      ask<void>(supervisor, fault_atom_v,
                FaultRequest{.part = "shard", .kind = FaultKind::kDrop, .collection = "docs"}));
  UpsertRequest large{"docs", {}};
  large.documents.emplace_back().id = "large";
  large.documents.back().text = std::string(400 << 10, 'x');
  std::vector<Answer<UpsertReply>> waiting;
  for (int i = 0; i < 4; ++i)
    waiting.push_back(begin<UpsertReply>(writer, upsert_atom_v, large, RequestId{}));
  run();
  EXPECT_EQ(ask<UpsertReply>(writer, upsert_atom_v, large, RequestId{}).error().code,
            ErrorCode::kOverloaded);
  kill_shard({0});
  pass(20ms);
  for (const auto& answer : waiting) EXPECT_TRUE(answer->answered() && *answer->result);
  EXPECT_TRUE(upsert({"small"}).applied);
}

/// A part dies or ends after so many messages of requests.
struct Interruption {
  Victim victim;
  bool orderly;
};

class InterruptionTest : public RecoveryTest,
                         public ::testing::WithParamInterface<std::tuple<Interruption, int>> {
 public:
  void interrupt_after_some_messages() {
    const auto [interruption, messages] = GetParam();
    for (int i = 0; i < messages; ++i) scheduler.try_run_once();
    if (interruption.orderly) {
      end(handle(interruption.victim));
    } else if (handle(interruption.victim)) {
      kill(interruption.victim);
    }
    restart(interruption.victim);
    pass_slowly(1500ms);
  }
};

TEST_P(InterruptionTest, WritesAreAnsweredAndAppliedOnce) {
  make_collection(2);
  upsert({"before"});
  std::map<std::string, Answer<UpsertReply>> answers;
  for (const std::string id : {"a", "b", "c"}) answers[id] = begin_upsert({id});
  interrupt_after_some_messages();
  const auto ids = found();
  for (const auto& [id, answer] : answers) {
    ASSERT_TRUE(answer->answered()) << id;
    const auto count = std::count(ids.begin(), ids.end(), id);
    EXPECT_LE(count, 1) << id;
    EXPECT_TRUE(count == 1 || !*answer->result) << id;
  }
  // Each entry that is in the log is in exactly one document, and the first write is not lost.
  EXPECT_EQ(ids.size(), memory->entries.size() - 1);
  EXPECT_EQ(std::count(ids.begin(), ids.end(), "before"), 1);
  EXPECT_TRUE(upsert({"after"}).applied);
  EXPECT_TRUE(ask<Health>(supervisor, health_atom_v)->ready);
}

TEST_P(InterruptionTest, ACollectionIsMadeOrRefused) {
  CollectionSettings settings;
  settings.name = "docs";
  settings.dimension = 2;
  settings.metric = Metric::kL2;
  settings.shards = 2;
  const auto put = begin<CollectionPut>(writer, create_atom_v, settings, RequestId{});
  interrupt_after_some_messages();
  EXPECT_TRUE(put->answered());
  EXPECT_EQ(catalog->collections().size(), memory->entries.size());
  const auto again = ask<CollectionPut>(writer, create_atom_v, settings, RequestId{});
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_TRUE(upsert({"a"}).applied);
  EXPECT_EQ(found(), Strings{"a"});
}

TEST_P(InterruptionTest, SearchesAreAnswered) {
  make_collection(2);
  upsert({"a", "b"});
  SearchRequest request;
  request.collection = "docs";
  request.query = "text";
  std::vector<Answer<SearchReply>> answers;
  for (int i = 0; i < 3; ++i) answers.push_back(begin<SearchReply>(reader, search_atom_v, request));
  interrupt_after_some_messages();
  for (const auto& answer : answers) {
    ASSERT_TRUE(answer->answered());
    EXPECT_TRUE(*answer->result || answer->error().code == ErrorCode::kUnavailable);
  }
  EXPECT_EQ(found(), (Strings{"a", "b"}));
}

std::string name_of(const ::testing::TestParamInfo<std::tuple<Interruption, int>>& info) {
  const std::map<Victim, std::string> names = {{Victim::kLog, "Log"},
                                               {Victim::kSupervisor, "Supervisor"},
                                               {Victim::kShard, "Shard"},
                                               {Victim::kCoordinator, "Coordinator"},
                                               {Victim::kIngest, "Ingest"}};
  const auto& [interruption, messages] = info.param;
  return names.at(interruption.victim) + (interruption.orderly ? "Ends" : "Dies") + "After" +
         std::to_string(messages);
}

INSTANTIATE_TEST_SUITE_P(
    Parts, InterruptionTest,
    ::testing::Combine(::testing::Values(Interruption{Victim::kLog, false},
                                         Interruption{Victim::kLog, true},
                                         Interruption{Victim::kSupervisor, false},
                                         Interruption{Victim::kSupervisor, true},
                                         Interruption{Victim::kShard, false},
                                         Interruption{Victim::kCoordinator, false},
                                         Interruption{Victim::kIngest, false}),
                       ::testing::Range(0, 36, 3)),
    name_of);

}  // namespace
}  // namespace mosaic::actors
