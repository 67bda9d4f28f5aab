#include "actors/snapshot_job.hpp"

#include <algorithm>

#include "base/durable_file.hpp"
#include "base/durable_names.hpp"
#include "base/snapshot_json.hpp"

namespace mosaic::actors {
namespace {

namespace fs = std::filesystem;

constexpr double kCopiedProgress = 0.98;

fs::path place_of(const copying_state& state) {
  return state.config.files.folder->snapshot(state.route->id, state.route->settings.name,
                                             state.snapshot);
}

Snapshot made(const copying_state& state) {
  const auto& work = std::get<SnapshotWork>(state.config.work);
  Snapshot snapshot{work.name, state.begun, work.created_at_ms, state.documents, {}};
  const auto place = place_of(state).lexically_relative(state.config.files.folder->root());
  for (std::uint32_t i = 0; i < state.copies.size(); ++i) {
    const auto& copy = state.copies[i];
    snapshot.files.push_back(
        {(place / shard_file_name({i})).generic_string(), copy.bytes, copy.sha256});
  }
  return snapshot;
}

/// What the catalog noted when the snapshot was begun; null before this worker has heard of it.
const SnapshotRecord* record_of(const copying_state& state) {
  const auto& records = *state.route->snapshots;
  const auto found = std::find_if(records.begin(), records.end(), [&](const auto& record) {
    return record.snapshot.seq == state.begun;
  });
  return found == records.end() ? nullptr : &*found;
}

/// The folder gets its name in one step, with everything in it. Whatever had that name belongs to
/// nothing: the entry that began this snapshot would have been refused.
void put_in_place(copying_state& state, const Snapshot& snapshot,
                  const CollectionSettings& settings) {
  write_durably(state.folder / "snapshot.json", snapshot_file_json(snapshot, settings));
  sync_folder(state.folder);
  const auto place = place_of(state);
  fs::remove_all(place);
  rename_durably(state.folder, place);
  // From here on only the catalog can say whether they are wanted.
  state.folder.clear();
}

void end_done(copying_pointer self, const Snapshot& snapshot) {
  end_job(self, JobState::kDone,
          fmt::format("snapshot '{}' of collection '{}': {} documents at seq {}", snapshot.name,
                      self->state.config.collection, snapshot.documents, snapshot.seq),
          snapshot_json(snapshot));
}

/// The catalog has looked at the entry and did not want it; anything else may still come true.
bool is_refusal(const Error& error) {
  return error.code == ErrorCode::kNotFound || error.code == ErrorCode::kAlreadyExists;
}

void keep(copying_pointer self, const Snapshot& snapshot) {
  self->state.settling = true;
  const auto entry = std::make_shared<const std::string>(encode_snapshot(snapshot));
  attempt(self, [=] {
    if (!self->state.parts) return try_again_later(self);
    append_request request{self->state.route->id,
                           EntryKind::kKeepSnapshot,
                           entry,
                           {},
                           Deadline::in(self->clock().now(), kJobWriteTimeout)};
    self->request(self->state.parts->log, kJobWriteTimeout + kJobLogGrace, append_atom_v,
                  std::move(request))
        .then([=](const append_reply&) { end_done(self, snapshot); },
              [=](caf::error& reason) {
                const auto error = from_caf(reason);
                if (!is_refusal(error)) return try_again_later(self);
                self->state.folder = place_of(self->state);
                fail_job(self, error);
              });
  });
}

void copied(copying_pointer self) {
  attempt(self, [=] {
    auto& state = self->state;
    if (stopped(self)) return;
    const auto* record = record_of(state);
    if (record == nullptr) return try_again_later(self);
    const auto snapshot = made(state);
    const auto placed = to_result([&] {
      const auto then = or_throw(decode_state(record->state));
      put_in_place(state, snapshot, then.collection.settings);
    });
    placed ? keep(self, snapshot) : fail_job(self, placed.error());
  });
}

void start(copying_pointer self) {
  const auto& state = self->state;
  const auto& route = *state.route;
  auto folder =
      state.config.files.folder->snapshots(route.id, route.settings.name) / ("." + state.config.id);
  copy_files(self, std::get<SnapshotWork>(state.config.work).name, std::move(folder),
             kCopiedProgress, [=] { copied(self); });
}

}  // namespace

job_worker_actor::behavior_type snapshot_job(copying_pointer self, job_config config) {
  return copying_behavior(self, std::move(config), [=] { start(self); });
}

}  // namespace mosaic::actors
