// A node and its shards as the log puts them here and there.
#include "actors/placing.hpp"
#include "actors/shard_places.hpp"
#include "cluster_fixture.hpp"

namespace mosaic::actors {
namespace {

using namespace std::chrono_literals;

/// More than the log is to keep, and less than it may.
constexpr std::uint64_t kMuch = std::uint64_t{100} << 20;

struct PlacementTest : ClusterFixture {
  CollectionId id() const { return catalog->find("docs")->id; }
  const ReplicaSet& set(std::uint32_t shard = 0) const {
    return catalog->find("docs")->replicas->at(shard);
  }
  std::filesystem::path file() const { return supervision.folder->shard(id(), "docs", {0}); }

  void commit_replicas(const std::vector<Replica>& replicas) {
    append_request change =
        about_nodes(EntryKind::kSetReplicas, encode_replica_change({{0}, set().seq, replicas}));
    change.collection = id();
    cluster_log->commit(change, 0);
    run();
  }

  Result<CollectionPut> make(std::uint32_t replicas) {
    CollectionSettings settings;
    settings.name = "docs";
    settings.dimension = 2;
    settings.metric = Metric::kL2;
    settings.replicas = replicas;
    const auto answer = begin<CollectionPut>(writer, create_atom_v, settings, RequestId{});
    pass_slowly(2s);  // It waits a moment for the first word of other nodes.
    return answer->answered() ? *answer->result : Error{ErrorCode::kInternal, "no answer"};
  }

  /// A collection whose one shard is on node 2 alone, of two.
  void make_elsewhere() {
    while (true) {
      const auto made = make(1);
      ASSERT_TRUE(made) << made.error().detail;
      if (!lives_on(*catalog->find("docs")->replicas, {0}, 1)) return;
      const auto gone = begin<append_reply>(writer, drop_atom_v, std::string("docs"), RequestId{});
      pass_slowly(2s);
      ASSERT_TRUE(gone->answered() && *gone->result);
    }
  }

  /// Node 2 says that it has all of the shard, as it is placed now.
  void say_level(bool level = true) {
    peers[2].report.shards = {{{id(), {0}}, "docs", ShardState::kUp, 9, level, set().seq}};
    pass(kReportInterval);
    pass(kReportInterval);
  }

  /// A collection whose one shard is on this node alone, of two; the other one leads.
  void make_with_one_document() {
    ASSERT_TRUE(make(1));
    upsert({"a"});
    form(2);
    lead(2);
    ASSERT_TRUE(set().replicas.front() == (Replica{1, true}));
  }

  void write() {
    begin<UpsertReply>(writer, upsert_atom_v,
                       UpsertRequest{"docs", {Document{"a", {}, {}, {1, 0}, {}, {}}}}, RequestId{});
    run();
  }

  /// As one that another node leads through the log.
  void commit_write() {
    cluster_log->commit({id(), EntryKind::kWrite, bytes_of(encode_write({})), {}, {}}, 0);
    run();
  }

  void put_on_other() {
    commit_replicas({{1, true}, {2, false}});
    commit_replicas({{1, true}, {2, true}});
    commit_replicas({{2, true}});
  }

  /// Node 2 dies, and is not forgotten because of its shard.
  void lose_other_and_expect_it_kept(ErrorCode why) {
    caf::anon_send_exit(places.at("n2:2"), caf::exit_reason::kill);
    run();
    const auto left = ask<ClusterStatus>(member, leader_atom_v, forget_atom_v, std::string("n2"));
    ASSERT_FALSE(left);
    EXPECT_EQ(left.error().code, why);
    EXPECT_NE(left.error().detail.find("shard 0 of collection 'docs'"), std::string::npos)
        << left.error().detail;
    EXPECT_TRUE(catalog->nodes().contains(2));
  }

