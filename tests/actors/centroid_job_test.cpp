// Training, moves and searches of a collection that is routed by centroid, on a whole node.
#include "jobs_fixture.hpp"
#include "routing/placement.hpp"

namespace mosaic::actors {
namespace {

constexpr std::uint32_t kShards = 3;

struct CentroidJobTest : JobsFixture {
  std::mt19937 random{std::random_device()()};
  std::map<std::string, Vector> vectors;  ///< acknowledged

  void SetUp() override {
    JobsFixture::SetUp();
    CollectionSettings settings;
    settings.name = "docs";
    settings.dimension = 2;
    settings.metric = Metric::kL2;
    settings.embedder = "none";
    settings.shards = kShards;
    settings.routing = "centroid";
    const auto put = ask<CollectionPut>(writer, create_atom_v, settings, RequestId{});
    ASSERT_TRUE(put) << put.error().detail;
  }

  /// Near one of three far corners.
  Vector random_vector() {
    const Vector corners[] = {{0, 0}, {100, 0}, {0, 100}};
    auto vector = corners[random() % 3];
    for (auto& x : vector) x += static_cast<float>(random() % 1'000) / 100;
    return vector;
  }

  Answer<UpsertReply> begin_writing(int first, int count) {
    UpsertRequest request{"docs", {}};
    for (int i = first; i < first + count; ++i) {
      Document document;
      document.id = fmt::format("d{}", i);
      document.vector = vectors[document.id] = random_vector();
      document.metadata = R"({"n":1})";
      document.links = {{"d0", "", 1}};
      request.documents.push_back(document);
    }
    return begin<UpsertReply>(writer, upsert_atom_v, request, RequestId{});
  }

  void write_some(int first, int count) {
    const auto written = begin_writing(first, count);
    run();
    ASSERT_TRUE(written->answered() && *written->result);
  }

  Centroids centroids() {
    const auto found = ask<Centroids>(reader, centroids_atom_v, std::string("docs"));
    EXPECT_TRUE(found) << found.error().detail;
    return found ? *found : Centroids{};
  }

  Job train(std::uint64_t seed = 1) {
    const auto job = ask<Job>(jobs, train_atom_v, TrainRequest{"docs", {1'000, 25, seed}});
    EXPECT_TRUE(job) << job.error().detail;
    return job ? *job : Job{};
  }

  SearchRequest all() const {
    SearchRequest request;
    request.collection = "docs";
    request.vector = {1, 2};
    request.k = 5'000;
    request.exact = true;
    request.explain = true;
    return request;
  }

  /// Every document is found once, where `centroids` want it.
  void expect_all(const Centroids& wanted) {
    const auto reply = ask<SearchReply>(reader, search_atom_v, all());
    ASSERT_TRUE(reply) << reply.error().detail;
    EXPECT_FALSE(reply->partial);
    CollectionSettings settings;
    settings.metric = Metric::kL2;
    settings.shards = kShards;
    const routing::Placement placement(settings, std::make_shared<const Centroids>(wanted));
    std::set<std::string> found;
    for (const auto& hit : reply->hits) {
      const auto& id = hit.stored.document.id;
      EXPECT_TRUE(found.insert(id).second) << id << " is found twice";
      EXPECT_EQ(hit.stored.shard, placement.home(id, vectors.at(id))) << id;
    }
    EXPECT_EQ(found.size(), vectors.size());
  }

  void expect_none_lost_or_doubled() {
    const auto reply = ask<SearchReply>(reader, search_atom_v, all());
    ASSERT_TRUE(reply) << reply.error().detail;
    std::set<std::string> found;
    for (const auto& hit : reply->hits) found.insert(hit.stored.document.id);
    EXPECT_EQ(reply->hits.size(), vectors.size());
    EXPECT_EQ(found.size(), vectors.size());
  }

  SearchReply search_nearest(std::uint32_t asked, std::string text = "") {
    SearchRequest request = all();
    request.k = 10;
    request.shards_to_search = asked;
    if (!text.empty()) request.query = std::move(text);
    const auto reply = ask<SearchReply>(reader, search_atom_v, request);
    EXPECT_TRUE(reply) << reply.error().detail;
    return reply ? *reply : SearchReply{};
  }
};

TEST_F(CentroidJobTest, BeforeTheFirstTrainingDocumentsLiveByTheHashOfTheirId) {
  write_some(0, 100);
  EXPECT_EQ(centroids(), Centroids{});
  expect_all({});
}

TEST_F(CentroidJobTest, TrainingMovesEveryDocumentToItsNearestCentroid) {
  write_some(0, 600);
  const auto done = job(train().id);
  ASSERT_EQ(done.state, JobState::kDone) << done.detail;
  const auto found = centroids();
  EXPECT_TRUE(found.settled);
  EXPECT_EQ(found.vectors.size(), kShards);
  ASSERT_EQ(found.recall.size(), kShards);
  EXPECT_EQ(found.recall.back(), 1);
  expect_all(found);
  write_some(500, 200);
  expect_all(found);
}

TEST_F(CentroidJobTest, TheSameSeedGivesTheSameCentroidsWhereverDocumentsLive) {
  write_some(0, 300);
  train(7);
  const auto first = centroids();
  train(7);
  const auto second = centroids();
  EXPECT_EQ(first.vectors, second.vectors);
  EXPECT_LT(first.seq, second.seq);
}

TEST_F(CentroidJobTest, ASearchOfTheNearestShardsSaysWhatItLeftOut) {
  write_some(0, 600);
  train();
  const auto reply = search_nearest(1);
  ASSERT_TRUE(reply.explain && reply.explain->routing);
  const auto& routing = *reply.explain->routing;
  EXPECT_EQ(routing.asked, 1U);
  EXPECT_EQ(routing.pruned.size(), 2U);
  EXPECT_GT(routing.expected_recall.value_or(0), 0.9) << "the corners are far apart";
  EXPECT_EQ(reply.shards_searched, 1U);
  EXPECT_EQ(reply.shards_total, kShards);
  EXPECT_FALSE(reply.partial);
  EXPECT_EQ(reply.hits.size(), 10U);
  const auto whole = search_nearest(0);
  EXPECT_EQ(whole.shards_searched, kShards);
  EXPECT_EQ(whole.explain->routing->expected_recall, 1);
  for (std::size_t i = 0; i < whole.hits.size(); ++i)
    EXPECT_EQ(reply.hits[i].stored.document.id, whole.hits[i].stored.document.id);
}

TEST_F(CentroidJobTest, AnAuditAsksTheShardsThatWereLeftOutAsWell) {
  write_some(0, 300);
  train();
  SearchRequest request = all();
  request.vector = {50, 50};
  request.k = 100;
  request.shards_to_search = 1;
  request.audit = true;
  const auto reply = ask<SearchReply>(reader, search_atom_v, request);
  ASSERT_TRUE(reply && reply->audit) << reply.error().detail;
  EXPECT_EQ(reply->audit->expected, 100U);
  EXPECT_LT(reply->audit->recall, 1) << "in the middle of all corners";
  EXPECT_EQ(reply->explain->stages.back().name, "audit");
  EXPECT_EQ(reply->explain->stages.back().shards_asked, kShards);
}

TEST_F(CentroidJobTest, TextIsLookedForInAllShards) {
  UpsertRequest request{"docs", {}};
  for (const Vector& vector : {Vector{0, 0}, Vector{100, 0}, Vector{0, 100}}) {
    Document document;
    document.id = fmt::format("t{}", request.documents.size());
    document.text = "needle";
    document.vector = vectors[document.id] = vector;
    request.documents.push_back(document);
  }
  ASSERT_TRUE(ask<UpsertReply>(writer, upsert_atom_v, request, RequestId{}));
  write_some(0, 60);
  train();
  const auto reply = search_nearest(1, "needle");
  EXPECT_EQ(reply.shards_searched, kShards);
  EXPECT_EQ(reply.explain->routing->pruned.size(), 2U);
  std::size_t needles = 0;
  for (const auto& hit : reply.hits) needles += hit.stored.document.id.starts_with("t") ? 1 : 0;
  EXPECT_EQ(needles, 3U);
}

TEST_F(CentroidJobTest, CentroidsSetByHandMoveDocuments) {
  write_some(0, 200);
  const std::vector<Vector> wanted = {{0, 100}, {0, 0}, {100, 0}};
  const auto set =
      ask<Centroids>(writer, centroids_atom_v, CentroidsRequest{"docs", wanted}, RequestId{});
  ASSERT_TRUE(set) << set.error().detail;
  EXPECT_EQ(centroids().vectors, wanted);
  EXPECT_TRUE(centroids().settled);
  expect_all(centroids());
}

TEST_F(CentroidJobTest, NothingIsLostOrDoubledByWritesAndSearchesInBetween) {
  write_some(0, 1'500);
  const auto training = begin<Job>(jobs, train_atom_v, TrainRequest{"docs", {1'000, 25, 3}});
  std::vector<Answer<UpsertReply>> written;
  std::vector<Answer<SearchReply>> searched;
  for (int i = 0; i < 400; ++i) {
    // Some messages at a time: the job, writes and searches take turns in any order.
    for (auto steps = random() % 20; steps > 0; --steps) scheduler.try_run_once();
    const auto at = static_cast<int>(random() % 1'490);
    if (i % 8 == 0) written.push_back(begin_writing(at, 5));
    if (i % 5 == 0) searched.push_back(begin<SearchReply>(reader, search_atom_v, all()));
  }
  pass(std::chrono::seconds(1));
  for (const auto& answer : written) EXPECT_TRUE(answer->answered() && *answer->result);
  for (const auto& answer : searched) {
    ASSERT_TRUE(answer->answered() && *answer->result);
    const auto& hits = (**answer->result).hits;
    std::set<std::string> ids;
    for (const auto& hit : hits) ids.insert(hit.stored.document.id);
    EXPECT_EQ(ids.size(), hits.size());
    EXPECT_EQ(ids.size(), 1'500U);
  }
  EXPECT_TRUE(centroids().settled);
  expect_none_lost_or_doubled();
}

TEST_F(CentroidJobTest, MovesGoOnAfterTheJobsActorWasStartedAgain) {
  write_some(0, 300);
  idle = true;
  (void)ask<Centroids>(writer, centroids_atom_v,
                       CentroidsRequest{"docs", {{0, 100}, {0, 0}, {100, 0}}}, RequestId{});
  EXPECT_FALSE(centroids().settled);
  const auto waiting = search_nearest(1);
  EXPECT_EQ(waiting.shards_searched, kShards) << "the nearest shard may not have them yet";
  EXPECT_TRUE(waiting.explain->routing->pruned.empty());
  idle = false;
  end(jobs);
  run();
  start_jobs("t2");
  pass(std::chrono::seconds(1));
  EXPECT_TRUE(centroids().settled);
  expect_all(centroids());
}

TEST_F(CentroidJobTest, DocumentsStayWhereTheyAreWhileTheNodeHasNoRoomAndMoveOnWhenItHas) {
  write_some(0, 60);
  room = Error{ErrorCode::kUnavailable, "limits.disk_free is 1000 bytes, 999 are free"};
  const auto job = train();
  run();
  pass_slowly(std::chrono::seconds(60));
  auto seen = ask<Job>(jobs, read_atom_v, job.id);
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->state, JobState::kRunning);
  EXPECT_NE(seen->detail.find("0 documents moved, waiting: limits.disk_free is 1000 bytes"),
            std::string::npos)
      << seen->detail;
  EXPECT_FALSE(centroids().settled);
  expect_none_lost_or_doubled();
  room = {};
  pass_slowly(kJobRetryPause);
  seen = ask<Job>(jobs, read_atom_v, job.id);
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->state, JobState::kDone) << seen->detail;
  EXPECT_TRUE(centroids().settled);
  expect_all(centroids());
}

TEST_F(CentroidJobTest, AJobThatWaitsForRoomCanBeCancelled) {
  write_some(0, 60);
  room = Error{ErrorCode::kUnavailable, "limits.memory is reached"};
  const auto job = train();
  run();
  ASSERT_TRUE(ask<Job>(jobs, cancel_atom_v, job.id));
  pass_slowly(kJobRetryPause);
  const auto seen = ask<Job>(jobs, read_atom_v, job.id);
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->state, JobState::kCancelled) << seen->detail;
  expect_none_lost_or_doubled();
}

TEST_F(CentroidJobTest, CentroidsSetByHandWinWhateverAJobIsAt) {
  write_some(0, 400);
  const auto seed = std::random_device()();
  SCOPED_TRACE(seed);
  random.seed(seed);
  std::vector<Vector> wanted = {{0, 100}, {0, 0}, {100, 0}};
  for (int i = 0; i < 8 && !HasFailure(); ++i) {
    std::rotate(wanted.begin(), wanted.begin() + 1, wanted.end());
    const auto first = begin<Centroids>(
        writer, centroids_atom_v, CentroidsRequest{"docs", {{1, 1}, {9, 9}, {5, 50}}}, RequestId{});
    for (auto steps = random() % 250; steps > 0; --steps) scheduler.try_run_once();
    const auto last =
        begin<Centroids>(writer, centroids_atom_v, CentroidsRequest{"docs", wanted}, RequestId{});
    pass(std::chrono::seconds(2));
    ASSERT_TRUE(first->answered() && last->answered() && *last->result);
    EXPECT_EQ(centroids().vectors, wanted);
    EXPECT_TRUE(centroids().settled);
    expect_all(centroids());
  }
}

TEST_F(CentroidJobTest, ATrainingThatHasTooLittleToGoByFailsAndChangesNothing) {
  write_some(0, 2);
  const auto failed = job(train().id);
  EXPECT_EQ(failed.state, JobState::kFailed);
  EXPECT_EQ(centroids(), Centroids{});
}

TEST_F(CentroidJobTest, OtherCollectionsHaveNoCentroids) {
  make("plain", 2);
  const auto asked = ask<Centroids>(reader, centroids_atom_v, std::string("plain"));
  EXPECT_EQ(asked.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(ask<Job>(jobs, train_atom_v, TrainRequest{"plain", {}}).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(ask<Centroids>(writer, centroids_atom_v, CentroidsRequest{"plain", {{1, 2}, {3, 4}}},
                           RequestId{})
                .error()
                .code,
            ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace mosaic::actors
