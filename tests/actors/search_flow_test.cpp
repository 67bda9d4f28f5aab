#include "actors/exceptions.hpp"
#include "base/checksum.hpp"
#include "search_fixture.hpp"

namespace mosaic::actors {
namespace {

using namespace std::chrono_literals;

/// A ranker that dies of its first requests.
ranker_actor::behavior_type mortal_ranker(ranker_actor::pointer self) {
  die_with_reason(self);
  const auto die = []() -> caf::result<ranking> {
    throw Failure(ErrorCode::kInternal, "died of a request");
  };
  return {
      [=](rank_atom, const rank_request&) { return die(); },
      [=](rank_atom, const diversify_request&) { return die(); },
      [](fault_atom, const FaultRequest&) {},
  };
}

ranker_actor::behavior_type silent_ranker(ranker_actor::pointer self) {
  return {
      [=](rank_atom, const rank_request&) -> caf::result<ranking> {
        return self->make_response_promise<ranking>();
      },
      [=](rank_atom, const diversify_request&) -> caf::result<ranking> {
        return self->make_response_promise<ranking>();
      },
      [](fault_atom, const FaultRequest&) {},
  };
}

/// Gives a vector, an error, or nothing at all.
embedder_actor::behavior_type fake_embedder(embedder_actor::pointer self,
                                            std::optional<Result<Vector>> vector) {
  return {
      [=](embed_atom, const embed_request&) -> caf::result<embed_reply> {
        if (!vector) return self->make_response_promise<embed_reply>();
        if (!*vector) return to_caf(vector->error());
        return embed_reply{{**vector}};
      },
      [](fault_atom, const FaultRequest&) {},
  };
}

struct SearchFlowTest : SearchFixture {
  /// Searches once, so that the coordinator has heard how many documents each shard holds.
  void learn_counts() { ASSERT_FALSE(search(by_vector())->partial); }

