// States of the past through a whole node, and the coordinator's part of it over fake shards.
#include "actors/historian.hpp"
#include "node_fixture.hpp"
#include "search_fixture.hpp"

namespace mosaic::actors {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kBegin = 1'700'000'000'000;  // 2023-11-14T22:13:20Z

struct TimeTravelNode : NodeFixture {
  std::int64_t clock_ms = kBegin;

  void make(std::uint32_t count, std::uint64_t retention_s) {
    CollectionSettings settings;
    settings.name = "docs";
    settings.dimension = 2;
    settings.metric = Metric::kL2;
    settings.shards = count;
    settings.retention_s = retention_s;
    ASSERT_TRUE(ask<CollectionPut>(writer, create_atom_v, settings, RequestId{}));
  }

  UpsertReply put(const std::vector<std::string>& ids) {
    memory->time_ms = clock_ms += 1'000;
    return upsert(ids);
  }

  Result<StoredDocument> get(const std::string& id, const AsOf& as_of) {
    GetRequest request{"docs", id};
    request.as_of = as_of;
    return ask<StoredDocument>(reader, read_atom_v, request);
  }

  Result<SearchReply> search(std::optional<AsOf> as_of) {
    SearchRequest request;
    request.collection = "docs";
    request.vector = {1, 0};
    request.exact = true;
    request.audit = true;
    request.k = 100;
    request.as_of = std::move(as_of);
    return ask<SearchReply>(reader, search_atom_v, request);
  }

  static std::string described(const SearchReply& reply) {
    std::string text = fmt::format("{}\n", reply.seq);
    for (const auto& hit : reply.hits)
      text += fmt::format("{} {} {}\n", hit.stored.document.id, hit.stored.seq, hit.score);
    return text;
  }

  std::size_t purges() const {
    return static_cast<std::size_t>(
        std::count_if(memory->entries.begin(), memory->entries.end(),
                      [](const auto& entry) { return entry.kind == EntryKind::kPurge; }));
  }