  std::size_t appended(EntryKind kind) const {
    return static_cast<std::size_t>(
        std::count_if(cluster_log->appended.begin(), cluster_log->appended.end(),
                      [&](const auto& proposal) { return proposal.kind == kind; }));
  }
};

TEST_F(PlacementTest, ACollectionWithoutAShardHereIsMadeSoon) {
  form(2);
  make_elsewhere();
  EXPECT_FALSE(std::filesystem::exists(file()));
  const auto found = search();
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->partial);
  ASSERT_EQ(found->failed.size(), 1U);
  EXPECT_EQ(found->failed[0].node, "n2");
}

TEST_F(PlacementTest, AWriteThatItsShardsHaveElsewhereSaysWhetherTheyHaveIt) {
  form(2);
  make_elsewhere();
  // Nobody has said a word of them: the node is left out after a while.
  const auto lost = begin<UpsertReply>(
      writer, upsert_atom_v, UpsertRequest{"docs", {Document{"a", {}, {}, {1, 0}, {}, {}}}},
      RequestId{});
  pass_slowly(4s);
  ASSERT_TRUE(lost->answered() && *lost->result);
  EXPECT_FALSE((*lost->result)->applied);
  caf::anon_send(log, news_atom_v, shard_news{{id(), {0}}, true, memory->last_seq()});
  run();
  const auto reached = begin<UpsertReply>(
      writer, upsert_atom_v, UpsertRequest{"docs", {Document{"b", {}, {}, {1, 0}, {}, {}}}},
      RequestId{});
  run();
  EXPECT_FALSE(reached->answered());
  caf::anon_send(log, news_atom_v, shard_news{{id(), {0}}, true, memory->last_seq(), {}});
  run();
  ASSERT_TRUE(reached->answered() && *reached->result);
  EXPECT_TRUE((*reached->result)->applied);
}

TEST_F(PlacementTest, WhatShardsElsewhereHaveDeletedIsCountedWhoeverIsFaster) {
  form(2);
  make_elsewhere();
  caf::anon_send(log, news_atom_v, shard_news{{id(), {0}}, true, memory->last_seq()});
  run();
  for (const bool other_first : {false, true}) {
    const auto answer = begin<DeleteReply>(writer, remove_atom_v,
                                           DeleteRequest{"docs", {"a"}, {}, {}}, RequestId{});
    const auto seq = memory->last_seq() + 1;
    const shard_news news{{id(), {0}}, true, seq, {{seq, 1}}};
    if (other_first) caf::anon_send(log, news_atom_v, news);
    run();
    if (!other_first) caf::anon_send(log, news_atom_v, news);
    run();
    ASSERT_TRUE(answer->answered() && *answer->result);
    EXPECT_EQ((*answer->result)->deleted, 1U) << other_first;
  }
}

TEST_F(PlacementTest, WhatTwoNodesHaveDeletedCountsOnce) {
  form(2);
  make_elsewhere();
  caf::anon_send(log, news_atom_v, shard_news{{id(), {0}}, true, memory->last_seq()});
  run();
  const auto seq = memory->last_seq() + 1;
  const auto answer =
      begin<DeleteReply>(writer, remove_atom_v, DeleteRequest{"docs", {"a"}, {}, {}}, RequestId{});
  for (int node = 0; node < 2; ++node)
    caf::anon_send(log, news_atom_v, shard_news{{id(), {0}}, true, seq, {{seq, 1}}});
  run();
  ASSERT_TRUE(answer->answered() && *answer->result);
  EXPECT_EQ((*answer->result)->deleted, 1U);
}

TEST_F(PlacementTest, WhatNobodyHasToldIsNotSaidToBeNothing) {
  form(2);
  make_elsewhere();
  const auto seq = memory->last_seq() + 1;
  const auto answer =
      begin<DeleteReply>(writer, remove_atom_v, DeleteRequest{"docs", {"a"}, {}, {}}, RequestId{});
  run();
  // It has applied the deletion, and its first word comes afterwards.
  caf::anon_send(log, news_atom_v, shard_news{{id(), {0}}, true, seq});
  run();
  ASSERT_TRUE(answer->answered() && *answer->result);
  EXPECT_FALSE((*answer->result)->applied);
}

TEST_F(PlacementTest, WhatAShardHadDeletedWhenItCameUpIsNotSaidToBeNothing) {
  ASSERT_TRUE(make(1));
  upsert({"a"});
  ASSERT_TRUE(
      ask<void>(supervisor, fault_atom_v,
                FaultRequest{.part = "shard", .kind = FaultKind::kDrop, .collection = "docs"}));
  const auto answer =
      begin<DeleteReply>(writer, remove_atom_v, DeleteRequest{"docs", {"a"}, {}, {}}, RequestId{});
  run();
  EXPECT_FALSE(answer->answered());
  // As one does that was fetched from a node that is ahead.
  caf::anon_send(log, up_atom_v, shard_key{id(), {0}}, memory->last_seq(), shards.at({0}));
  run();
  ASSERT_TRUE(answer->answered() && *answer->result);
  EXPECT_FALSE((*answer->result)->applied);
}

TEST_F(PlacementTest, AShardThatGoesElsewhereLeavesAfterAMoment) {
  make_with_one_document();
  put_on_other();
  EXPECT_FALSE(search()->partial) << "nobody else has been heard of yet";
  say_level();
  for (int ms = 0; ms < 2'000 && !search()->partial; ++ms) pass(1ms);
  EXPECT_TRUE(search()->partial) << "it is asked elsewhere now";
  EXPECT_TRUE(std::filesystem::exists(file())) << "for those that still read";
  pass_slowly(1'000ms);
  EXPECT_FALSE(std::filesystem::exists(file()));
  EXPECT_FALSE(catalog->shard(id(), {0}).made);
}

TEST_F(PlacementTest, AShardStaysUntilTheOtherThatShallHaveItHasAllOfIt) {
  make_with_one_document();
  // Node 2 falls behind what the log remembers before it hears of the last entry.
  put_on_other();
  pass_slowly(10s);
  EXPECT_TRUE(catalog->shard(id(), {0}).made);
  EXPECT_FALSE(search()->partial);
  say_level();
  pass_slowly(3s);
  EXPECT_FALSE(std::filesystem::exists(file()));
}

TEST_F(PlacementTest, AShardThatIsLeavingGoesOnLeavingAfterAStart) {
  make_with_one_document();
  put_on_other();
  crash(supervisor, {ErrorCode::kInternal, "killed by a test"});
  run();
  supervisor = system.spawn(shard_supervisor, supervision);
  send_parts();
  pass_slowly(5s);
  EXPECT_TRUE(std::filesystem::exists(file())) << "nobody else says that it has it";
  EXPECT_FALSE(search()->partial);
  say_level();
  pass_slowly(3s);
  EXPECT_FALSE(std::filesystem::exists(file()));
}

TEST_F(PlacementTest, AShardThatComesBackInTimeStays) {
  make_with_one_document();
  put_on_other();
  say_level();
  pass_slowly(500ms);
  commit_replicas({{1, false}, {2, true}});
  pass_slowly(3s);
  EXPECT_TRUE(std::filesystem::exists(file()));
  EXPECT_FALSE(search()->partial);
}

TEST_F(PlacementTest, WhatAShardSavesAsItLeavesSaysNothingOfTheOneThatComesBack) {
  make_with_one_document();
  put_on_other();
  say_level();
  pass_slowly(2'100ms);
  ASSERT_FALSE(std::filesystem::exists(file()));
  commit_replicas({{1, false}, {2, true}});
  // On its way since before.
  caf::anon_send(supervisor, checkpoint_atom_v,
                 checkpoint_report{{id(), {0}}, memory->last_seq(), 0});
  run();
  EXPECT_FALSE(catalog->shard(id(), {0}).made) << "its file is gone";
}

TEST_F(PlacementTest, TheLeaderPutsAShardOnAsManyNodesAsItsCollectionWants) {
  ASSERT_TRUE(make(2));
  form(2);
  pass(kReportInterval);
  ASSERT_EQ(set().replicas, (std::vector<Replica>{{1, true}, {2, false}}));
  say_level(false);
  EXPECT_FALSE(set().replicas[1].whole);
  say_level();
  EXPECT_EQ(set().replicas, (std::vector<Replica>{{1, true}, {2, true}}));
}

TEST_F(PlacementTest, WhatANodeSaidBeforeItWasGivenTheShardSaysNothing) {
  ASSERT_TRUE(make(2));
  form(2);
  peers[2].report.shards = {{{id(), {0}}, "docs", ShardState::kUp, 9, true, set().seq - 1}};
  pass(kReportInterval);
  pass(kReportInterval);
  EXPECT_FALSE(set().replicas.at(1).whole);
}

TEST_F(PlacementTest, WhoDoesNotLeadPutsNothingAnywhere) {
  form(2);
  lead(2);
  cluster_log->appended.clear();
  pass(kReportInterval);
  EXPECT_EQ(appended(EntryKind::kSetReplicas), 0U);
}

TEST_F(PlacementTest, ANodeThatAloneHasAShardLeavesBeforeItIsForgotten) {
  form(2);
  make_elsewhere();
  const auto left = ask<ClusterStatus>(member, leader_atom_v, forget_atom_v, std::string("n2"));
  ASSERT_TRUE(left) << left.error().detail;
  EXPECT_EQ(left->nodes.at(1).state, NodeState::kLeaving);
  EXPECT_TRUE(catalog->leaving_nodes().contains(2));
  EXPECT_EQ(appended(EntryKind::kSetReplicas), 0U) << "nobody is there to give it";
  cluster_log->commits = false;
  say_level();
  ASSERT_EQ(appended(EntryKind::kSetReplicas), 1U);
  const auto change = decode_replica_change(cluster_log->appended.back().bytes);
  ASSERT_TRUE(change);
  EXPECT_EQ(change->replicas, (std::vector<Replica>{{2, true}, {1, false}}));
}

TEST_F(PlacementTest, ANodeThatAloneHasAShardAndIsDownIsNotForgotten) {
  form(2);
  make_elsewhere();
  lose_other_and_expect_it_kept(ErrorCode::kInvalidArgument);
}

TEST_F(PlacementTest, ANodeThatIsDownIsNotForgottenWhileOthersLackSomeOfWhatItHas) {
  make_with_one_document();
  commit_replicas({{1, true}, {2, false}});
  commit_replicas({{1, true}, {2, true}});
  lead(1);
  // The shard of this node may come to need what is on the other one.
  broken = true;
  kill_shard({0});
  pass(kReportInterval);
  lose_other_and_expect_it_kept(ErrorCode::kUnavailable);
}

TEST_F(PlacementTest, NoShardOfANewCollectionBeginsOnANodeThatIsDown) {
  form(4);
  for (const auto* gone : {"n2:2", "n3:2", "n4:2"}) {
    caf::anon_send_exit(places.at(gone), caf::exit_reason::kill);
    places.erase(gone);
  }
  run();
  ASSERT_TRUE(make(1));
  EXPECT_EQ(set().replicas, (std::vector<Replica>{{1, true}}));
}

TEST_F(PlacementTest, TheLogIsKeptForANodeThatAloneHasAShardAndIsAway) {
  form(2);
  make_elsewhere();
  peers[2].report.seq = 3;
  pass(kReportInterval);
  caf::anon_send_exit(places.at("n2:2"), caf::exit_reason::kill);
  places.erase("n2:2");
  run();
  pass(kReportInterval);
  write();
  cluster_log->kept = kMuch;
  pass(kLogTick);
  EXPECT_EQ(catalog->log_floor(), 3U);
}

TEST_F(PlacementTest, TheLogIsLetGoWhereNoShardLivesThatIsWritten) {
  form(2);
  make_elsewhere();
  // On its way since it left.
  caf::anon_send(log, checkpoint_atom_v, checkpoint_report{{id(), {0}}, 1, 1});
  write();
  peers[2].report.seq = memory->last_seq();
  pass(kReportInterval);
  pass(kReportInterval);
  EXPECT_EQ(memory->floor, 0U);
  cluster_log->kept = kMuch;
  pass(kLogTick);
  EXPECT_EQ(memory->floor, memory->last_seq());
}

TEST_F(PlacementTest, AShardThatIsBehindIsAskedForOnOtherNodes) {
  make_with_one_document();
  std::size_t asked = 0;
  const auto others = system.spawn([&asked](far_shards_actor::pointer me) {
    return far_shards_actor::behavior_type{[&asked, me](ask_atom, const far_question&) {
      ++asked;
      return me->make_response_promise<far_answer>();
    }};
  });
  caf::anon_send(reader, replicas_atom_v, shard_key{id(), {0}}, others);
  EXPECT_FALSE(search()->partial);
  EXPECT_EQ(asked, 0U) << "what is here is nearer";
  ASSERT_TRUE(ask<void>(
      supervisor, fault_atom_v,
      FaultRequest{.part = "shard", .kind = FaultKind::kDrop, .collection = "docs", .count = 100}));
  commit_write();
  caf::anon_send(log, news_atom_v, shard_news{{id(), {0}}, true, memory->last_seq()});
  pass_slowly(kApplyPatience + 2 * kLogTick);
  SearchRequest request;
  request.collection = "docs";
  request.vector = {1, 0};
  begin<SearchReply>(reader, search_atom_v, request);
  run();
  EXPECT_EQ(asked, 1U);
  end(others);
}

}  // namespace
}  // namespace mosaic::actors
