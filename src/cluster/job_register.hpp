// The jobs of a node: those that run and the last that have ended. Says who may start; runs nothing
// itself. Free of clocks and chance: ids are made unique by a token that differs at every start of
// the owner. Owned by the jobs actor. A job that has ended never changes again.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "base/entry.hpp"
#include "mosaic/job.hpp"

namespace mosaic::cluster {

/// Jobs that run at a time, each on a thread of its own; past it they are refused as overloaded.
constexpr std::size_t kJobsRunningMax = 8;
/// Ended jobs that can still be asked for.
constexpr std::size_t kJobsEndedMax = 1'000;

class JobRegister {
 public:
  explicit JobRegister(std::string token) : token_(std::move(token)) {}

  /// A new job on a collection. already_exists names the one of this kind, or of a kind that it
  /// cannot run beside, that runs on it; overloaded past kJobsRunningMax.
  Result<Job> start(const std::string& kind, CollectionId collection, std::string detail,
                    const std::vector<std::string>& not_beside = {});

  /// Progress never falls. Of no effect once the job is being stopped or has ended.
  void progress(const std::string& id, double progress, std::string detail);

  /// Wishes the job to stop and gives it as it stands; not_found names the id.
  Result<Job> ask_to_stop(const std::string& id);

  /// `result`: a JSON object of a job that is done.
  void end(const std::string& id, JobState state, std::string detail, std::string result);

  /// Whoever did the work died of `reason`: cancelled if it was to stop anyway, else failed.
  void lost(const std::string& id, const std::string& reason);

  /// not_found names the id.
  Result<Job> find(const std::string& id) const;
  /// Newest first.
  std::vector<Job> list() const;
  std::size_t running() const { return jobs_.size() - ended_.size(); }

 private:
  struct Record {
    Job job;
    CollectionId collection;
    bool to_stop = false;
  };

  Record* running_record(const std::string& id);
  const Job* running_on(CollectionId collection, const std::string& kind) const;

  std::string token_;
  std::uint64_t started_ = 0;
  std::map<std::uint64_t, Record> jobs_;  ///< by number, in the order of their start
  std::map<std::string, std::uint64_t, std::less<>> numbers_;
  std::deque<std::uint64_t> ended_;  ///< in the order of their end
};

}  // namespace mosaic::cluster