  void start_historian() {
    purger = system.spawn(historian, historian_config{"n1", 60s, [this] { return clock_ms; }});
    wire();
  }
};

TEST_F(TimeTravelNode, ASearchOfThePastIsThatOfThenOverAllShards) {
  make(3, 3'600);
  put({"a", "b", "c", "d", "e", "f"});
  const auto then = search(std::nullopt);
  ASSERT_TRUE(then);
  EXPECT_EQ(then->hits.size(), 6U);
  const auto at = then->seq;
  put({"f", "e", "d", "x"});
  const auto again = search(AsOf{at});
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(described(*again), described(*then));
  EXPECT_EQ(again->audit->recall, 1);
  EXPECT_EQ(again->audit->expected, 6U);
  EXPECT_EQ(described(*search(AsOf{0, "2023-11-14T22:13:21.5Z"})), described(*then));
  EXPECT_EQ(search(AsOf{0, "2099-01-01T00:00:00Z"})->hits.size(), 7U);
}

TEST_F(TimeTravelNode, ADocumentIsReadAsItWasAndWhatWasNotThereIsNotFound) {
  make(2, 3'600);
  const auto first = put({"a"}).seq;
  put({"b", "a"});
  const auto found = get("a", {first});
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_EQ(found->seq, first);
  EXPECT_EQ(get("b", {first}).error().detail, "document 'b' does not exist in collection 'docs'");
  EXPECT_EQ(get("a", {first + 100}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(get("a", {0, "nothing"}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(get("a", {0}).error().code, ErrorCode::kNotFound);
}

TEST_F(TimeTravelNode, AllPagesOfAListShowOneState) {
  make(3, 3'600);
  put({"a", "b", "c", "d", "e"});
  ListRequest request;
  request.collection = "docs";
  request.limit = 2;
  request.as_of = AsOf{0, "2099-01-01T00:00:00Z"};
  std::string ids;
  do {
    const auto page = ask<ListReply>(reader, list_atom_v, request);
    ASSERT_TRUE(page) << page.error().detail;
    for (const auto& stored : page->documents) ids += stored.document.id;
    request.cursor = page->next_cursor;
    put({"bb", "cc", "zz"});
  } while (!request.cursor.empty());
  EXPECT_EQ(ids, "abcde");
}

TEST_F(TimeTravelNode, WhatRetentionDoesNotKeepIsPurgedInStepsAndThenIsAtPeace) {
  make(2, 2);
  const auto first = put({"a", "b", "c"}).seq;
  for (int i = 0; i < 5; ++i) put({"a", "b", "c"});
  start_historian();
  EXPECT_TRUE(get("a", {first}));
  pass(61s);
  run();
  pass(1s);
  EXPECT_EQ(purges(), 1U);
  const auto refused = get("a", {first});
  EXPECT_EQ(refused.error().code, ErrorCode::kNotFound);
  EXPECT_NE(refused.error().detail.find("of 2023-11-14T22:13:24.000Z"), std::string::npos)
      << refused.error().detail;
  EXPECT_TRUE(get("a", {first + 4}));
  pass(600s);
  EXPECT_EQ(purges(), 1U);
  // Time alone makes more of it expire.
  clock_ms += 10'000;
  memory->time_ms = clock_ms;
  pass(61s);
  pass(1s);
  EXPECT_EQ(purges(), 2U);
  EXPECT_EQ(get("a", {first + 4}).error().code, ErrorCode::kNotFound);
}

TEST_F(TimeTravelNode, AHistorianWhoseLogRefusesTriesAgainInTheNextRound) {
  make(1, 0);
  for (int i = 0; i < 3; ++i) put({"a"});
  clock_ms += 1'000'000;
  start_historian();
  memory->refuse = true;
  pass(61s);
  pass(1s);
  EXPECT_EQ(purges(), 0U);
  memory->refuse = false;
  pass(61s);
  pass(1s);
  EXPECT_EQ(purges(), 1U);
}

struct AsOfOverFakes : SearchFixture {
  void reach(Seq cut) {
    caf::anon_send(coordinator_under_test, cut_atom_v, cut_moved{kDocs, cut});
    run();
  }
};

TEST_F(AsOfOverFakes, EveryShardIsAskedForTheOneStateThatTheFirstHasFound) {
  start({2, 3});
  reach(9);
  shards[0].resolve = [](const AsOf&) { return Seq{7}; };
  auto request = by_both();
  request.as_of = AsOf{0, "2026-01-01T00:00:00Z"};
  const auto found = search(request);
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_EQ(found->seq, 7U);
  EXPECT_EQ(found->hits.size(), 5U);
  for (const auto& shard : shards) EXPECT_EQ(shard.as_of, (std::vector<Seq>{7, 7}));
  EXPECT_EQ(shards[1].asked["resolve"], 0);
}

TEST_F(AsOfOverFakes, AShardThatIsDownLeavesTheQuestionToTheNextAndTheAnswerPartial) {
  start({2, 3});
  lose({0}, {ErrorCode::kCorruptData, "broken"});
  auto request = by_vector();
  request.as_of = AsOf{9};
  const auto found = search(request);
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_TRUE(found->partial);
  EXPECT_EQ(found->seq, 9U);
  EXPECT_EQ(found->hits.size(), 3U);
  ASSERT_EQ(found->failed.size(), 1U);
  EXPECT_EQ(found->failed[0].shard, ShardId{0});
}

TEST_F(AsOfOverFakes, AStateThatIsNotKeptIsRefusedAndAsksNobodyFurther) {
  start({2, 3});
  for (auto& shard : shards) {
    shard.resolve = [](const AsOf&) -> Result<Seq> {
      return Error{ErrorCode::kNotFound, "not kept"};
    };
  }
  auto request = by_vector();
  request.as_of = AsOf{3};
  EXPECT_EQ(search(request).error(), (Error{ErrorCode::kNotFound, "not kept"}));
  EXPECT_EQ(shards[0].asked["search"], 0);
}

TEST_F(AsOfOverFakes, AStateThatIsPurgedWhileItIsSearchedRefusesTheWholeSearch) {
  start({2, 3});
  shards[1].mode = Mode::kFail;
  shards[1].only = {"search"};
  shards[1].error = {ErrorCode::kNotFound, "not kept"};
  auto request = by_vector();
  request.as_of = AsOf{3};
  EXPECT_EQ(search(request).error(), (Error{ErrorCode::kNotFound, "not kept"}));
}

}  // namespace
}  // namespace mosaic::actors
