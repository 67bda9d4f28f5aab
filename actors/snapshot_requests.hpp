// What the jobs actor does about snapshots: it has them made by a worker, lists and drops them, and
// drops those that were begun and never kept, be it for a crash or for a job that failed.
#pragma once

#include "actors/jobs.hpp"

namespace mosaic::actors {

inline constexpr const char* kSnapshotJob = "snapshot";
inline constexpr const char* kBackupJob = "backup";

caf::result<Job> create_snapshot(jobs_pointer self, const SnapshotRequest& request);
caf::result<snapshots_reply> list_snapshots(jobs_pointer self, const std::string& collection);
caf::result<PrunedSnapshots> drop_snapshot(jobs_pointer self, const drop_snapshot_request& request);
caf::result<PrunedSnapshots> prune_snapshots(jobs_pointer self, const PruneRequest& request);

/// Those that nobody is making any more.
void drop_unfinished(jobs_pointer self);

}  // namespace mosaic::actors
