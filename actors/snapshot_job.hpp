// The worker of one job that makes a snapshot: copies the files of all shards, puts them in their
// place, and appends the entry by which it stands.
#pragma once

#include "actors/file_copies.hpp"

namespace mosaic::actors {

job_worker_actor::behavior_type snapshot_job(copying_pointer self, job_config config);

}  // namespace mosaic::actors