  void make_silent(std::uint32_t shard) {
    shards[shard].mode = Mode::kHang;
    Result<SearchReply> reply = Error{};
    for (std::size_t i = 0; i < kSearcherTimeoutsMax; ++i) search_taking(by_vector(), reply);
  }
};

TEST_F(SearchFlowTest, MergesWhatAllShardsFind) {
  start({2, 3, 1});
  const auto found = search(by_text());
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_EQ(found->hits.size(), 6U);
  EXPECT_EQ(found->shards_searched, 3U);
  EXPECT_FALSE(found->partial);
  EXPECT_EQ(found->missing_share, 0);
}

TEST_F(SearchFlowTest, AShardThatNeverAnswersIsNamedAtTheDeadline) {
  start({4, 1, 5});
  learn_counts();
  shards[1].mode = Mode::kHang;
  Result<SearchReply> found = Error{};
  const auto took = search_taking(by_vector(), found);
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_LE(took, kBudget);
  EXPECT_TRUE(found->partial);
  EXPECT_EQ(found->hits.size(), 9U);
  EXPECT_EQ(found->shards_searched, 2U);
  ASSERT_EQ(found->failed.size(), 1U);
  EXPECT_EQ(found->failed[0].shard, ShardId{1});
  EXPECT_EQ(found->failed[0].node, "n1");
  EXPECT_EQ(found->failed[0].error.code, ErrorCode::kDeadlineExceeded);
  EXPECT_DOUBLE_EQ(found->missing_share, 0.1);
}

TEST_F(SearchFlowTest, AShardNobodyHasHeardOfCountsAsTheMeanOfTheOthers) {
  start({2, 7, 4});
  shards[1].mode = Mode::kHang;
  Result<SearchReply> found = Error{};
  search_taking(by_vector(), found);
  EXPECT_DOUBLE_EQ(found->missing_share, 3.0 / 9);
}

TEST_F(SearchFlowTest, NoShardAtAllIsAnEmptyPartialAnswer) {
  start({2, 2});
  for (auto& shard : shards) shard.mode = Mode::kHang;
  Result<SearchReply> found = Error{};
  EXPECT_LE(search_taking(by_vector(), found), kBudget);
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_TRUE(found->hits.empty());
  EXPECT_EQ(found->shards_searched, 0U);
  EXPECT_EQ(found->failed.size(), 2U);
  EXPECT_EQ(found->missing_share, 1);
}

/// Shards hang, each at a question of its own: their waits must not add up.
class SearchDeadlineTest : public SearchFlowTest,
                           public ::testing::WithParamInterface<std::uint32_t> {};

TEST_P(SearchDeadlineTest, HoldsWhateverHangsWhere) {
  start({3, 3, 3, 3, 3});
  shards[0].only = {"text_stats"};
  shards[1].only = {"search"};
  shards[2].only = {"fetch"};
  for (std::uint32_t shard = 0; shard < 3; ++shard) shards[shard].mode = Mode::kHang;
  auto request = by_text();
  request.timeout_ms = GetParam();
  request.diversity = 0.5;
  request.document = "s4d0";
  request.query.reset();
  request.mode = SearchMode::kHybrid;
  shards[home_shard("s4d0", 5).value].documents.push_back(documents_of({4}, 1)[0]);
  Result<SearchReply> found = Error{};
  const auto took = search_taking(request, found);
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_LE(took, std::chrono::milliseconds(GetParam()));
  EXPECT_EQ(found->failed.size(), 3U);
  EXPECT_GE(found->hits.size(), 6U);
}

INSTANTIATE_TEST_SUITE_P(Budgets, SearchDeadlineTest, ::testing::Values(20, 100, 1'000, 5'000));

TEST_F(SearchFlowTest, AShardThatDiesWithItsMailboxFullFailsAtOnce) {
  start({2, 2});
  std::vector<Answer<SearchReply>> answers;
  for (int i = 0; i < 20; ++i) answers.push_back(begin_search(by_vector()));
  // The first message kills it; the rest still wait in its mailbox.
  shards[1].mode = Mode::kCrash;
  const auto began = now();
  run();
  for (const auto& answer : answers) {
    ASSERT_TRUE(answer->answered());
    ASSERT_TRUE(*answer->result) << answer->error().detail;
    EXPECT_EQ(answer->at, began);
    EXPECT_EQ((*answer->result)->hits.size(), 2U);
    EXPECT_EQ((*answer->result)->failed.at(0).shard, ShardId{1});
  }
  EXPECT_EQ(shards[1].asked["search"], 1);
}

TEST_F(SearchFlowTest, AShardThatIsDownCostsNoTime) {
  start({2, 2});
  learn_counts();
  lose({1}, {ErrorCode::kInternal, "disk on fire"});
  Result<SearchReply> found = Error{};
  EXPECT_EQ(search_taking(by_text(), found), 0ms);
  EXPECT_EQ(found->failed.at(0).error,
            (Error{ErrorCode::kUnavailable, "shard 1 of collection 'docs' is down: disk on fire"}));
  EXPECT_DOUBLE_EQ(found->missing_share, 0.5);
  start_searcher({1});
  EXPECT_FALSE(search(by_text())->partial);
}

TEST_F(SearchFlowTest, ASilentShardCostsNobodyElseTimeWhileItIsProbed) {
  start({2, 2});
  make_silent(1);
  const auto probe = begin_search(by_vector());
  run();
  const auto asked = shards[1].asked_in_all();
  Result<SearchReply> found = Error{};
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(search_taking(by_vector(), found), 0ms);
    EXPECT_EQ(found->failed.at(0).error.code, ErrorCode::kDeadlineExceeded);
  }
  EXPECT_EQ(shards[1].asked_in_all(), asked);
  EXPECT_FALSE(probe->answered());
  pass(kBudget);
  EXPECT_TRUE(probe->answered());
}

TEST_F(SearchFlowTest, AShardThatAnswersItsProbeIsTakenBack) {
  start({2, 2});
  make_silent(1);
  shards[1].mode = Mode::kAnswer;
  EXPECT_FALSE(search(by_vector())->partial);
  std::vector<Answer<SearchReply>> answers;
  for (int i = 0; i < 5; ++i) answers.push_back(begin_search(by_vector()));
  run();
  for (const auto& answer : answers) EXPECT_FALSE((*answer->result)->partial);
}

TEST_F(SearchFlowTest, WhatAShardSaysIsWrongWithTheRequestIsTheAnswer) {
  start({2, 2});
  shards[1].mode = Mode::kFail;
  shards[1].error = {ErrorCode::kInvalidArgument, "where is odd"};
  EXPECT_EQ(search(by_vector()).error(), shards[1].error);
}

TEST_F(SearchFlowTest, AShardThatFailsIsNamedWithItsError) {
  start({2, 2});
  shards[0].mode = Mode::kFail;
  shards[0].error = {ErrorCode::kCorruptData, "page 7 of shard.db"};
  shards[0].only = {"fetch"};
  const auto found = search(by_vector());
  EXPECT_EQ(found->hits.size(), 2U);
  EXPECT_EQ(found->failed.at(0).error, shards[0].error);
}

TEST_F(SearchFlowTest, ARankerThatDiesIsNoReasonToFail) {
  rankers = {system.spawn(mortal_ranker), system.spawn(ranker)};
  start({2, 2});
  EXPECT_EQ(search(by_both())->hits.size(), 4U);
}

TEST_F(SearchFlowTest, TwoRankersThatDieAre) {
  rankers = {system.spawn(mortal_ranker), system.spawn(mortal_ranker), system.spawn(ranker)};
  start({2, 2});
  EXPECT_EQ(search(by_both()).error(),
            (Error{ErrorCode::kUnavailable, "the ranker is being restarted"}));
}

TEST_F(SearchFlowTest, ARankerThatNeverAnswersFailsTheSearchInTime) {
  rankers = {system.spawn(silent_ranker), system.spawn(ranker)};
  start({2, 2});
  Result<SearchReply> found = SearchReply{};
  EXPECT_LE(search_taking(by_both(), found), kBudget);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::kDeadlineExceeded);
}

