#include "jobs_fixture.hpp"

namespace mosaic::actors {
namespace {

using namespace std::chrono_literals;

const Links kTriangle = {{"a", {"b"}}, {"b", {"c"}}, {"c", {"a", "b"}}, {"d", {}}};

using JobsTest = JobsFixture;

TEST_F(JobsTest, ADocumentShowsItsRankOnceTheJobIsDone) {
  make("docs", 3);
  write("docs", kTriangle);
  EXPECT_FALSE(value("docs", "a"));
  const auto started = rank();
  EXPECT_EQ(started.state, JobState::kRunning);
  EXPECT_EQ(started.kind, "pagerank");
  const auto done = job(started.id);
  ASSERT_EQ(done.state, JobState::kDone) << done.detail;
  EXPECT_EQ(done.progress, 1);
  EXPECT_NE(done.result.find(R"({"documents":4,"links":4,"iterations":)"), std::string::npos);
  EXPECT_NE(done.result.find(R"("converged":true,"cut":2,"seq":3,"applied":true})"),
            std::string::npos)
      << done.result;
  EXPECT_LT(difference(values("docs", kTriangle), reference_ranks(kTriangle)), 1e-8);
}

TEST_F(JobsTest, RanksAreRightAndTheSameToTheBitOverAnyNumberOfShards) {
  const auto seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const auto links = random_links(random, 200);
  PageRankOptions exact;
  exact.tolerance = 1e-13;
  for (const std::string name : {"one", "three"}) {
    make(name, name == "one" ? 1 : 3);
    write(name, links);
    EXPECT_EQ(job(rank(name, exact).id).state, JobState::kDone);
  }
  const auto one = values("one", links);
  EXPECT_EQ(one, values("three", links));
  EXPECT_LT(difference(one, reference_ranks(links)), 1e-11);
  double sum = 0;
  for (const auto& [id, value] : one) sum += value;
  EXPECT_NEAR(sum, 1, 1e-12);
}

TEST_F(JobsTest, ReadsACollectionOfManyPages) {
  make("docs", 2);
  constexpr int kBatch = 9'000;
  for (int batch = 0; batch < 6; ++batch) {
    Links links;
    for (int i = batch * kBatch; i < (batch + 1) * kBatch; ++i)
      links[fmt::format("d{}", i)] = {"d0", fmt::format("d{}", i + 1)};
    write("docs", links);
  }
  const auto done = job(rank().id);
  ASSERT_EQ(done.state, JobState::kDone) << done.detail;
  // The last one's second link leads nowhere, and the first one links to itself and to d1.
  EXPECT_NE(done.result.find(R"({"documents":54000,"links":107999,)"), std::string::npos)
      << done.result;
}

TEST_F(JobsTest, AnEmptyCollectionHasNothingToRank) {
  make("docs", 2);
  const auto done = job(rank().id);
  EXPECT_EQ(done.state, JobState::kDone);
  EXPECT_EQ(done.result.find(R"({"documents":0,"links":0,"iterations":0,)"), 0U) << done.result;
}

TEST_F(JobsTest, ProgressGrows) {
  make("docs", 3);
  std::mt19937 random(1);
  write("docs", random_links(random, 300));
  self->send(jobs, pagerank_atom_v, PageRankRequest{"docs", {}});
  std::vector<double> seen;
  while (scheduler.try_run_once()) {
    const auto listed = jobs_now().jobs.list();
    if (!listed.empty()) seen.push_back(listed[0].progress);
  }
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  const auto has = [&](double low, double high) {
    return std::any_of(seen.begin(), seen.end(), [=](double x) { return x > low && x < high; });
  };
  EXPECT_TRUE(has(0, 0.5));
  EXPECT_TRUE(has(0.5, 0.95));
  EXPECT_EQ(seen.back(), 1);
}

TEST_F(JobsTest, RefusesBadOptionsAndUnknownNames) {
  make("docs", 1);
  PageRankOptions bad;
  bad.damping = 1;
  EXPECT_EQ(ask<Job>(jobs, pagerank_atom_v, PageRankRequest{"docs", bad}).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(ask<Job>(jobs, pagerank_atom_v, PageRankRequest{"gone", {}}).error(),
            (Error{ErrorCode::kNotFound, "collection 'gone' does not exist"}));
  const Error unknown{ErrorCode::kNotFound, "job 'x' does not exist"};
  EXPECT_EQ(ask<Job>(jobs, read_atom_v, std::string("x")).error(), unknown);
  EXPECT_EQ(ask<Job>(jobs, cancel_atom_v, std::string("x")).error(), unknown);
  EXPECT_TRUE(ask<jobs_reply>(jobs, list_atom_v)->jobs.empty());
}

TEST_F(JobsTest, ListsTheNewestFirst) {
  make("docs", 1);
  const auto first = rank().id;
  const auto second = rank().id;
  const auto listed = ask<jobs_reply>(jobs, list_atom_v);
  ASSERT_EQ(listed->jobs.size(), 2U);
  EXPECT_EQ(listed->jobs[0].id, second);
  EXPECT_EQ(listed->jobs[1].id, first);
}

TEST_F(JobsTest, ASecondStartNamesTheJobThatRuns) {
  make("docs", 1);
  idle = true;
  const auto first = rank().id;
  const auto second = ask<Job>(jobs, pagerank_atom_v, PageRankRequest{"docs", {}});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kAlreadyExists);
  EXPECT_NE(second.error().detail.find(first), std::string::npos);
}

TEST_F(JobsTest, SoManyRunAtATimeAndNoMore) {
  idle = true;
  for (std::size_t i = 0; i < cluster::kJobsRunningMax; ++i) {
    const auto name = fmt::format("docs{}", i);
    make(name, 1);
    rank(name);
  }
  make("more", 1);
  EXPECT_EQ(ask<Job>(jobs, pagerank_atom_v, PageRankRequest{"more", {}}).error().code,
            ErrorCode::kOverloaded);
}

TEST_F(JobsTest, AJobThatWaitsForAShardIsCancelledAtOnce) {
  make("docs", 2);
  write("docs", kTriangle);
  kill_shard({1});
  const auto id = rank().id;
  EXPECT_EQ(job(id).state, JobState::kRunning);
  ASSERT_TRUE(ask<Job>(jobs, cancel_atom_v, id));
  EXPECT_EQ(job(id).state, JobState::kCancelled);
  pass(1s);
  EXPECT_EQ(entries_written(), 0U);
  EXPECT_EQ(job(rank().id).state, JobState::kDone);
}

TEST_F(JobsTest, AWorkerThatIsBusyHearsOfTheCancelByItsFlag) {
  make("docs", 2);
  write("docs", kTriangle);
  std::stop_source source;
  stop = source.get_token();
  source.request_stop();
  EXPECT_EQ(job(rank().id).state, JobState::kCancelled);
  EXPECT_EQ(entries_written(), 0U);
}

TEST_F(JobsTest, AnEndedJobCannotBeCancelled) {
  make("docs", 1);
  write("docs", kTriangle);
  const auto done = job(rank().id);
  const auto answer = ask<Job>(jobs, cancel_atom_v, done.id);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->state, JobState::kDone);
  EXPECT_EQ(answer->result, done.result);
  EXPECT_EQ(job(done.id).state, JobState::kDone);
}

TEST_F(JobsTest, AShardThatStaysDownFailsTheJobAndNothingIsWritten) {
  make("docs", 2);
  write("docs", kTriangle);
  broken = true;
  kill_shard({1});
  const auto id = rank().id;
  for (int i = 0; i < 36; ++i) pass(kJobRetryPause);
  EXPECT_EQ(job(id).state, JobState::kRunning);
  for (int i = 0; i < 8; ++i) pass(kJobRetryPause);
  const auto failed = job(id);
  EXPECT_EQ(failed.state, JobState::kFailed);
  EXPECT_NE(failed.detail.find("shard 1 of collection 'docs' could not be read for 10 s"),
            std::string::npos)
      << failed.detail;
  EXPECT_TRUE(failed.result.empty());
  EXPECT_EQ(entries_written(), 0U);
}

TEST_F(JobsTest, AWorkerThatDiesFailsItsJobWithTheReason) {
  make("docs", 1);
  idle = true;
  const auto id = rank().id;
  crash(worker, {ErrorCode::kInternal, "killed by a test"});
  run();
  const auto failed = job(id);
  EXPECT_EQ(failed.state, JobState::kFailed);
  EXPECT_NE(failed.detail.find("killed by a test"), std::string::npos);
  idle = false;
  EXPECT_EQ(job(rank().id).state, JobState::kDone);
}

TEST_F(JobsTest, WorkersEndWithTheJobsActor) {
  make("docs", 2);
  write("docs", kTriangle);
  kill_shard({1});
  rank();
  const auto flag = jobs_now().running.begin()->second.stop.get_token();
  self->monitor(worker);
  crash(jobs, {ErrorCode::kInternal, "killed by a test"});
  run();
  EXPECT_TRUE(flag.stop_requested());
  bool ended = false;
  self->receive([&](const caf::down_msg&) { ended = true; }, caf::after(0s) >> [] {});
  EXPECT_TRUE(ended);
  EXPECT_EQ(entries_written(), 0U);
}

TEST_F(JobsTest, ANewJobsActorGivesOtherIds) {
  make("docs", 1);
  const auto before = rank().id;
  crash(jobs, {ErrorCode::kInternal, "killed by a test"});
  start_jobs("t2");
  const auto after = rank().id;
  EXPECT_NE(before, after);
  EXPECT_EQ(job(after).state, JobState::kDone);
}

TEST_F(JobsTest, ACollectionThatIsDroppedFailsItsJob) {
  make("docs", 2);
  write("docs", kTriangle);
  kill_shard({1});
  const auto id = rank().id;
  ASSERT_TRUE(ask<append_reply>(writer, drop_atom_v, std::string("docs"), RequestId{}));
  const auto failed = job(id);
  EXPECT_EQ(failed.state, JobState::kFailed);
  EXPECT_EQ(failed.detail, "not_found: collection 'docs' was dropped");
  EXPECT_EQ(entries_written(), 0U);
}

TEST_F(JobsTest, WhatTheLogRefusesFailsTheJob) {
  make("docs", 1);
  write("docs", kTriangle);
  memory->refuse = true;
  const auto failed = job(rank().id);
  EXPECT_EQ(failed.state, JobState::kFailed);
  EXPECT_EQ(failed.detail, "unavailable: disk is full");
}

/// A log that has no room.
class FullLog final : public LogOfOne {
 public:
  void listen(replication::LogListener listener) override { listener_ = std::move(listener); }
  void append(replication::Proposal proposal) override {
    listener_.refused(proposal.ticket, {ErrorCode::kOverloaded, "the log is full"}, false);
  }
  void stop() override {}
  Seq last_seq() const override { return 0; }
  replication::LogSize size() const override { return {}; }
  std::uint64_t kept_bytes() const override { return 0; }
  Result<std::vector<replication::Entry>> read(Seq, CollectionId, std::size_t) override {
    return std::vector<replication::Entry>{};
  }
  Result<std::vector<replication::Entry>> read_catalog(Seq) override {
    return std::vector<replication::Entry>{};
  }
  Seq last_seq_of(CollectionId) override { return 0; }
  void truncate(Seq) override {}

