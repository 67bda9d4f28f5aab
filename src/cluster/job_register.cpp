#include "cluster/job_register.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace mosaic::cluster {
namespace {

Error no_such_job(const std::string& id) {
  return {ErrorCode::kNotFound, fmt::format("job '{}' does not exist", id)};
}

}  // namespace

Result<Job> JobRegister::start(const std::string& kind, CollectionId collection, std::string detail,
                               const std::vector<std::string>& not_beside) {
  if (const auto* other = running_on(collection, kind)) {
    return Error{
        ErrorCode::kAlreadyExists,
        fmt::format("job '{}' of kind '{}' runs on this collection already", other->id, kind)};
  }
  for (const auto& beside : not_beside) {
    if (const auto* other = running_on(collection, beside)) {
      return Error{ErrorCode::kAlreadyExists,
                   fmt::format("job '{}' runs on this collection, and one of kind '{}' cannot run "
                               "beside it",
                               other->id, kind)};
    }
  }
  if (running() >= kJobsRunningMax) {
    return Error{ErrorCode::kOverloaded,
                 fmt::format("{} jobs are running, at most {}", running(), kJobsRunningMax)};
  }
  const auto number = ++started_;
  Job job;
  job.id = fmt::format("{}-{}-{}", kind, token_, number);
  job.kind = kind;
  job.detail = std::move(detail);
  numbers_[job.id] = number;
  jobs_[number] = {job, collection};
  return job;
}

void JobRegister::progress(const std::string& id, double progress, std::string detail) {
  auto* found = running_record(id);
  if (found == nullptr || found->to_stop) return;
  found->job.progress = std::max(found->job.progress, std::min(progress, 1.0));
  found->job.detail = std::move(detail);
}

Result<Job> JobRegister::ask_to_stop(const std::string& id) {
  if (auto* found = running_record(id)) {
    found->to_stop = true;
    found->job.detail = "is being cancelled";
  }
  return find(id);
}

void JobRegister::end(const std::string& id, JobState state, std::string detail,
                      std::string result) {
  auto* found = running_record(id);
  if (found == nullptr) return;
  found->job.state = state;
  found->job.detail = std::move(detail);
  found->job.result = std::move(result);
  if (state == JobState::kDone) found->job.progress = 1;
  ended_.push_back(numbers_.at(id));
  if (ended_.size() <= kJobsEndedMax) return;
  numbers_.erase(jobs_.at(ended_.front()).job.id);
  jobs_.erase(ended_.front());
  ended_.pop_front();
}

void JobRegister::lost(const std::string& id, const std::string& reason) {
  const auto* found = running_record(id);
  if (found == nullptr) return;
  found->to_stop ? end(id, JobState::kCancelled, "cancelled", "")
                 : end(id, JobState::kFailed, fmt::format("the job's worker died: {}", reason), "");
}

Result<Job> JobRegister::find(const std::string& id) const {
  const auto number = numbers_.find(id);
  if (number == numbers_.end()) return no_such_job(id);
  return jobs_.at(number->second).job;
}

std::vector<Job> JobRegister::list() const {
  std::vector<Job> jobs;
  for (auto record = jobs_.rbegin(); record != jobs_.rend(); ++record)
    jobs.push_back(record->second.job);
  return jobs;
}

JobRegister::Record* JobRegister::running_record(const std::string& id) {
  const auto number = numbers_.find(id);
  if (number == numbers_.end()) return nullptr;
  auto& record = jobs_.at(number->second);
  return record.job.state == JobState::kRunning ? &record : nullptr;
}

const Job* JobRegister::running_on(CollectionId collection, const std::string& kind) const {
  for (const auto& [number, record] : jobs_) {
    if (record.job.state == JobState::kRunning && record.collection == collection &&
        record.job.kind == kind)
      return &record.job;
  }
  return nullptr;
}

}  // namespace mosaic::cluster
