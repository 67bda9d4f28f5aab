// The part of a job that copies the files of all shards at one seq, for a snapshot or a backup
// (docs/decisions/0035-snapshots.md). It appends the entry that begins a snapshot; each shard, when
// it applies that, keeps a reader at exactly this state, and the job copies by one after the other.
// Writes go on. A shard that was started again in between has lost its reader: then all begins
// anew.
#pragma once

#include "actors/job_worker.hpp"
#include "storage/shard_copy.hpp"

namespace mosaic::actors {

/// So often the files are begun with; a shard that fails again and again fails the job.
constexpr int kCopyAttemptsMax = 5;
/// A shard that has not come to the entry yet is asked again after this.
constexpr std::chrono::milliseconds kKeptReaderPause{20};

struct copying_state : job_worker_state {
  /// What is left of copies that nobody wanted goes with the worker, however it ends.
  ~copying_state() { remove_copies(); }
  void remove_copies();

  /// What failed and is tried again at the next `step`.
  std::function<void()> again;
  std::string snapshot;  ///< its name
  Seq begun = 0;         ///< the entry that began it: the state that is copied
  int attempts = 0;
  ShardId shard;
  std::optional<TimePoint> failing_since;
  std::filesystem::path folder;             ///< of the copies, while they are the job's own
  std::vector<storage::CopiedFile> copies;  ///< of the shards, in their order
  std::uint64_t documents = 0;
  double share = 1;  ///< of the job's progress that is copying
  std::function<void()> copied;
  bool settling = false;  ///< the last entry is on its way: nobody can take it back

  static inline const char* name = "copying_job";
};

using copying_pointer = job_worker_actor::stateful_pointer<copying_state>;

/// Copies to `<folder>/shard-<n>.db`, then calls `copied` with the state filled in.
void copy_files(copying_pointer self, std::string snapshot, std::filesystem::path folder,
                double share, std::function<void()> copied);

/// Does `what` now, and once more at each `step` until something else is done.
void attempt(copying_pointer self, std::function<void()> what);

/// Ends the job as cancelled when somebody wished so, unless its last entry is on its way.
bool stopped(copying_pointer self);

/// The behavior of a worker that begins with `start`.
job_worker_actor::behavior_type copying_behavior(copying_pointer self, job_config config,
                                                 std::function<void()> start);

/// "shard-3.db"
std::string shard_file_name(ShardId shard);

}  // namespace mosaic::actors