 private:
  replication::LogListener listener_;
};

struct FullLogTest : JobsFixture {
  log_actor full;

  void SetUp() override {
    JobsFixture::SetUp();
    make("docs", 1);
    write("docs", kTriangle);
    full = system.spawn(log_bridge, log_config{std::make_shared<FullLog>(), 1});
    auto parts = std::make_shared<node_parts>(*jobs_now().parts);
    parts->log = full;
    const node_parts_ptr changed = parts;
    caf::anon_send(full, parts_atom_v, changed);
    const auto* record = catalog->find("docs");
    caf::anon_send(full, opened_atom_v, collection_opened{record->id, record->settings});
    caf::anon_send(jobs, parts_atom_v, changed);
    run();
  }

  void TearDown() override {
    caf::anon_send_exit(full, caf::exit_reason::user_shutdown);
    full = nullptr;
    JobsFixture::TearDown();
  }
};

TEST_F(FullLogTest, TheJobWaitsUntilThereIsRoom) {
  const auto id = rank().id;
  pass(kJobRetryPause);
  EXPECT_EQ(job(id).state, JobState::kRunning);
  wire();
  pass(kJobRetryPause);
  EXPECT_EQ(job(id).state, JobState::kDone);
  EXPECT_EQ(entries_written(), 1U);
}

TEST_F(FullLogTest, TheJobFailsWhenThereIsNoRoomForLong) {
  const auto id = rank().id;
  for (int i = 0; i < 44; ++i) pass(kJobRetryPause);
  EXPECT_EQ(job(id).state, JobState::kFailed);
  EXPECT_EQ(job(id).detail, "overloaded: the log is full");
}

TEST_F(FullLogTest, TheJobCanBeCancelledWhileItWaits) {
  const auto id = rank().id;
  ASSERT_TRUE(ask<Job>(jobs, cancel_atom_v, id));
  EXPECT_EQ(job(id).state, JobState::kCancelled);
}

TEST_F(JobsTest, ValuesStayUntilTheNextJob) {
  make("docs", 2);
  write("docs", kTriangle);
  rank();
  const auto before = values("docs", kTriangle);
  write("docs", {{"a", {"d"}}, {"new", {"a"}}});
  EXPECT_EQ(values("docs", kTriangle), before);
  EXPECT_FALSE(value("docs", "new"));
  rank();
  EXPECT_NE(values("docs", kTriangle), before);
  EXPECT_TRUE(value("docs", "new"));
}

/// A shard dies after so many messages of a job.
class JobsCrashTest : public JobsFixture, public ::testing::WithParamInterface<int> {};

TEST_P(JobsCrashTest, AJobGoesOnWhenAShardIsStartedAgain) {
  make("docs", 2);
  write("docs", kTriangle);
  self->send(jobs, pagerank_atom_v, PageRankRequest{"docs", {}});
  for (int i = 0; i < GetParam(); ++i) scheduler.try_run_once();
  crash(shards.at({1}), {ErrorCode::kInternal, "killed by a test"});
  run();
  pass(20ms);
  for (int i = 0; i < 4; ++i) pass(kJobRetryPause);
  const auto done = jobs_now().jobs.list().at(0);
  EXPECT_EQ(done.state, JobState::kDone) << done.detail;
  EXPECT_LT(difference(values("docs", kTriangle), reference_ranks(kTriangle)), 1e-8);
}

INSTANTIATE_TEST_SUITE_P(AfterSteps, JobsCrashTest, ::testing::Range(0, 30));

}  // namespace
}  // namespace mosaic::actors