TEST_F(SearchFlowTest, ASearchByVectorAloneNeedsNoRanker) {
  rankers = {system.spawn(silent_ranker), system.spawn(silent_ranker)};
  start({2, 2});
  EXPECT_EQ(search(by_vector())->hits.size(), 4U);
}

TEST_F(SearchFlowTest, FromOneShardTheDocumentsComeWithTheCandidates) {
  start({5});
  auto request = by_vector();
  request.k = 3;
  request.min_score = 0.4;
  const auto found = search(request);
  ASSERT_EQ(found->hits.size(), 2U) << "the third scores a third";
  EXPECT_EQ(found->hits[0].stored.document.id, "s0d0");
  EXPECT_EQ(found->hits[1].stored.document.text, "words");
  EXPECT_EQ(shards[0].asked["search"], 1);
  EXPECT_EQ(shards[0].asked["fetch"], 0);
  EXPECT_EQ(search(by_both())->hits.size(), 5U);
  EXPECT_EQ(shards[0].asked["fetch"], 1) << "fusing decides whose documents are wanted";
}

TEST_F(SearchFlowTest, MoreLikeADocumentOfADownShardIsPartialWithoutHits) {
  start({2, 2});
  const auto home = home_shard("s0d1", 2);
  lose(home, {ErrorCode::kInternal, "gone"});
  auto request = by_vector();
  request.vector.clear();
  request.document = "s0d1";
  const auto found = search(request);
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_TRUE(found->partial);
  EXPECT_TRUE(found->hits.empty());
  EXPECT_EQ(found->shards_searched, 0U);
  EXPECT_EQ(found->missing_share, 1);
  EXPECT_EQ(found->failed.at(0).shard, home);
}

TEST_F(SearchFlowTest, MoreLikeAnUnknownDocumentIsNotFound) {
  start({2, 2});
  auto request = by_vector();
  request.vector.clear();
  request.document = "nobody";
  EXPECT_EQ(search(request).error(),
            (Error{ErrorCode::kNotFound, "document 'nobody' does not exist in collection 'docs'"}));
}

TEST_F(SearchFlowTest, ExplainNamesEveryStageInOrder) {
  start({3, 3});
  lose({1}, {ErrorCode::kInternal, "gone"});
  auto request = by_text();
  request.query = "words";
  request.mode = SearchMode::kHybrid;
  request.vector = {1, 0};
  request.diversity = 0.5;
  request.explain = true;
  const auto found = search(request);
  ASSERT_TRUE(found->explain);
  std::vector<std::string> names;
  for (const auto& stage : found->explain->stages) names.push_back(stage.name);
  EXPECT_EQ(names, (std::vector<std::string>{"text_stats", "candidates", "rank", "documents",
                                             "diversify"}));
  EXPECT_EQ(found->explain->stages[1].shards_asked, 1U);
  EXPECT_EQ(found->explain->stages[1].candidates, 6U);
  EXPECT_EQ(found->explain->stages[3].shards_pruned, std::vector<ShardId>{{1}});
  ASSERT_EQ(found->explain->hits.size(), found->hits.size());
  EXPECT_TRUE(found->explain->hits[1].parts.diversity);
}

