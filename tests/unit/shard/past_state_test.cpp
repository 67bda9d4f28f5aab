// States of the past, one behaviour at a time: names, times, errors, and what a purge must not
// break.
#include "index_fixture.hpp"
#include "past_fixture.hpp"

namespace mosaic::shard {
namespace {

constexpr std::int64_t kBegin = 1'700'000'000'000;

struct PastState : IndexFixture {
  std::int64_t time_ms = kBegin;

  void SetUp() override { options.retention_s = 3'600; }

  void entry(EntryKind kind, std::string bytes, std::int64_t later_ms = 1'000) {
    time_ms += later_ms;
    shard->apply({{++seq, kind, std::make_shared<const std::string>(std::move(bytes)), time_ms}});
  }
  void put(const std::string& id, const Vector& vector, const std::string& text = "") {
    entry(EntryKind::kWrite, encode_write({{make_document(id, vector, text)}, {}}));
  }
  void drop(const std::string& id) { entry(EntryKind::kWrite, encode_write({{}, {{id, 0}}})); }
  /// All that had ended by then.
  void purge(std::int64_t until_ms) {
    entry(EntryKind::kPurge, encode_purge({until_ms, 100'000}));
    shard->views()->retire_old();
  }
  void forget_all() {
    retain(0);
    purge(time_ms);
  }
  void retain(std::uint64_t seconds) {
    CollectionSettings settings;
    settings.retention_s = seconds;
    entry(EntryKind::kPatchCollection, encode_settings(settings));
  }
  void move_on() { shard->views()->retire_old(); }

  Result<Seq> resolve(const AsOf& as_of) { return searcher().resolve(as_of, {}); }
  std::string refusal(const AsOf& as_of) {
    const auto seq_of = resolve(as_of);
    return seq_of ? fmt::format("seq {}", *seq_of)
                  : fmt::format("{}: {}", to_string(seq_of.error().code), seq_of.error().detail);
  }
  std::string text_at(Seq at, const std::string& id) {
    const auto found = searcher().get(At::past_state(at), id, {}, {});
    if (!found) return std::string(to_string(found.error().code));
    return found->documents.empty() ? "none" : found->documents[0].document.text.value_or("");
  }
  std::int64_t rows(const std::string& table) {
    storage::Database database(options.path, storage::OpenMode::kReadOnly);
    return database.query_int("SELECT count(*) FROM " + table);
  }
};

TEST_F(PastState, ATimeIsTheLastStateThatStoodThenAndATimeToComeIsNow) {
  open();
  put("a", {1, 0}, "one");  // seq 1, a second after the beginning
  put("a", {1, 0}, "two");
  entry(EntryKind::kWrite, encode_write({{make_document("b", {1, 0})}, {}}), 0);  // the same moment
  put("a", {1, 0}, "three");
  EXPECT_EQ(refusal({0, "2023-11-14T22:13:21Z"}), "seq 1");
  EXPECT_EQ(refusal({0, "2023-11-14T22:13:21.999Z"}), "seq 1");
  EXPECT_EQ(refusal({0, "2023-11-14T23:13:22+01:00"}), "seq 3");
  EXPECT_EQ(refusal({0, "2023-11-14T22:13:23Z"}), "seq 4");
  EXPECT_EQ(refusal({0, "2099-01-01T00:00:00Z"}), "seq 4");
  EXPECT_EQ(refusal({0, "2023-11-14T22:13:20Z"}),
            "not_found: as_of is '2023-11-14T22:13:20Z', but the state of that time is not kept: "
            "the oldest that is is seq 1 of 2023-11-14T22:13:21.000Z");
}

TEST_F(PastState, WhatIsNoStateIsRefusedByName) {
  open();
  put("a", {1, 0});
  EXPECT_EQ(refusal({9, ""}),
            "invalid_argument: as_of is 9, the newest state of the collection is seq 1");
  EXPECT_EQ(refusal({0, ""}),
            "not_found: the state at seq 0 is not kept: the oldest that is is seq 1 of "
            "2023-11-14T22:13:21.000Z");
  EXPECT_EQ(refusal({0, "yesterday"}),
            "invalid_argument: as_of is 'yesterday', which is neither a snapshot of the collection "
            "nor an RFC 3339 time like 1970-01-01T00:00:00.000Z");
}

TEST_F(PastState, ANewCollectionIsEmptyAsOfTheEntryThatMadeIt) {
  options.identity.collection = {5};
  seq = 5;
  open();
  EXPECT_EQ(refusal({5, ""}), "seq 5");
  EXPECT_EQ(text_at(5, "a"), "none");
  put("a", {1, 0}, "one");
  move_on();
  EXPECT_EQ(text_at(5, "a"), "none");
  EXPECT_EQ(text_at(6, "a"), "one");
  EXPECT_EQ(text_at(4, "a"), "not_found");
}

TEST_F(PastState, ASnapshotOutlivesAPurge) {
  options.retention_s = 0;
  open();
  put("a", {1, 0}, "one");
  entry(EntryKind::kBeginSnapshot, encode_snapshot_begin({"first"}));
  const auto at = seq;
  entry(EntryKind::kKeepSnapshot, encode_snapshot({"first", at, time_ms, 1, {}}));
  put("a", {1, 0}, "two");
  put("a", {1, 0}, "three");
  purge(time_ms);
  EXPECT_EQ(refusal({at, ""}), "seq 2");
  EXPECT_EQ(text_at(at, "a"), "one");
  EXPECT_EQ(text_at(at + 2, "a"), "not_found");
  EXPECT_EQ(rows("versions"), 2);
  EXPECT_EQ(rows("history_fts_docsize"), 1);
  // At the moment of the snapshot time finds it, at a moment that was purged nothing.
  EXPECT_EQ(refusal({0, "2023-11-14T22:13:22Z"}), "seq 2");
  EXPECT_EQ(refusal({0, "2023-11-14T22:13:24Z"}).substr(0, 9), "not_found");
  entry(EntryKind::kDropSnapshot, encode_snapshot_name("first"));
  EXPECT_EQ(rows("history_fts_docsize"), 0);
  purge(time_ms);
  EXPECT_EQ(rows("versions"), 1);
  EXPECT_EQ(text_at(at, "a"), "not_found");
}

TEST_F(PastState, ASnapshotOfAStateThatIsGonePinsNothing) {
  options.retention_s = 0;
  open();
  put("a", {1, 0}, "one");
  put("a", {1, 0}, "two");
  entry(EntryKind::kKeepSnapshot, encode_snapshot({"late", 1, time_ms, 1, {}}));
  EXPECT_EQ(rows("pins"), 0);
}

TEST_F(PastState, APurgeNeverTakesWhatRetentionKeeps) {
  open();
  put("a", {1, 0}, "one");
  put("a", {1, 0}, "two");
  // Whoever asked for this did not know of the retention.
  purge(time_ms + 10'000'000);
  EXPECT_EQ(text_at(1, "a"), "one");
  retain(2);
  put("b", {1, 0});  // seq 5, two seconds before the purge
  put("b", {1, 0});
  purge(time_ms + 10'000'000);
  EXPECT_EQ(text_at(1, "a"), "not_found");
  EXPECT_EQ(text_at(4, "a"), "not_found");
  EXPECT_EQ(text_at(5, "a"), "two");
}

TEST_F(PastState, TheStateOfAMomentAgoIsAnsweredWhileItsViewIsAtHandAlthoughNothingIsKept) {
  options.retention_s = 0;
  open();
  put("a", {1, 0}, "one");
  // From now on every view has a reader of its own.
  EXPECT_EQ(text_at(1, "a"), "one");
  put("a", {1, 0}, "two");
  EXPECT_EQ(text_at(1, "a"), "one");
  move_on();
  EXPECT_EQ(text_at(1, "a"), "not_found");
  EXPECT_EQ(text_at(2, "a"), "two");
}

TEST_F(PastState, AStateThatTheShardHasNotReachedYetIsUnavailable) {
  open();
  put("a", {1, 0});
  EXPECT_EQ(text_at(7, "a"), "unavailable");
}

TEST_F(PastState, OneBeforeAnotherEmbedderIsGoneWithItsVectorsEvenIfASnapshotKeepsIt) {
  open();
  put("a", {1, 0}, "one");
  entry(EntryKind::kBeginSnapshot, encode_snapshot_begin({"first"}));
  const auto at = seq;
  entry(EntryKind::kKeepSnapshot, encode_snapshot({"first", at, time_ms, 1, {}}));
  entry(EntryKind::kBeginReembed, encode_reembedding({0, "hash", 3, 1}));
  entry(EntryKind::kSwitchSpace, encode_generation(seq));
  move_on();
  EXPECT_EQ(refusal({at, ""}),
            "not_found: the state at seq 2 is kept, but its vectors are not: at seq 5 the "
            "collection went over to another embedder");
  EXPECT_EQ(refusal({1, ""}),
            "not_found: the state at seq 1 is not kept: the oldest that is is seq 5 of "
            "2023-11-14T22:13:25.000Z");
}

TEST_F(PastState, AFileOfAnEarlierVersionKeepsHistoryFromItsNextOpeningOn) {
  options.retention_s = 0;
  open();
  put("a", {1, 0}, "one");
  put("a", {1, 0}, "two");
  shard.reset();
  {
    storage::Database database(options.path, storage::OpenMode::kReadWrite);
    database.execute(
        "DROP TABLE history_fts; DROP VIEW history; DROP TABLE times; DROP TABLE pins;"
        "DROP TABLE pagerank_history; DROP INDEX ended_edges_by_seq;"
        "DELETE FROM meta WHERE key IN ('retention_s', 'history_from', 'history_since',"
        "'vectors_from', 'purged', 'purge_versions_from', 'purge_links_from')");
  }
  options.made = true;
  options.retention_s = 3'600;
  open();
  put("a", {1, 0}, "three");
  move_on();
  EXPECT_EQ(text_at(1, "a"), "not_found");
  EXPECT_EQ(text_at(2, "a"), "two");
  EXPECT_EQ(rows("history_fts_docsize"), 1);
}

TEST_F(PastState, WhatWasFoundAndPurgedSinceIsNoDamage) {
  options.retention_s = 0;
  open();
  put("a", {1, 0}, "one");
  ShardQuery query;
  query.vector = {1, 0};
  query.vector_arm = true;
  const auto found = searcher().search(0, query, {});
  ASSERT_EQ(found->vector_arm.size(), 1U);
  const auto row = found->vector_arm[0].row;
  EXPECT_TRUE(searcher().fetch({row}, {}, {}));
  put("a", {1, 0}, "two");
  forget_all();
  EXPECT_EQ(searcher().fetch({row}, {}, {}).error().code, ErrorCode::kUnavailable);
}

TEST_F(PastState, AFilterThatIsRememberedFindsNoPurgedDocument) {
  options.retention_s = 0;
  open();
  entry(EntryKind::kWrite, encode_write({{make_document("a", {1, 0}, "", R"({"s":1})"),
                                          make_document("b", {1, 0}, "", R"({"s":1})")},
                                         {}}));
  auto asked = searcher();
  EXPECT_EQ(asked.matches(0, R"({"s":1})", "", {})->size(), 2U);
  drop("a");
  forget_all();
  EXPECT_EQ(rows("versions"), 1);
  EXPECT_EQ(asked.matches(0, R"({"s":1})", "", {})->size(), 1U);
}

TEST_F(PastState, AWalkOverAStateThatWasPurgedSaysSo) {
  options.retention_s = 0;
  open();
  put("a", {1, 0});
  const auto at = seq;
  put("a", {1, 0});
  EXPECT_EQ(searcher().graph_page(at, {}, {})->documents.size(), 1U);
  forget_all();
  EXPECT_EQ(searcher().graph_page(at, {}, {}).error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(searcher().graph_page(seq, {}, {})->documents.size(), 1U);
}

TEST_F(PastState, PurgesGoOnUntilNothingIsLeftAndThenHaveNothingToDo) {
  options.retention_s = 0;
  open();
  for (int i = 0; i < 5; ++i) put("a", {1, 0});
  retain(0);
  EXPECT_EQ(*searcher().purgeable(time_ms, 100, {}), 4U);
  EXPECT_EQ(*searcher().purgeable(time_ms, 2, {}), 2U);
  EXPECT_EQ(*searcher().purgeable(kBegin, 100, {}), 0U);
  for (const auto left : {2U, 0U}) {
    entry(EntryKind::kPurge, encode_purge({time_ms, 2}));
    EXPECT_EQ(*searcher().purgeable(time_ms, 100, {}), left);
  }
}

/// The index file is older than the purge: it alone does not know what is gone.
TEST_F(PastState, AnIndexFileFromBeforeAPurgeFindsNothingThatIsGone) {
  options.retention_s = 0;
  options.identity.dimension = kDimension;
  open();
  upsert(names(0, kDocuments));
  build();
  ASSERT_TRUE(graph());
  const auto covered = graph()->parameters().seq;
  upsert(names(0, 300));
  remove(names(300, 600));
  forget_all();
  EXPECT_EQ(rows("ended"), 0);
  expect_right_answers();
  reopen();
  ASSERT_TRUE(graph());
  EXPECT_EQ(graph()->parameters().seq, covered);
  EXPECT_EQ(shard->views()->take(0)->vectors.live(), kDocuments - 300);
  expect_right_answers();
}

/// One that was being made while rows ended and were purged.
TEST_F(PastState, AGraphThatWasBegunBeforeAPurgeIsToldOfIt) {
  options.retention_s = 0;
  options.identity.dimension = kDimension;
  open();
  upsert(names(0, kDocuments));
  const auto begun = task();
  remove(names(0, 300));
  forget_all();
  ASSERT_TRUE(shard->adopt(made(begun), begun.wish.generation));
  EXPECT_EQ(shard->views()->take(0)->vectors.live(), kDocuments - 300);
  expect_right_answers();
}

/// Vectors of then are found where they are: in the graph, in the tail, and, ended, in the file.
TEST_F(PastState, AnExactSearchOfThePastIsThatOfThenThroughTheIndex) {
  options.identity.dimension = kDimension;
  open();
  upsert(names(0, kDocuments));
  build();
  ASSERT_TRUE(graph());
  const auto then = documents;
  const auto at = seq;
  upsert(names(0, 200));
  remove(names(200, 400));
  upsert(names(kDocuments, kDocuments + 100));
  move_on();
  const auto now = documents;
  documents = then;
  for (int i = 0; i < 20; ++i) {
    const auto query = random_vector();
    const auto exact = searcher().search(At::past_state(at), query_of(query, true), {});
    ASSERT_TRUE(exact) << exact.error().detail;
    EXPECT_EQ(ids(exact->vector_arm), expected(query));
    EXPECT_EQ(searcher().search(At::past_state(at), query_of(query, false), {})->vector_arm.size(),
              10U);
  }
  documents = now;
  expect_right_answers();
}

}  // namespace
}  // namespace mosaic::shard
