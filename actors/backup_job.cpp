#include "actors/backup_job.hpp"

#include <algorithm>

#include "base/file_digest.hpp"
#include "base/log.hpp"
#include "base/snapshot_json.hpp"

namespace mosaic::actors {
namespace {

constexpr double kCopiedProgress = 0.3;
constexpr double kUploadedProgress = 0.98;

const BackupWork& work_of(const copying_state& state) {
  return std::get<BackupWork>(state.config.work);
}

const SnapshotRecord* record_of(const copying_state& state, const std::string& name) {
  const auto& records = *state.route->snapshots;
  const auto found = std::find_if(records.begin(), records.end(),
                                  [&](const auto& record) { return record.snapshot.name == name; });
  return found == records.end() ? nullptr : &*found;
}

void end_done(copying_pointer self, const Backup& backup) {
  // Whoever hears that it is done finds nothing of it here.
  self->state.remove_copies();
  const auto& config = self->state.config;
  self->send(config.jobs, ended_atom_v,
             job_ended{config.id,
                       JobState::kDone,
                       fmt::format("collection '{}': backup '{}' at seq {}, {} new bytes",
                                   backup.collection, backup.id, backup.seq, backup.new_bytes),
                       backup_json(backup),
                       {},
                       backup.created_at_ms});
  self->quit();
}

/// A scheduled one keeps only so many. The backup stands, whatever comes of this.
void prune(const copying_state& state, backup::ObjectStore& store) {
  const auto& work = work_of(state);
  if (work.keep == 0) return;
  const auto pruned =
      backup::prune(store, state.config.collection, work.keep, state.config.files.now_ms());
  if (!pruned) {
    log::warn("older backups of collection '{}' are not removed: {}", state.config.collection,
              pruned.error().detail);
  }
}

void upload(copying_pointer self, const backup::BackupRequest& request) {
  auto& state = self->state;
  const auto store = state.config.files.open_store(work_of(state).request.target);
  if (!store) return fail_job(self, store.error());
  const double from = state.copies.empty() ? 0 : kCopiedProgress;
  const auto progress = [&](std::uint64_t done, std::uint64_t total) {
    if (!report_is_due(state)) return;
    const auto whole = static_cast<double>(std::max<std::uint64_t>(total, 1));
    report(self, from + (kUploadedProgress - from) * static_cast<double>(done) / whole,
           fmt::format("{} of {} bytes are there", done, total));
  };
  const auto done = backup::back_up(**store, request, progress, state.config.stop);
  if (stopped(self)) return;
  if (!done) return fail_job(self, done.error());
  prune(state, **store);
  end_done(self, as_told(*done));
}

/// What goes up of a state that is known by `record`.
backup::BackupRequest request_of(const copying_state& state, const SnapshotRecord& record) {
  backup::BackupRequest request;
  request.collection = state.config.collection;
  request.seq = record.snapshot.seq;
  request.created_at_ms = work_of(state).created_at_ms;
  request.settings = record.state;
  return request;
}

/// The catalog's record of the state may come a little later than the files.
void copied(copying_pointer self) {
  auto& state = self->state;
  if (stopped(self)) return;
  const auto* record = record_of(state, state.snapshot);
  if (record == nullptr) return try_again_later(self);
  auto request = request_of(state, *record);
  request.documents = state.documents;
  for (const auto shard : all_shards(*state.route)) {
    const auto name = shard_file_name(shard);
    request.files.push_back({name, state.folder / name});
  }
  upload(self, request);
}

void copy_newest(copying_pointer self) {
  const auto& state = self->state;
  const auto name = "." + state.config.id;
  auto folder =
      state.config.files.folder->snapshot(state.route->id, state.route->settings.name, name);
  copy_files(self, name, std::move(folder), kCopiedProgress, [=] { copied(self); });
}

Status check_file(const SnapshotFile& file, const std::filesystem::path& path) {
  // Whichever node led when it was made has them.
  if (!std::filesystem::exists(path.parent_path())) {
    return Error{ErrorCode::kUnavailable,
                 "the files of the snapshot are on another node, which led the cluster then"};
  }
  const auto sum = sha256_of_file(path);
  if (!sum) return Error{ErrorCode::kCorruptData, sum.error().detail};
  if (*sum == file.sha256) return {};
  return Error{ErrorCode::kCorruptData,
               fmt::format("'{}' of the snapshot does not match its checksum", file.path)};
}

void upload_snapshot(copying_pointer self) {
  const auto& state = self->state;
  const auto& name = work_of(state).request.snapshot;
  const auto* record = record_of(state, name);
  if (record == nullptr || !record->kept) {
    return fail_job(
        self, {ErrorCode::kNotFound, fmt::format("snapshot '{}' of collection '{}' does not exist",
                                                 name, state.config.collection)});
  }
  auto request = request_of(state, *record);
  request.documents = record->snapshot.documents;
  for (std::uint32_t i = 0; i < record->snapshot.files.size(); ++i) {
    const auto& file = record->snapshot.files[i];
    const auto path = state.config.files.folder->root() / file.path;
    if (const auto sound = check_file(file, path); !sound) return fail_job(self, sound.error());
    if (stopped(self)) return;
    request.files.push_back({shard_file_name({i}), path});
  }
  upload(self, request);
}

/// Another node, or this one before it was started again, may just have made one.
bool is_due(copying_pointer self) {
  const auto& state = self->state;
  const auto& work = work_of(state);
  if (work.unless_after == 0) return true;
  const auto store = state.config.files.open_store(work.request.target);
  if (!store) return true;  // the upload says what is wrong
  const auto backups = backup::list_backups(**store, state.config.collection);
  if (!backups || backups->empty() || backups->back().created_at_ms < work.unless_after)
    return true;
  end_done(self, as_told(backups->back()));
  return false;
}

void start(copying_pointer self) {
  if (!is_due(self)) return;
  work_of(self->state).request.snapshot.empty() ? copy_newest(self) : upload_snapshot(self);
}

}  // namespace

Backup as_told(const backup::BackupInfo& info) {
  return {info.id,    info.collection,   info.seq,       info.created_at_ms, info.documents,
          info.bytes, info.stored_bytes, info.new_bytes, info.damage};
}

job_worker_actor::behavior_type backup_job(copying_pointer self, job_config config) {
  return copying_behavior(self, std::move(config), [=] { start(self); });
}

}  // namespace mosaic::actors
