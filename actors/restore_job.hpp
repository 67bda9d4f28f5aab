// The worker of one job that makes a collection of a backup: fetches the files beside the
// collections, verifies them and frees them from the log they came from, and only then appends the
// one entry that makes the collection, in the place of one that is to be replaced. Whatever happens
// before that entry leaves everything as it was.
#pragma once

#include "actors/job_worker.hpp"

namespace mosaic::actors {

struct restore_state : job_worker_state {
  /// Files that did not become a collection go with the worker.
  ~restore_state();

  std::function<void()> again;
  std::filesystem::path incoming;  ///< while they are the job's own
  backup::RestoredBackup restored;
  RestoredCollection collection;
  bool centroids_settled = true;
  bool settling = false;  ///< the last entry is on its way

  static inline const char* name = "restore_job";
};

job_worker_actor::behavior_type restore_job(job_worker_actor::stateful_pointer<restore_state> self,
                                            job_config config);

}  // namespace mosaic::actors
