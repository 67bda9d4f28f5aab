// Jobs: starts long work, each job in a worker of its own, knows how far it is, and stops it. A
// worker that dies ends its job as failed; workers end with this actor. What may start and what is
// remembered is in cluster/job_register.hpp.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <stop_token>

#include "actors/backup_lister.hpp"
#include "actors/backup_plan.hpp"
#include "actors/faults.hpp"
#include "actors/job_worker.hpp"
#include "actors/promise.hpp"
#include "actors/write_watch.hpp"
#include "cluster/job_register.hpp"
#include "metrics/node_metrics.hpp"

namespace mosaic::actors {

struct jobs_config {
  std::string node;
  std::string token;  ///< part of every id: differs at every start of this actor
  std::function<job_worker_actor(caf::scheduled_actor* jobs, job_config job)> start_worker;
  metrics::NodeMetricsPtr metrics = std::make_shared<metrics::NodeMetrics>();
  write_watch_ptr watch{};  ///< null: no limits are watched
  job_files files = {};
  backup_plan plan = {};
  std::function<backup_lister_actor(caf::scheduled_actor* jobs, job_files files)> start_lister{};
  /// Whether this node leads its cluster: what nobody has asked for is done by the leader alone,
  /// and so is what holds up the writes of all.
  std::function<bool()> leads = [] { return true; };
};

/// How often what is left of snapshots is looked for, and whether a backup is due.
constexpr std::chrono::seconds kJobsTick{1};

struct jobs_state {
  jobs_state() : routes(""), jobs("") {}
  /// A worker that is busy reads no mailbox: this is how it hears that nobody wants its work.
  ~jobs_state() {
    for (auto& [id, job] : running) job.stop.request_stop();
  }

  struct running_job {
    CollectionId collection;
    job_worker_actor worker;
    std::stop_source stop;
    bool moves_only = false;
  };

  jobs_config config;
  Routes routes;
  node_parts_ptr parts;
  cluster::JobRegister jobs;
  std::map<std::string, running_job> running;  ///< by id, until the worker is gone
  std::map<CollectionId, Seq> given_up;        ///< centroids that nobody shall move to any more
  std::set<Seq> to_end;  ///< generations whose worker has failed: what they staged goes
  std::map<std::string, sure_promise<Job>> waiting;         ///< for the end of a job, by its id
  std::set<std::pair<CollectionId, std::string>> dropping;  ///< snapshots on their way out
  planned_backups planned;
  bool led = false;          ///< at the last tick
  std::size_t listings = 0;  ///< of backups, under way
  Faults faults;
  static inline const char* name = "jobs";
};

using jobs_pointer = jobs_actor::stateful_pointer<jobs_state>;

/// With workers in threads of their own.
jobs_actor::behavior_type jobs(jobs_pointer self, std::string node, metrics::NodeMetricsPtr metrics,
                               write_watch_ptr watch, job_files files, backup_plan plan,
                               std::function<bool()> leads);

/// Starts a worker: on the collection of `route`, or, without one, on what is only about to be
/// made. `about` says of what, for people.
Result<Job> start_job(jobs_pointer self, const std::string& kind, const collection_route* route,
                      std::string about, job_work work);
/// The same for a caller who waits for its end: a job that fails is his error.
caf::result<Job> start_awaited(jobs_pointer self, const std::string& kind,
                               const collection_route* route, std::string about, job_work work);

jobs_actor::behavior_type jobs_with(jobs_actor::stateful_pointer<jobs_state> self,
                                    jobs_config config);

}  // namespace mosaic::actors
