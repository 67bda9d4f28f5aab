#include "actors/restore_job.hpp"

#include "actors/file_copies.hpp"
#include "base/json_writer.hpp"
#include "base/log.hpp"
#include "base/rfc3339.hpp"
#include "storage/shard_restore.hpp"

namespace mosaic::actors {
namespace {

using job_pointer = job_worker_actor::stateful_pointer<restore_state>;

constexpr double kFetchedProgress = 0.7;
constexpr double kReadyProgress = 0.98;

const RestoreWork& work_of(const restore_state& state) {
  return std::get<RestoreWork>(state.config.work);
}

const std::string& name_of(const restore_state& state) {
  const auto& request = work_of(state).request;
  return request.as.empty() ? request.collection : request.as;
}

void attempt(job_pointer self, std::function<void()> what) {
  self->state.again = what;
  what();
}

bool stopped(job_pointer self) {
  auto& state = self->state;
  if (state.settling || !state.config.stop.stop_requested()) return false;
  end_job(self, JobState::kCancelled, "cancelled: no collection was made");
  return true;
}

Error damaged(const restore_state& state, const std::string& what) {
  return {ErrorCode::kCorruptData,
          fmt::format("backup '{}' of collection '{}' is damaged: {}", state.restored.info.id,
                      state.restored.info.collection, what)};
}

void end_done(job_pointer self, const append_reply& made) {
  const auto& info = self->state.restored.info;
  JsonWriter json;
  json.begin_object();
  json.key("collection").string(name_of(self->state));
  json.key("seq").number(made.collection.value);
  json.key("documents").number(info.documents);
  json.key("bytes").number(info.bytes);
  json.key("backup").string(info.id);
  json.key("created_at").string(to_rfc3339(info.created_at_ms));
  json.end_object();
  end_job(self, JobState::kDone,
          fmt::format("collection '{}': {} documents of backup '{}'", name_of(self->state),
                      info.documents, info.id),
          json.take());
}

/// Documents that were on their way to their centroids go on: to the same ones, set anew.
void set_centroids(job_pointer self, const append_reply& made) {
  auto& state = self->state;
  Centroids centroids;
  centroids.vectors = state.collection.state.centroids.vectors;
  const auto entry = std::make_shared<const std::string>(encode_centroids(centroids));
  attempt(self, [=] {
    if (!self->state.parts) return try_again_later(self);
    self->request(self->state.parts->log, kJobWriteTimeout + kJobLogGrace, append_atom_v,
                  append_request{made.collection,
                                 EntryKind::kSetCentroids,
                                 entry,
                                 {},
                                 Deadline::in(self->clock().now(), kJobWriteTimeout)})
        .then([=](const append_reply&) { end_done(self, made); },
              [=](caf::error& reason) {
                // The collection stands; somebody may have dropped it already.
                from_caf(reason).code == ErrorCode::kNotFound ? end_done(self, made)
                                                              : try_again_later(self);
              });
  });
}

bool is_refusal(const Error& error) {
  return error.code == ErrorCode::kAlreadyExists || error.code == ErrorCode::kNotFound ||
         error.code == ErrorCode::kInvalidArgument;
}

/// What is refused has changed nothing; anything else may still come true, so it is tried until it
/// is known. Twice does no harm.
void make(job_pointer self) {
  auto& state = self->state;
  state.settling = true;
  const auto incoming = std::exchange(state.incoming, {});
  state.collection.node = state.config.files.node;
  const auto entry = std::make_shared<const std::string>(encode_restored(state.collection));
  attempt(self, [=] {
    if (!self->state.parts) return try_again_later(self);
    self->request(self->state.parts->log, kJobWriteTimeout + kJobLogGrace, append_atom_v,
                  append_request{{},
                                 EntryKind::kCreateCollection,
                                 entry,
                                 {},
                                 Deadline::in(self->clock().now(), kJobWriteTimeout)})
        .then(
            [=](const append_reply& made) {
              self->state.centroids_settled ? end_done(self, made) : set_centroids(self, made);
            },
            [=](caf::error& reason) {
              const auto error = from_caf(reason);
              if (!is_refusal(error)) return try_again_later(self);
              self->state.incoming = incoming;
              fail_job(self, error);
            });
  });
}

/// Files are large, and nobody reads the mailbox meanwhile.
storage::KeepOn wanted(job_pointer self) {
  return [stop = self->state.config.stop] { return !stop.stop_requested(); };
}

/// Everything that a seq of the other log could be hidden in is taken away, or set to `seq`.
Status free_from_log(job_pointer self, Seq seq) {
  auto& state = self->state;
  const auto& files = state.restored.files;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto done = to_result([&] {
      storage::rebase_shard(files[i], seq, self->state.config.files.now_ms(), wanted(self));
    });
    if (!done) return done;
    report(self,
           kFetchedProgress + (kReadyProgress - kFetchedProgress) * static_cast<double>(i + 1) /
                                  static_cast<double>(files.size()),
           fmt::format("shard {} of {} is ready", i + 1, files.size()));
  }
  return {};
}

void rebase(job_pointer self) {
  attempt(self, [=] {
    if (stopped(self)) return;
    if (!self->state.parts) return try_again_later(self);
    // What this log has come to so far: the collection will be younger.
    self->request(self->state.parts->log, kJobPageTimeout, status_atom_v)
        .then(
            [=](const log_status& status) {
              const auto freed = free_from_log(self, status.last);
              if (stopped(self)) return;
              freed ? make(self) : fail_job(self, freed.error());
            },
            [=](caf::error&) { try_again_later(self); });
  });
}

/// The files against what the backup says of its collection.
Status verify(job_pointer self) {
  auto& state = self->state;
  const auto& settings = state.collection.state.collection.settings;
  const auto& files = state.restored.files;
  if (files.size() != settings.shards) {
    return damaged(state,
                   fmt::format("it has {} files for {} shards", files.size(), settings.shards));
  }
  for (std::uint32_t i = 0; i < files.size(); ++i) {
    if (files[i].filename() != shard_file_name({i}))
      return damaged(state, fmt::format("file {} is '{}'", i, files[i].filename().string()));
    const storage::ShardIdentity identity{{},
                                          {i},
                                          settings.shards,
                                          settings.dimension,
                                          is_by_centroid(settings),
                                          state.collection.state.collection.origin.space};
    const auto sound = to_result([&] { storage::verify_copy(files[i], identity, wanted(self)); });
    if (!sound) return damaged(state, sound.error().detail);
  }
  return {};
}

/// What the collection is to be: as it was, under its new name, with vectors of its first space.
Status read_state(restore_state& state) {
  auto read = decode_state(state.restored.settings);
  if (!read) return damaged(state, read.error().detail);
  auto& collection = state.collection;
  collection.state = std::move(*read);
  collection.token = state.config.id;
  collection.replaces = work_of(state).replaces;
  collection.state.collection.settings.name = name_of(state);
  collection.state.collection.origin.next.reset();
  state.centroids_settled =
      collection.state.centroids.settled || collection.state.centroids.vectors.empty();
  collection.state.centroids.settled = true;
  return validate(collection.state.collection.settings);
}

void check(job_pointer self) {
  auto& state = self->state;
  if (const auto read = read_state(state); !read) return fail_job(self, read.error());
  const auto sound = verify(self);
  if (stopped(self)) return;
  if (!sound) return fail_job(self, sound.error());
  // Its files are checked by the space they had; from now on they are of the first one.
  state.collection.state.collection.origin.space = 0;
  rebase(self);
}

Result<backup::RestoredBackup> fetch(job_pointer self) {
  auto& state = self->state;
  const auto& request = work_of(state).request;
  const auto store = state.config.files.open_store(request.source);
  if (!store) return store.error();
  const auto id = request.backup.empty() ? std::nullopt : std::optional(request.backup);
  const auto progress = [&](std::uint64_t done, std::uint64_t total) {
    if (!report_is_due(state)) return;
    const auto whole = static_cast<double>(std::max<std::uint64_t>(total, 1));
    report(self, kFetchedProgress * static_cast<double>(done) / whole,
           fmt::format("{} of {} bytes are here", done, total));
  };
  return backup::restore(**store, request.collection, id, state.incoming, progress,
                         state.config.stop);
}

void start(job_pointer self) {
  auto& state = self->state;
  state.incoming = state.config.files.folder->incoming(state.config.id);
  auto restored = fetch(self);
  if (stopped(self)) return;
  if (!restored) return fail_job(self, restored.error());
  state.restored = std::move(*restored);
  check(self);
}

}  // namespace

restore_state::~restore_state() {
  if (incoming.empty()) return;
  std::error_code failed;
  std::filesystem::remove_all(incoming, failed);
  if (failed) log::warn("files of a restore are left: {}", failed.message());
}

job_worker_actor::behavior_type restore_job(job_pointer self, job_config config) {
  return job_behavior(
      self, std::move(config), [=] { start(self); }, [=](ShardId) { try_again(self->state.again); },
      [=] { static_cast<void>(stopped(self)); }, [] {});
}

}  // namespace mosaic::actors
