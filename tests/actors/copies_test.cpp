// A file on its way from one node to another.
#include "actors/copies.hpp"

#include "actors/fetch.hpp"
#include "cluster_fixture.hpp"
#include "storage/shard_file.hpp"

namespace mosaic::actors {
namespace {

/// The node that gives, as the other one sees it.
caf::behavior giving_peer(caf::event_based_actor* self, const copies_actor& copies) {
  return {[=](copy_atom, const copy_request& wanted) {
    return self->delegate(copies, copy_atom_v, wanted);
  }};
}

/// One that takes every request and answers none.
caf::behavior silent_peer(caf::event_based_actor* self) {
  return {[=](copy_atom, const copy_request&) {
    return self->make_response_promise<copy_actor, copy_ready>();
  }};
}

/// One whose file is larger than any disk.
caf::behavior boasting_peer(caf::event_based_actor* self, const copies_actor& copies) {
  return {[=](copy_atom, const copy_request& wanted) {
    auto promise = self->make_response_promise<copy_actor, copy_ready>();
    self->request(copies, kCopyTimeout, copy_atom_v, wanted)
        .then([=](const copy_actor& source, copy_ready ready) mutable {
          ready.bytes = std::uint64_t{1} << 60;
          promise.deliver(source, ready);
        });
    return promise;
  }};
}

struct CopiesTest : NodeFixture {
  test::TemporaryFolder other;
  caf::actor peer;
  std::optional<Status> ended;
  Seq log_seq = 1'000;
  std::function<void(const std::filesystem::path&)> prepare = [](const auto&) {};

  void SetUp() override {
    NodeFixture::SetUp();
    make_collection(1);
    upsert({"a", "b"});
    giver = system.spawn(copies, copies_config{supervision.folder, {}});
    peer = system.spawn(giving_peer, giver);
  }

  void TearDown() override {
    end(peer);
    peer = nullptr;
    NodeFixture::TearDown();
  }

  void begin_fetch(const copy_request& wanted) {
    const auto fetcher =
        system.spawn(fetch, fetch_config{wanted,
                                         place(),
                                         {},
                                         other / "incoming",
                                         [this] { return log_seq; },
                                         prepare,
                                         [this](const fetched_copy& how) {
                                           ended = how.error ? Status(*how.error) : Status();
                                         }});
    caf::anon_send(fetcher, start_atom_v, caf::actor_cast<peer_actor>(peer));
    run();
  }

  copy_request the_shard() const { return {{catalog->find("docs")->id, {0}}}; }
  std::filesystem::path place() const { return other / "collections" / "docs" / "shard-0.db"; }
};

TEST_F(CopiesTest, AShardArrivesAsItIs) {
  begin_fetch(the_shard());
  ASSERT_TRUE(ended && *ended) << ended->error().detail;
  EXPECT_EQ(storage::stored_seq(place()), memory->last_seq());
}

TEST_F(CopiesTest, TheCatalogArrivesAsItIs) {
  begin_fetch({});
  ASSERT_TRUE(ended && *ended);
  const storage::Catalog arrived(place());
  EXPECT_EQ(arrived.applied_seq(), catalog->applied_seq());
  EXPECT_NE(arrived.find("docs"), nullptr);
}

TEST_F(CopiesTest, TakesThePlaceOfAnOlderFileAndOfWhatDerivesFromIt) {
  std::filesystem::create_directories(place().parent_path());
  for (const auto* name : {"shard-0.db", "shard-0.db-wal", "shard-0.index"})
    std::ofstream(place().parent_path() / name) << "old";
  begin_fetch(the_shard());
  ASSERT_TRUE(ended && *ended);
  EXPECT_EQ(storage::stored_seq(place()), memory->last_seq());
  EXPECT_FALSE(std::filesystem::exists(place().parent_path() / "shard-0.index"));
}

TEST_F(CopiesTest, IsNotUsedBeforeTheLogHasComeAsFar) {
  log_seq = 0;
  begin_fetch(the_shard());
  pass(10 * kFetchPause);
  EXPECT_FALSE(ended);
  EXPECT_FALSE(std::filesystem::exists(place()));
  log_seq = memory->last_seq();
  pass(kFetchPause);
  EXPECT_TRUE(ended && *ended);
}

TEST_F(CopiesTest, AShardThatIsNotThereIsSaid) {
  begin_fetch({{{99}, {0}}});
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(std::filesystem::exists(place()));
}

TEST_F(CopiesTest, AFileThatTheDiskHasNoRoomForDoesNotCome) {
  end(std::exchange(peer, system.spawn(boasting_peer, giver)));
  begin_fetch(the_shard());
  ASSERT_TRUE(ended && !*ended);
  EXPECT_EQ(ended->error().code, ErrorCode::kUnavailable);
  EXPECT_NE(ended->error().detail.find("bytes are free"), std::string::npos)
      << ended->error().detail;
  EXPECT_FALSE(std::filesystem::exists(other / "incoming"));
  EXPECT_FALSE(std::filesystem::exists(place()));
}

TEST_F(CopiesTest, WhenTheGiverDiesTheOtherHearsSo) {
  end(std::exchange(peer, system.spawn(silent_peer)));
  begin_fetch(the_shard());
  EXPECT_FALSE(ended);
  end(peer);
  run();
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->error().code, ErrorCode::kUnavailable);
  EXPECT_FALSE(std::filesystem::exists(place()));
}

TEST_F(CopiesTest, AGiverThatDiesOnceAllHasArrivedDoesNoHarm) {
  log_seq = 0;
  begin_fetch(the_shard());
  end(peer);
  end(giver);
  run();
  EXPECT_FALSE(ended);
  log_seq = memory->last_seq();
  pass(kFetchPause);
  EXPECT_TRUE(ended && *ended);
  EXPECT_EQ(storage::stored_seq(place()), memory->last_seq());
}

TEST_F(CopiesTest, IsPreparedBeforeItTakesItsPlace) {
  std::filesystem::create_directories(place().parent_path());
  std::ofstream(place()) << "old";
  prepare = [](const auto&) { throw Failure(ErrorCode::kUnavailable, "not ready"); };
  begin_fetch({});
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->error().detail, "not ready");
  EXPECT_EQ(std::filesystem::file_size(place()), 3U) << "what was there stays";
  prepare = [](const auto& file) { storage::Catalog(file).begin_anew(4); };
  begin_fetch({});
  ASSERT_TRUE(*ended) << ended->error().detail;
  EXPECT_EQ(storage::Catalog(place()).log_floor(), 4U);
}

TEST_F(CopiesTest, NothingIsLeftOfACopyThatWasRead) {
  begin_fetch(the_shard());
  EXPECT_FALSE(std::filesystem::exists(other / "incoming"));
  EXPECT_TRUE(std::filesystem::is_empty(folder / "incoming"));
}

TEST_F(CopiesTest, NothingIsLeftOfACopyThatNobodyReads) {
  bool arrived = false;
  self->request(caf::actor_cast<copies_actor>(giver), kPatience, copy_atom_v, the_shard());
  run();
  self->receive([&](const copy_actor&, const copy_ready&) { arrived = true; },
                caf::after(std::chrono::seconds(0)) >> [] {});
  EXPECT_FALSE(std::filesystem::is_empty(folder / "incoming"));
  pass(2 * kCopyIdleMax);
  EXPECT_TRUE(std::filesystem::is_empty(folder / "incoming"));
}

}  // namespace
}  // namespace mosaic::actors
