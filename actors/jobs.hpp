// Jobs: starts long work, each job in a worker of its own, knows how far it is, and stops it. A
// worker that dies ends its job as failed; workers end with this actor. What may start and what is
// remembered is in cluster/job_register.hpp.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <stop_token>

#include "actors/faults.hpp"
#include "actors/job_worker.hpp"
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
};

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
  Faults faults;
  static inline const char* name = "jobs";
};

/// With workers in threads of their own.
jobs_actor::behavior_type jobs(jobs_actor::stateful_pointer<jobs_state> self, std::string node,
                               metrics::NodeMetricsPtr metrics, write_watch_ptr watch);

jobs_actor::behavior_type jobs_with(jobs_actor::stateful_pointer<jobs_state> self,
                                    jobs_config config);

}  // namespace mosaic::actors
