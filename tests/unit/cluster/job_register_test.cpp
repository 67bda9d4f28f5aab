#include "cluster/job_register.hpp"

#include <gtest/gtest.h>

namespace mosaic::cluster {
namespace {

constexpr CollectionId kDocs{7};
constexpr CollectionId kOthers{8};

Job started(JobRegister& jobs, CollectionId collection = kDocs) {
  auto job = jobs.start("pagerank", collection, "begins");
  EXPECT_TRUE(job) << job.error().detail;
  return *job;
}

TEST(JobRegister, ANewJobRunsAndIsFound) {
  JobRegister jobs("abc");
  const auto job = started(jobs);
  EXPECT_EQ(job.kind, "pagerank");
  EXPECT_EQ(job.state, JobState::kRunning);
  EXPECT_EQ(jobs.find(job.id)->detail, "begins");
  EXPECT_EQ(jobs.running(), 1U);
}

TEST(JobRegister, AnUnknownIdIsNamed) {
  JobRegister jobs("abc");
  EXPECT_EQ(jobs.find("nope").error().code, ErrorCode::kNotFound);
  EXPECT_NE(jobs.find("nope").error().detail.find("'nope'"), std::string::npos);
  EXPECT_EQ(jobs.ask_to_stop("nope").error().code, ErrorCode::kNotFound);
  jobs.progress("nope", 1, "");
  jobs.end("nope", JobState::kDone, "", "");
  jobs.lost("nope", "");
  EXPECT_TRUE(jobs.list().empty());
}

TEST(JobRegister, IdsDifferWithinAndBetweenRegisters) {
  JobRegister before("abc");
  JobRegister after("abd");
  const auto first = started(before).id;
  const auto second = started(before, kOthers).id;
  EXPECT_NE(first, second);
  EXPECT_NE(first, started(after).id);
}

TEST(JobRegister, OneJobOfAKindRunsOnACollection) {
  JobRegister jobs("abc");
  const auto first = started(jobs);
  const auto second = jobs.start("pagerank", kDocs, "");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kAlreadyExists);
  EXPECT_NE(second.error().detail.find(first.id), std::string::npos);
  EXPECT_TRUE(jobs.start("restore", kDocs, ""));
  started(jobs, kOthers);
  jobs.end(first.id, JobState::kFailed, "", "");
  started(jobs);
}

TEST(JobRegister, RefusesMoreThanMayRun) {
  JobRegister jobs("abc");
  Job last;
  for (Seq i = 0; i < kJobsRunningMax; ++i) last = started(jobs, {i});
  const auto refused = jobs.start("pagerank", {kJobsRunningMax}, "");
  EXPECT_EQ(refused.error().code, ErrorCode::kOverloaded);
  jobs.end(last.id, JobState::kDone, "", "{}");
  started(jobs, {kJobsRunningMax});
}

TEST(JobRegister, ProgressNeverFalls) {
  JobRegister jobs("abc");
  const auto id = started(jobs).id;
  jobs.progress(id, 0.5, "half");
  jobs.progress(id, 0.25, "less");
  EXPECT_EQ(jobs.find(id)->progress, 0.5);
  EXPECT_EQ(jobs.find(id)->detail, "less");
  jobs.progress(id, 7, "too much");
  EXPECT_EQ(jobs.find(id)->progress, 1);
}

TEST(JobRegister, WhatHasEndedStays) {
  JobRegister jobs("abc");
  const auto id = started(jobs).id;
  jobs.end(id, JobState::kDone, "over", R"({"n":1})");
  jobs.progress(id, 0.5, "late");
  jobs.end(id, JobState::kFailed, "later", "");
  jobs.lost(id, "died");
  const auto job = *jobs.ask_to_stop(id);
  EXPECT_EQ(job.state, JobState::kDone);
  EXPECT_EQ(job.progress, 1);
  EXPECT_EQ(job.detail, "over");
  EXPECT_EQ(job.result, R"({"n":1})");
}

TEST(JobRegister, AJobThatShallStopRunsUntilItHas) {
  JobRegister jobs("abc");
  const auto id = started(jobs).id;
  EXPECT_EQ(jobs.ask_to_stop(id)->state, JobState::kRunning);
  jobs.progress(id, 0.5, "goes on");
  EXPECT_EQ(jobs.find(id)->detail, "is being cancelled");
  jobs.end(id, JobState::kCancelled, "cancelled", "");
  EXPECT_EQ(jobs.find(id)->state, JobState::kCancelled);
}

TEST(JobRegister, ALostJobHasFailedUnlessItWasToStop) {
  JobRegister jobs("abc");
  const auto failed = started(jobs).id;
  jobs.lost(failed, "out of memory");
  EXPECT_EQ(jobs.find(failed)->state, JobState::kFailed);
  EXPECT_NE(jobs.find(failed)->detail.find("out of memory"), std::string::npos);
  const auto stopped = started(jobs).id;
  ASSERT_TRUE(jobs.ask_to_stop(stopped));
  jobs.lost(stopped, "out of memory");
  EXPECT_EQ(jobs.find(stopped)->state, JobState::kCancelled);
}

TEST(JobRegister, ListsTheNewestFirst) {
  JobRegister jobs("abc");
  const auto first = started(jobs).id;
  const auto second = started(jobs, kOthers).id;
  jobs.end(second, JobState::kDone, "", "{}");
  const auto listed = jobs.list();
  ASSERT_EQ(listed.size(), 2U);
  EXPECT_EQ(listed[0].id, second);
  EXPECT_EQ(listed[1].id, first);
}

TEST(JobRegister, ForgetsThoseThatEndedLongestAgo) {
  JobRegister jobs("abc");
  const auto longest = started(jobs, kOthers).id;
  std::vector<std::string> ended;
  for (std::size_t i = 0; i < kJobsEndedMax; ++i) {
    ended.push_back(started(jobs).id);
    jobs.end(ended.back(), JobState::kDone, "", "{}");
  }
  EXPECT_EQ(jobs.list().size(), kJobsEndedMax + 1);
  EXPECT_TRUE(jobs.find(ended.front()));
  jobs.end(longest, JobState::kDone, "", "{}");
  EXPECT_FALSE(jobs.find(ended.front()));
  EXPECT_TRUE(jobs.find(ended.at(1)));
  EXPECT_TRUE(jobs.find(longest));
  EXPECT_EQ(jobs.list().size(), kJobsEndedMax);
}

}  // namespace
}  // namespace mosaic::cluster
