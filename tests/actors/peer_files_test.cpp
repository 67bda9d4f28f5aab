// Which node is asked for a file, and whether it gives one.
#include "actors/peer_files.hpp"

#include "actors/copies.hpp"
#include "actors/log_reach.hpp"
#include "actors/shard_fetch.hpp"
#include "cluster_fixture.hpp"

namespace mosaic::actors {
namespace {

struct PeerFilesTest : ClusterFixture {
  std::optional<Result<copy_ready>> given;

  void SetUp() override {
    ClusterFixture::SetUp();
    make_collection(1);
    upsert({"a", "b"});
    giver = system.spawn(copies, copies_config{supervision.folder, {}});
    wire();
  }

  shard_key the_shard() const { return {catalog->find("docs")->id, {0}}; }

  void ask_for(const copy_request& wanted) {
    given.reset();
    system.spawn([=, this](caf::event_based_actor* asker) {
      asker->request(member, kPatience, copy_atom_v, wanted)
          .then([this](const copy_actor&, const copy_ready& ready) { given = ready; },
                [this](caf::error& error) { given = from_caf(error); });
    });
    run();
  }
};

TEST_F(PeerFilesTest, AsksANodeThatHasAllOfTheShard) {
  form(4);
  peers[2].report.shards = {};
  peers[3].report.shards = {{the_shard(), "docs", ShardState::kUp, 2, false}};
  pass(kReportInterval);
  const auto nobody = ask<peer_actor>(member, peer_atom_v, the_shard());
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().code, ErrorCode::kUnavailable);
  peers[4].report.shards = {{the_shard(), "docs", ShardState::kUp, 2, true}};
  pass(kReportInterval);
  const auto found = ask<peer_actor>(member, peer_atom_v, the_shard());
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_EQ(found->address(), places.at("n4:2").address());
}

TEST_F(PeerFilesTest, GivesAShardThatIsWhole) {
  ask_for({the_shard(), 0});
  ASSERT_TRUE(given && *given);
  EXPECT_EQ((*given)->seq, memory->last_seq());
}

TEST_F(PeerFilesTest, GivesAShardOnceItHasAllThatIsWanted) {
  const auto since = memory->last_seq() + 1;
  ask_for({the_shard(), since});
  EXPECT_FALSE(given);
  upsert({"c"});
  pass(kReachPause);
  ASSERT_TRUE(given && *given);
  EXPECT_EQ((*given)->seq, since);
}

TEST_F(PeerFilesTest, GivesTheCatalogOnceItHasAllThatIsWanted) {
  const auto since = memory->last_seq() + 1;
  ask_for({{}, since});
  EXPECT_FALSE(given);
  cluster_log->commit(about_nodes(EntryKind::kSetNode, encode_node(record(2))), 0);
  run();
  pass(2 * kReachPause);
  ASSERT_TRUE(given && *given);
  EXPECT_EQ((*given)->seq, since);
}

TEST_F(PeerFilesTest, RefusesAFileThatItDoesNotHaveInTime) {
  ask_for({the_shard(), memory->last_seq() + 1});
  pass_slowly(kGiveMax + 2 * kReachPause);
  ASSERT_TRUE(given);
  EXPECT_EQ(given->error().code, ErrorCode::kUnavailable);
}

TEST_F(PeerFilesTest, RefusesAShardThatIsDown) {
  broken = true;
  kill_shard({0});
  ask_for({the_shard(), 0});
  ASSERT_TRUE(given);
  EXPECT_EQ(given->error().code, ErrorCode::kUnavailable);
}

/// What decides whether the file of a shard comes from another node.
struct MustBeFetched : testing::Test {
  test::TemporaryFolder folder;
  supervisor_state state;
  storage::CollectionRecord record;
  Seq forgotten = 0;

  void SetUp() override {
    state.config.self = 1;
    state.config.log_forgotten = [this] { return forgotten; };
    state.config.catalog = std::make_shared<storage::Catalog>(folder / "catalog.db");
    record.id = {7};
    know(1);
    know(2);
  }

  void know(std::uint64_t id) {
    const NodeRecord node{id, "n" + std::to_string(id), "h:1", "h:2", "h:3"};
    ASSERT_TRUE(state.config.catalog->apply(id, EntryKind::kSetNode, {}, encode_node(node)));
  }

  void live_on(const std::vector<Replica>& nodes) {
    record.replicas = std::make_shared<const Replicas>(Replicas{{8, nodes}});
  }
};

TEST_F(MustBeFetched, OnlyAFileThatIsMissing) {
  forgotten = 7;
  EXPECT_TRUE(must_be_fetched(state, record, {0}, false));
  EXPECT_FALSE(must_be_fetched(state, record, {0}, true)) << "however old it is";
}

TEST_F(MustBeFetched, NotWhatTheLogCanStillMake) {
  forgotten = 6;
  EXPECT_FALSE(must_be_fetched(state, record, {0}, false));
  record.token = "of files that are at another node";
  EXPECT_TRUE(must_be_fetched(state, record, {0}, false));
}

TEST_F(MustBeFetched, WhatThisNodeIsOnlyToGet) {
  live_on({{1, false}, {2, true}});
  EXPECT_TRUE(must_be_fetched(state, record, {0}, false));
  live_on({{1, true}, {2, true}});
  EXPECT_FALSE(must_be_fetched(state, record, {0}, false)) << "it has been here from the beginning";
}

TEST_F(MustBeFetched, NothingWithoutAnotherNode) {
  forgotten = 7;
  ASSERT_TRUE(state.config.catalog->apply(3, EntryKind::kForgetNode, {}, encode_node_id(2)));
  EXPECT_FALSE(must_be_fetched(state, record, {0}, false));
}

}  // namespace
}  // namespace mosaic::actors
