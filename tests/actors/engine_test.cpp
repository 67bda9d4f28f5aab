// The engine that a node publishes, in front of parts that a test scripts.
#include "actors/engine.hpp"

#include "actor_fixture.hpp"

namespace mosaic::actors {
namespace {

using namespace std::chrono_literals;

/// What a scripted part has been asked, and whether it answers.
struct script {
  int asked = 0;
  bool answers = true;
  RequestId named{};  ///< the last write
};
using script_ptr = std::shared_ptr<script>;

template <class Reply, class Self>
caf::result<Reply> play(Self self, const script_ptr& script, Reply reply) {
  ++script->asked;
  if (script->answers) return reply;
  return self->template make_response_promise<Reply>();
}

coordinator_actor::behavior_type scripted_coordinator(coordinator_actor::pointer self,
                                                      script_ptr script) {
  return {
      [](opened_atom, const collection_opened&) {},
      [](introduced_atom) {},
      [](dropped_atom, CollectionId) {},
      [](up_atom, const shard_key&, const std::vector<searcher_actor>&) {},
      [](lost_atom, const shard_lost&) {},
      [](replicas_atom, const shard_key&, const far_shards_actor&) {},
      [](behind_atom, const shard_key&, bool) {},
      [](lost_atom, const shard_key&) {},
      [](cut_atom, const cut_moved&) {},
      [=](search_atom, const SearchRequest&) { return play(self, script, SearchReply{}); },
      [=](read_atom, const GetRequest&) { return play(self, script, StoredDocument{}); },
      [=](list_atom, const ListRequest&) { return play(self, script, ListReply{}); },
      [=](info_atom, const std::string&) { return play(self, script, CollectionInfo{}); },
      [=](info_atom) { return play(self, script, collections_reply{}); },
      [=](centroids_atom, const std::string&) { return play(self, script, Centroids{}); },
      [](tick_atom) {},
      [](parts_atom, const node_parts_ptr&) {},
      [](fault_atom, const FaultRequest&) {},
  };
}

ingest_actor::behavior_type scripted_ingest(ingest_actor::pointer self, script_ptr script) {
  return {
      [](opened_atom, const collection_opened&) {},
      [](introduced_atom) {},
      [](dropped_atom, CollectionId) {},
      [](up_atom, const shard_key&, const std::vector<searcher_actor>&) {},
      [](lost_atom, const shard_lost&) {},
      [](replicas_atom, const shard_key&, const far_shards_actor&) {},
      [](behind_atom, const shard_key&, bool) {},
      [](lost_atom, const shard_key&) {},
      [](cut_atom, const cut_moved&) {},
      [=](upsert_atom, const UpsertRequest&, const RequestId& id) {
        script->named = id;
        return play(self, script, UpsertReply{});
      },
      [=](remove_atom, const DeleteRequest&, const RequestId& id) {
        script->named = id;
        return play(self, script, DeleteReply{});
      },
      [=](create_atom, const CollectionSettings&, const RequestId& id) {
        script->named = id;
        return play(self, script, CollectionPut{});
      },
      [=](patch_atom, const patch_request&, const RequestId&) {
        return play(self, script, CollectionInfo{});
      },
      [=](drop_atom, const std::string&, const RequestId&) {
        return play(self, script, append_reply{});
      },
      [=](centroids_atom, const CentroidsRequest&, const RequestId&) {
        return play(self, script, Centroids{});
      },
      [=](remember_atom, const RememberedAnswer&) { return play(self, script, append_reply{}); },
      [](tick_atom) {},
      [](parts_atom, const node_parts_ptr&) {},
      [](fault_atom, const FaultRequest&) {},
  };
}

struct EngineTest : ActorFixture {
  std::shared_ptr<cluster::Admission> searches =
      std::make_shared<cluster::Admission>(cluster::AdmissionLimits{2, 2});
  std::shared_ptr<cluster::Admission> writes =
      std::make_shared<cluster::Admission>(cluster::AdmissionLimits{1, 1});
  std::array<script_ptr, 2> reading = {std::make_shared<script>(), std::make_shared<script>()};
  script_ptr writing = std::make_shared<script>();
  std::vector<coordinator_actor> coordinators;
  ingest_actor writer;
  engine_actor front;

