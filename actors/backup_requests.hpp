// What the jobs actor does about backups: it has them made, restored and listed by workers, since
// all of it waits for disks and networks.
#pragma once

#include "actors/jobs.hpp"

namespace mosaic::actors {

caf::result<Job> create_backup(jobs_pointer self, const BackupRequest& request);
caf::result<Job> restore(jobs_pointer self, const RestoreRequest& request);
/// One that the schedule wants, if none is under way.
void start_due_backup(jobs_pointer self);
/// Of any job; counts backups, and remembers those of the schedule.
void backup_ended(jobs_pointer self, const job_ended& ended);
/// The worker of a backup of the schedule died before it had ended.
void backup_lost(jobs_pointer self);

caf::result<backups_reply> list_backups(jobs_pointer self, const BackupListRequest& request);

}  // namespace mosaic::actors