TEST_F(SearchFlowTest, VectorsFetchedForDiversityStayInside) {
  start({3});
  auto request = by_vector();
  request.diversity = 0.5;
  const auto found = search(request);
  ASSERT_EQ(found->hits.size(), 3U);
  for (const auto& hit : found->hits) EXPECT_TRUE(hit.stored.document.vector.empty());
}

TEST_F(SearchFlowTest, PastItsLimitTheCoordinatorIsOverloaded) {
  start({1});
  std::vector<Answer<SearchReply>> waiting;
  for (std::size_t i = 0; i < kSearchesMax; ++i) waiting.push_back(begin_search(by_both()));
  const auto refused = begin_search(by_both());
  // All are in the coordinator's mailbox before the first is answered.
  scheduler.prioritize(coordinator_under_test);
  while (!scheduler.jobs.empty() && !refused->answered()) scheduler.run_once();
  ASSERT_TRUE(refused->answered());
  ASSERT_FALSE(*refused->result);
  EXPECT_EQ(refused->error(),
            (Error{ErrorCode::kOverloaded, "1024 searches are under way already"}));
  run();
  EXPECT_TRUE(search(by_vector()));
}

TEST_F(SearchFlowTest, PastWhatOneSearcherLetsWaitItsShardIsLeftOut) {
  start({1, 1});
  shards[1].mode = Mode::kHang;
  std::vector<Answer<SearchReply>> waiting;
  for (std::size_t i = 0; i < kSearcherWaitingMax; ++i)
    waiting.push_back(begin_search(by_vector()));
  run();
  Result<SearchReply> found = Error{};
  EXPECT_EQ(search_taking(by_vector(), found), 0ms);
  EXPECT_EQ(found->failed.at(0).error.code, ErrorCode::kOverloaded);
  EXPECT_EQ(found->hits.size(), 1U);
}

struct EndpointSearchTest : SearchFlowTest {
  void start_with_endpoint(std::optional<Result<Vector>> vector) {
    settings.embedder = "openai:http://endpoint";
    embedder = system.spawn(fake_embedder, std::move(vector));
    start({2, 2});
  }

  static SearchRequest hybrid() {
    auto request = by_text();
    request.mode = SearchMode::kHybrid;
    return request;
  }
};

TEST_F(EndpointSearchTest, ItsVectorIsSearchedBy) {
  start_with_endpoint(Vector{1, 0});
  const auto found = search(hybrid());
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_TRUE(found->hits.at(0).scores.vector);
  EXPECT_TRUE(found->hits.at(0).scores.text);
}

TEST_F(EndpointSearchTest, ItsErrorFailsHybridSearchesAndTextStillWorks) {
  const Error down{ErrorCode::kUnavailable, "embedding endpoint is down"};
  start_with_endpoint(down);
  EXPECT_EQ(search(hybrid()).error(), down);
  EXPECT_EQ(search(by_text())->hits.size(), 4U);
}

TEST_F(EndpointSearchTest, ItsSilenceFailsTheSearchInTime) {
  start_with_endpoint(std::nullopt);
  Result<SearchReply> found = SearchReply{};
  EXPECT_LE(search_taking(hybrid(), found), kBudget);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::kDeadlineExceeded);
}

TEST_F(EndpointSearchTest, AnEmbedderThatIsDownFailsAtOnce) {
  start_with_endpoint(Vector{1, 0});
  crash(embedder, {ErrorCode::kInternal, "killed by a test"});
  run();
  Result<SearchReply> found = SearchReply{};
  EXPECT_EQ(search_taking(hybrid(), found), 0ms);
  EXPECT_EQ(found.error().code, ErrorCode::kUnavailable);
  EXPECT_TRUE(search(by_text()));
}

