// Faults on purpose in real shards and searchers, and in the parts that answer requests.
#include "actors/faults.hpp"
#include "node_fixture.hpp"

namespace mosaic::actors {
namespace {

using namespace std::chrono_literals;

struct FaultsTest : NodeFixture {
  void SetUp() override {
    NodeFixture::SetUp();
    make_collection(2);
    upsert({"a", "b", "c", "d"});
  }

  static FaultRequest fault(const std::string& part, FaultKind kind) {
    return {.part = part,
            .kind = kind,
            .collection = "docs",
            .shard = {1},
            .duration_ms = 1,
            .count = 1};
  }

  void inject(const std::string& part, FaultKind kind) {
    ASSERT_TRUE(ask<void>(supervisor, fault_atom_v, fault(part, kind)));
  }

  std::string state() {
    return std::string(to_string(
        ask<CollectionInfo>(reader, info_atom_v, std::string("docs"))->shards.at(1).state));
  }
};

TEST_F(FaultsTest, ACrashOfAShardIsRepaired) {
  inject("shard", FaultKind::kCrash);
  EXPECT_EQ(state(), "down");
  const auto reply = search();
  ASSERT_EQ(reply->failed.size(), 1U);
  EXPECT_EQ(reply->failed[0].error.detail,
            "shard 1 of collection 'docs' is down: crashed on purpose");
  pass(20ms);
  EXPECT_FALSE(search()->partial);
}

TEST_F(FaultsTest, ASearcherThatCrashesTakesItsShardAlongAndBothComeBack) {
  inject("searcher", FaultKind::kCrash);
  EXPECT_TRUE(search()->partial);
  pass(20ms);
  EXPECT_FALSE(search()->partial);
  EXPECT_EQ(search()->hits.size(), 4U);
}

TEST_F(FaultsTest, ARequestThatASearcherDropsCostsItsShardsHitsOnce) {
  inject("searcher", FaultKind::kDrop);
  SearchRequest request;
  request.collection = "docs";
  request.vector = {1, 0};
  const auto began = now();
  const auto answer = begin<SearchReply>(reader, search_atom_v, request);
  pass_slowly(1s);
  ASSERT_TRUE(answer->answered());
  EXPECT_LE(answer->at, began + 1s);
  EXPECT_EQ((*answer->result)->failed.at(0).error.code, ErrorCode::kDeadlineExceeded);
  EXPECT_FALSE(search()->partial);
}

TEST_F(FaultsTest, SlowAndStalledPartsAnswerAllTheSame) {
  for (const auto kind : {FaultKind::kSlow, FaultKind::kStall}) {
    inject("searcher", kind);
    EXPECT_FALSE(search()->partial);
    inject("shard", kind);
    EXPECT_TRUE(upsert({"e"}).applied);
  }
}

TEST_F(FaultsTest, AFaultOfAShardThatDoesNotRunIsRefused) {
  kill_shard({1});
  EXPECT_EQ(ask<void>(supervisor, fault_atom_v, fault("shard", FaultKind::kCrash)).error(),
            (Error{ErrorCode::kNotFound, "collection 'docs' has no shard 1 that runs"}));
  auto unknown = fault("searcher", FaultKind::kCrash);
  unknown.collection = "nobody";
  EXPECT_EQ(ask<void>(supervisor, fault_atom_v, unknown).error(),
            (Error{ErrorCode::kNotFound, "collection 'nobody' has no shard 1 that runs"}));
}

TEST_F(FaultsTest, CoordinatorAndIngestDropOneRequestAndAnswerTheNext) {
  caf::anon_send(reader, fault_atom_v, fault("coordinator", FaultKind::kDrop));
  caf::anon_send(writer, fault_atom_v, fault("ingest", FaultKind::kDrop));
  SearchRequest request;
  request.collection = "docs";
  request.vector = {1, 0};
  const auto searched = begin<SearchReply>(reader, search_atom_v, request);
  const auto written =
      begin<UpsertReply>(writer, upsert_atom_v, UpsertRequest{"docs", {}}, RequestId{});
  pass(10s);
  EXPECT_FALSE(searched->answered());
  EXPECT_FALSE(written->answered());
  EXPECT_TRUE(search());
  EXPECT_TRUE(upsert({"e"}).applied);
}

TEST_F(FaultsTest, EveryPartDiesOfACrash) {
  std::size_t down = 0;
  const auto parts = {caf::actor_cast<faulty_actor>(log), caf::actor_cast<faulty_actor>(supervisor),
                      caf::actor_cast<faulty_actor>(reader), caf::actor_cast<faulty_actor>(writer),
                      caf::actor_cast<faulty_actor>(ranking_actor)};
  for (const auto& part : parts) {
    self->monitor(part);
    caf::anon_send(part, fault_atom_v, FaultRequest{.part = "supervisor"});
  }
  run();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    self->receive(
        [&](const caf::down_msg& message) {
          EXPECT_EQ(from_caf(message.reason), (Error{ErrorCode::kInternal, "crashed on purpose"}));
          ++down;
        },
        caf::after(0s) >> [] {});
  }
  EXPECT_EQ(down, parts.size());
}

}  // namespace
}  // namespace mosaic::actors
