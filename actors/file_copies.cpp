#include "actors/file_copies.hpp"

#include <limits>

#include "actors/fetch.hpp"
#include "base/durable_file.hpp"
#include "base/log.hpp"

namespace mosaic::actors {
namespace {

void begin(copying_pointer self);
void copy_next(copying_pointer self);
void no_reader(copying_pointer self, const Error& error);

/// The mailbox is read before the next step.
void go_on(copying_pointer self, std::function<void()> what) {
  self->state.again = std::move(what);
  self->send(self, step_atom_v, std::uint64_t{0});
}

/// Reports, and looks whether anybody still wants the job.
bool copying(copying_pointer self, std::uint64_t done, std::uint64_t pages) {
  auto& state = self->state;
  if (state.config.stop.stop_requested()) return false;
  if (!report_is_due(state)) return true;
  const auto whole = static_cast<double>(std::max<std::uint64_t>(pages, 1));
  const auto shards = static_cast<double>(state.route->shards.size());
  report(self, state.share * (state.shard.value + static_cast<double>(done) / whole) / shards,
         fmt::format("copying shard {} of {}", state.shard.value + 1, state.route->shards.size()));
  return true;
}

void has_copied(copying_pointer self, storage::CopiedFile file, std::uint64_t documents) {
  auto& state = self->state;
  state.copies.push_back(std::move(file));
  state.documents += documents;
  ++state.shard.value;
  if (state.shard.value < state.route->shards.size()) return go_on(self, [=] { copy_next(self); });
  go_on(self, state.copied);
}

void copy(copying_pointer self, kept_reader_ptr kept) {
  auto& state = self->state;
  const auto path = state.folder / shard_file_name(state.shard);
  auto copied = to_result([&] {
    return (*kept)->copy_to(
        path, [&](std::uint64_t done, std::uint64_t pages) { return copying(self, done, pages); });
  });
  if (stopped(self)) return;
  if (!copied) return fail_job(self, copied.error());
  has_copied(self, std::move(*copied), kept->view().counts.documents);
}

/// What was begun is given up, and begun anew: at most so many times.
void begin_anew(copying_pointer self, const Error& error) {
  auto& state = self->state;
  if (++state.attempts >= kCopyAttemptsMax) return fail_job(self, error);
  const auto entry = std::make_shared<const std::string>(encode_snapshot_name(state.snapshot));
  attempt(self, [=] {
    if (stopped(self)) return;
    if (!self->state.parts) return try_again_later(self);
    append_request request{self->state.route->id,
                           EntryKind::kDropSnapshot,
                           entry,
                           {},
                           Deadline::in(self->clock().now(), kJobWriteTimeout)};
    self->request(self->state.parts->log, kJobWriteTimeout + kJobLogGrace, append_atom_v,
                  std::move(request))
        .then([=](const append_reply&) { begin(self); },
              [=](caf::error& reason) {
                from_caf(reason).code == ErrorCode::kNotFound ? begin(self) : try_again_later(self);
              });
  });
}

void no_reader(copying_pointer self, const Error& error) {
  auto& state = self->state;
  if (error.code == ErrorCode::kNotFound) return begin_anew(self, error);
  if (out_of_patience(self, state.failing_since))
    return shard_failed(self, state.shard, state.failing_since, error);
  self->delayed_send(self, kKeptReaderPause, step_atom_v, std::uint64_t{0});
}

/// From the node that holds the shard.
void fetch_next(copying_pointer self) {
  auto& state = self->state;
  const shard_key key{state.route->id, state.shard};
  state.fetched = [=](const fetched_copy& x) {
    if (stopped(self)) return;
    if (x.error) return no_reader(self, *x.error);
    self->state.failing_since.reset();
    has_copied(self, {x.ready.bytes, x.ready.sha256}, x.ready.documents);
  };
  const auto job = caf::actor_cast<job_worker_actor>(self);
  const auto fetcher = self->spawn<caf::detached>(
      fetch, fetch_config{{key, state.begun, state.snapshot},
                          state.folder / shard_file_name(state.shard),
                          caf::actor_cast<caf::actor>(self),
                          state.config.files.folder->incoming("fetch-" + state.config.id),
                          [] { return std::numeric_limits<Seq>::max(); },
                          [](const std::filesystem::path&) {},
                          [=](const fetched_copy& x) { caf::anon_send(job, copy_atom_v, x); }});
  self->request(state.parts->membership, kJobPageTimeout, peer_atom_v, key)
      .then([=](const peer_actor& peer) { self->send(fetcher, start_atom_v, peer); },
            [=](caf::error& error) {
              self->send_exit(fetcher, caf::exit_reason::user_shutdown);
              no_reader(self, from_caf(error));
            });
}

void copy_next(copying_pointer self) {
  auto& state = self->state;
  if (stopped(self)) return;
  if (!state.parts) return try_again_later(self);
  const auto& shard = state.route->shards.at(state.shard.value);
  if (shard.searchers.empty() && shard.far) return fetch_next(self);
  const auto deadline = Deadline::in(self->clock().now(), kJobPageTimeout);
  ask_shard<kept_reader_ptr>(self, *state.route, state.shard, deadline,
                             std::make_tuple(snapshot_atom_v, state.snapshot, state.begun),
                             [=](Result<kept_reader_ptr> kept) {
                               if (stopped(self)) return;
                               if (!kept) return no_reader(self, kept.error());
                               self->state.failing_since.reset();
                               copy(self, std::move(*kept));
                             });
}

void begun(copying_pointer self, Seq seq) {
  auto& state = self->state;
  state.begun = seq;
  state.shard = {0};
  state.copies.clear();
  state.documents = 0;
  const auto made = to_result([&] { make_durable_folder(state.folder); });
  if (!made) return fail_job(self, made.error());
  attempt(self, [=] { copy_next(self); });
}

void begin(copying_pointer self) {
  const auto entry =
      std::make_shared<const std::string>(encode_snapshot_begin({self->state.snapshot}));
  attempt(self, [=] {
    if (stopped(self)) return;
    append_entry(self, EntryKind::kBeginSnapshot, Repeat::kNever, entry,
                 [=](const append_reply& reply) { begun(self, reply.seq); });
  });
}

}  // namespace

void copying_state::remove_copies() {
  if (folder.empty()) return;
  std::error_code failed;
  std::filesystem::remove_all(std::exchange(folder, {}), failed);
  if (failed) log::warn("copies of shards are left: {}", failed.message());
}

void attempt(copying_pointer self, std::function<void()> what) {
  self->state.again = what;
  what();
}

bool stopped(copying_pointer self) {
  auto& state = self->state;
  if (state.settling || !state.config.stop.stop_requested()) return false;
  end_job(self, JobState::kCancelled, "cancelled: nothing was kept");
  return true;
}

void copy_files(copying_pointer self, std::string snapshot, std::filesystem::path folder,
                double share, std::function<void()> copied) {
  auto& state = self->state;
  state.snapshot = std::move(snapshot);
  state.folder = std::move(folder);
  state.share = share;
  state.copied = std::move(copied);
  begin(self);
}

job_worker_actor::behavior_type copying_behavior(copying_pointer self, job_config config,
                                                 std::function<void()> start) {
  return job_behavior(
      self, std::move(config), std::move(start), [=](ShardId) { try_again(self->state.again); },
      [=] { static_cast<void>(stopped(self)); }, [] {});
}

std::string shard_file_name(ShardId shard) {
  return fmt::format("shard-{}.db", shard.value);
}

}  // namespace mosaic::actors
