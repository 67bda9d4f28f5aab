// The worker of one job that takes a state of a collection to an object store: that of a snapshot,
// whose files stand already, or the newest one, whose files it copies and removes again.
#pragma once

#include "actors/file_copies.hpp"

namespace mosaic::actors {

job_worker_actor::behavior_type backup_job(copying_pointer self, job_config config);

/// What the room of backups says of one, for the contract.
Backup as_told(const backup::BackupInfo& info);

}  // namespace mosaic::actors