  void SetUp() override {
    for (const auto& part : reading)
      coordinators.push_back(system.spawn(scripted_coordinator, part));
    writer = system.spawn(scripted_ingest, writing);
    front = system.spawn(engine, engine_doors{searches, writes, 500ms});
    wire();
  }

  void wire() {
    auto parts = std::make_shared<node_parts>();
    parts->coordinators = coordinators;
    parts->ingest = {writer};
    self->send(front, parts_atom_v, node_parts_ptr(parts));
    run();
  }

  void TearDown() override {
    for (const auto& part : coordinators) end(part);
    end(writer);
    end(front);
    run();
  }

  SearchRequest search_for(std::uint32_t timeout_ms = 0) {
    SearchRequest request;
    request.collection = "docs";
    request.vector = {1};
    request.timeout_ms = timeout_ms;
    return request;
  }

  UpsertRequest document(std::string metadata = {}) {
    UpsertRequest request{"docs", {}};
    request.documents.resize(1);
    request.documents[0].metadata = std::move(metadata);
    return request;
  }

  /// A search that is under way.
  Answer<SearchReply> begin_search(std::uint32_t timeout_ms = 0) {
    auto answer = begin<SearchReply>(front, search_atom_v, search_for(timeout_ms));
    run();
    return answer;
  }
};

TEST_F(EngineTest, CoordinatorsTakeTurns) {
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(ask<SearchReply>(front, search_atom_v, search_for()));
  EXPECT_EQ(reading[0]->asked, 2);
  EXPECT_EQ(reading[1]->asked, 2);
  EXPECT_EQ(searches->in_flight(), 0U);
}

TEST_F(EngineTest, WritesGoToIngest) {
  EXPECT_TRUE(ask<UpsertReply>(front, upsert_atom_v, document(), RequestId{}));
  EXPECT_TRUE(
      ask<DeleteReply>(front, remove_atom_v, DeleteRequest{"docs", {"a"}, "", ""}, RequestId{}));
  EXPECT_TRUE(ask<CollectionPut>(front, create_atom_v, CollectionSettings{}, RequestId{}));
  EXPECT_EQ(writing->asked, 3);
  EXPECT_EQ(writes->in_flight(), 0U);
}

TEST_F(EngineTest, WritesKeepTheirNames) {
  const auto named = [this] { return std::exchange(writing->named, {}); };
  EXPECT_TRUE(ask<UpsertReply>(front, upsert_atom_v, document(), RequestId{1, 2, 60}));
  EXPECT_EQ(named(), (RequestId{1, 2, 60}));
  EXPECT_TRUE(ask<DeleteReply>(front, remove_atom_v, DeleteRequest{"docs", {"a"}, "", ""},
                               RequestId{3, 4, 60}));
  EXPECT_EQ(named(), (RequestId{3, 4, 60}));
  EXPECT_TRUE(ask<CollectionPut>(front, create_atom_v, CollectionSettings{}, RequestId{5, 6, 60}));
  EXPECT_EQ(named(), (RequestId{5, 6, 60}));
}

TEST_F(EngineTest, BeforeItIsWiredItIsUnavailable) {
  const auto unwired = system.spawn(engine, engine_doors{searches, writes, 500ms});
  EXPECT_EQ(ask<SearchReply>(unwired, search_atom_v, search_for()).error().code,
            ErrorCode::kUnavailable);
  end(unwired);
}

TEST_F(EngineTest, PastTheDoorsLimitItIsOverloaded) {
  reading[0]->answers = reading[1]->answers = false;
  begin_search();
  begin_search();
  const auto third = ask<SearchReply>(front, search_atom_v, search_for());
  EXPECT_EQ(third.error().code, ErrorCode::kOverloaded);
  EXPECT_EQ(reading[0]->asked + reading[1]->asked, 2);
  EXPECT_TRUE(ask<UpsertReply>(front, upsert_atom_v, document(), RequestId{}))
      << "writes have their own door";
}

TEST_F(EngineTest, ASearchWithoutAnAnswerEndsAtItsOwnTimeoutAndLeavesTheDoor) {
  reading[0]->answers = reading[1]->answers = false;
  const auto search = begin_search(200);
  EXPECT_EQ(searches->in_flight(), 1U);
  pass(199ms);
  EXPECT_FALSE(search->answered());
  pass(1ms);
  ASSERT_TRUE(search->answered());
  EXPECT_EQ(search->error().code, ErrorCode::kDeadlineExceeded);
  EXPECT_EQ(searches->in_flight(), 0U);
}

TEST_F(EngineTest, ASearchThatNamesNoTimeoutHasTheNodes) {
  reading[0]->answers = reading[1]->answers = false;
  const auto search = begin_search();
  pass(499ms);
  EXPECT_FALSE(search->answered());
  pass(1ms);
  ASSERT_TRUE(search->answered());
  EXPECT_EQ(search->error().code, ErrorCode::kDeadlineExceeded);
}

TEST_F(EngineTest, NobodyKeepsAPlaceLongerThanTheLongestTimeoutThatIsAllowed) {
  reading[0]->answers = reading[1]->answers = false;
  const auto search = begin_search(std::numeric_limits<std::uint32_t>::max());
  pass(std::chrono::milliseconds(kTimeoutMsMax));
  ASSERT_TRUE(search->answered());
  EXPECT_EQ(search->error().code, ErrorCode::kDeadlineExceeded);
  EXPECT_EQ(searches->in_flight(), 0U);
}

TEST_F(EngineTest, ACoordinatorThatIsDownFailsWhatItIsAskedAtOnceAndNoOther) {
  crash(coordinators[0], {ErrorCode::kInternal, "killed by a test"});
  run();
  EXPECT_EQ(ask<SearchReply>(front, search_atom_v, search_for()).error().code,
            ErrorCode::kUnavailable);
  EXPECT_EQ(searches->in_flight(), 0U);
  EXPECT_TRUE(ask<SearchReply>(front, search_atom_v, search_for()));
  coordinators[0] = coordinators[1];
  wire();
  EXPECT_TRUE(ask<SearchReply>(front, search_atom_v, search_for()));
}

TEST_F(EngineTest, WhenItEndsEverybodyIsToldAndNobodyIsLeftInTheDoor) {
  reading[0]->answers = reading[1]->answers = writing->answers = false;
  const auto search = begin_search();
  const auto write = begin<UpsertReply>(front, upsert_atom_v, document(), RequestId{});
  run();
  EXPECT_EQ(searches->in_flight() + writes->in_flight(), 2U);
  end(front);
  run();
  ASSERT_TRUE(search->answered() && write->answered());
  EXPECT_EQ(search->error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(searches->in_flight() + writes->in_flight(), 0U);
}

TEST_F(EngineTest, RefusesWhatOnlyHttpWouldHaveRefused) {
  auto search = search_for();
  search.mode = static_cast<SearchMode>(77);
  EXPECT_EQ(ask<SearchReply>(front, search_atom_v, search).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(ask<UpsertReply>(front, upsert_atom_v, document("{oops"), RequestId{}).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(ask<DeleteReply>(front, remove_atom_v, DeleteRequest{}, RequestId{}).error().code,
            ErrorCode::kInvalidArgument);
  CollectionSettings settings;
  settings.metric = static_cast<Metric>(77);
  EXPECT_EQ(ask<CollectionPut>(front, create_atom_v, settings, RequestId{}).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(ask<UpsertReply>(front, upsert_atom_v, document(),
                             RequestId{1, 2, kIdempotencyWindowMaxS + 1})
                .error()
                .code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(reading[0]->asked + reading[1]->asked + writing->asked, 0);
}

TEST_F(EngineTest, AFaultFromOutsideIsIgnored) {
  FaultRequest crash;
  crash.part = "engine";
  caf::anon_send(front, fault_atom_v, crash);
  run();
  EXPECT_TRUE(ask<SearchReply>(front, search_atom_v, search_for()));
  self->send(front, fault_atom_v, crash);
  run();
  EXPECT_FALSE(ask<SearchReply>(front, search_atom_v, search_for()));
}

}  // namespace
}  // namespace mosaic::actors