TEST_F(SearchFlowTest, ACutThatIsGoneIsTriedAgainAtANewerOne) {
  start({2, 2});
  for (auto& shard : shards) shard.seq = 5;
  const auto answer = begin_search(by_vector());
  scheduler.prioritize(coordinator_under_test);
  scheduler.run_once();
  caf::anon_send(coordinator_under_test, cut_atom_v, cut_moved{kDocs, 5});
  run();
  ASSERT_TRUE(*answer->result);
  EXPECT_FALSE((*answer->result)->partial);
  EXPECT_EQ((*answer->result)->seq, 5U);
  EXPECT_EQ((*answer->result)->hits.size(), 4U);
}

// A shard that was started again has no view of before.
TEST_F(SearchFlowTest, OthersAreWaitedForUntilTheyAreLevelWithAShardThatCameBack) {
  start({2, 2});
  shards[1].seq = 3;
  const auto answer = begin_search(by_vector());
  for (int waited = 0; waited < 40; ++waited) pass(1ms);
  EXPECT_FALSE(answer->answered());
  shards[0].seq = 3;
  caf::anon_send(coordinator_under_test, cut_atom_v, cut_moved{kDocs, 3});
  for (int waited = 0; waited < 40; ++waited) pass(1ms);
  ASSERT_TRUE(answer->answered());
  ASSERT_TRUE(*answer->result);
  EXPECT_FALSE((*answer->result)->partial);
  EXPECT_EQ((*answer->result)->seq, 3U);
}

TEST_F(SearchFlowTest, AShardWhoseCutIsGoneEachTimeIsLeftOutInTheEnd) {
  start({2, 2});
  shards[1].moves_on = true;
  Result<SearchReply> found = Error{};
  EXPECT_EQ(search_taking(by_vector(), found), 126ms);
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_EQ(shards[1].asked["search"], 8);
  EXPECT_TRUE(found->partial);
  EXPECT_EQ(found->failed.at(0).shard, ShardId{1});
  EXPECT_EQ(found->hits.size(), 2U);
}

struct CutGoesByTest : SearchFlowTest {
  /// While the third of three shards is asked for its statistics, which takes so long, the cut of
  /// all goes by, each time. It alone is left out, after so many attempts.
  void expect_left_out(std::chrono::milliseconds takes, int attempts) {
    start({2, 3, 4});
    shards[2].before_stats = [this, takes] {
      for (auto& shard : shards) ++shard.seq;
      caf::anon_send(coordinator_under_test, cut_atom_v, cut_moved{kDocs, shards[0].seq});
      scheduler.advance_time(takes);
    };
    Result<SearchReply> found = Error{};
    search_taking(by_text(), found);
    ASSERT_TRUE(found) << found.error().detail;
    EXPECT_EQ(shards[2].asked["text_stats"], attempts);
    ASSERT_EQ(found->failed.size(), 1U);
    EXPECT_EQ(found->failed[0].shard, ShardId{2});
    EXPECT_EQ(found->failed[0].error.code, ErrorCode::kUnavailable);
    EXPECT_EQ(found->hits.size(), 5U);
  }
};

TEST_F(CutGoesByTest, TheShardThatTheOthersWaitForIsLeftOutBeforeTheLastAttempt) {
  expect_left_out(0ms, 7);
}

TEST_F(CutGoesByTest, OneThatTakesLongIsLeftOutSooner) {
  expect_left_out(60ms, 4);
}

TEST_F(SearchFlowTest, ACoordinatorThatDiesLeavesNobodyWaiting) {
  start({2, 2});
  shards[1].mode = Mode::kHang;
  const auto waiting = begin_search(by_vector());
  run();
  crash(coordinator_under_test, {ErrorCode::kInternal, "killed by a test"});
  const auto late = begin_search(by_vector());
  run();
  ASSERT_TRUE(late->answered());
  EXPECT_EQ(late->error().code, ErrorCode::kUnavailable);
  ASSERT_TRUE(waiting->answered());
  EXPECT_EQ(waiting->error().code, ErrorCode::kUnavailable);
}

TEST_F(SearchFlowTest, ACoordinatorThatEndsLeavesNobodyWaiting) {
  start({2, 2});
  shards[1].mode = Mode::kHang;
  const auto waiting = begin_search(by_vector());
  run();
  end(coordinator_under_test);
  run();
  ASSERT_TRUE(waiting->answered());
  EXPECT_EQ(waiting->error().code, ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace mosaic::actors
