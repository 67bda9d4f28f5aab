// What the workers of long jobs have in common: what they are told, how they report, how long they
// put up with a shard or a log that fails, and how they append. A worker does one job and ends with
// it, or with its jobs actor. It has a thread of its own, since its work may read no mailbox for
// long: a flag stops that.
#pragma once

#include <stop_token>
#include <variant>

#include <fmt/format.h>

#include "actors/exceptions.hpp"
#include "actors/fan_out.hpp"
#include "actors/pending_requests.hpp"
#include "actors/routes.hpp"
#include "backup/backup.hpp"
#include "storage/data_folder.hpp"

namespace mosaic::actors {

/// For so long a shard may fail, or the log refuse for want of room, before the job does. A shard
/// that crashed is back in well under a second.
constexpr std::chrono::seconds kJobPatience{10};
constexpr std::chrono::milliseconds kJobRetryPause{250};
/// How long one page of one shard may take.
constexpr std::chrono::seconds kJobPageTimeout{10};
constexpr std::chrono::seconds kJobWriteTimeout{60};
/// The log answers at the deadline itself; it looks at the clock now and then.
constexpr std::chrono::seconds kJobLogGrace{2};

/// What the jobs actor tells a worker: who is who, and how the shards of its collection fare.
/// `step` tries again what failed.
using job_worker_actor = caf::typed_actor<
    reacts_to<start_atom>, reacts_to<cancel_atom>, reacts_to<parts_atom, node_parts_ptr>,
    reacts_to<opened_atom, collection_opened>, reacts_to<dropped_atom, CollectionId>,
    reacts_to<up_atom, shard_key, std::vector<searcher_actor>>, reacts_to<lost_atom, shard_lost>,
    reacts_to<replicas_atom, shard_key, far_shards_actor>, reacts_to<lost_atom, shard_key>,
    reacts_to<step_atom, std::uint64_t>, reacts_to<copy_atom, fetched_copy>, reacts_to<tick_atom>>;

/// Documents go where centroids that are set want them.
struct MoveOptions {};

/// A collection goes over to the embedder of the request, which names its dimension.
struct ReembedWork {
  ReembedRequest request;
  std::uint64_t fingerprint = 0;
  Seq generation = 0;    ///< of what a job before has begun; 0: nothing
  bool give_up = false;  ///< only ends what that one has staged
};

/// Copies the files of all shards at one seq.
struct SnapshotWork {
  std::string name;
  std::int64_t created_at_ms = 0;
};

/// Takes a state of a collection to an object store.
struct BackupWork {
  BackupRequest request;
  std::int64_t created_at_ms = 0;
  std::uint32_t keep = 0;         ///< of the newest backups of the collection; 0: all
  std::int64_t unless_after = 0;  ///< nothing is done if the newest backup is younger than this
};

/// Makes a collection of what an object store has of one.
struct RestoreWork {
  RestoreRequest request;
  CollectionId replaces;  ///< 0: there is none of the name
};

using job_work = std::variant<PageRankOptions, TrainOptions, MoveOptions, ReembedWork, SnapshotWork,
                              BackupWork, RestoreWork>;

/// What jobs need that work on files and with object stores.
struct job_files {
  std::shared_ptr<const storage::DataFolder> folder;
  std::function<Result<std::unique_ptr<backup::ObjectStore>>(const std::string& url)> open_store;
  /// Milliseconds since 1970.
  std::function<std::int64_t()> now_ms;
  std::uint64_t node = 0;  ///< this one, as the catalog knows it
};

struct job_config {
  std::string id;
  std::string collection;  ///< empty: it is only about to be made
  job_work work;
  jobs_actor jobs;       ///< hears of progress and of the end
  std::stop_token stop;  ///< ends the job as cancelled, unless its last entry is on its way already
  std::chrono::milliseconds progress_interval{100};  ///< of reports within a stage
  /// Whether the node has room for what documents that move take; the Error names the limit.
  std::function<Status()> room = [] { return Status(); };
  job_files files = {};
};

/// Part of the state of every worker.
struct job_worker_state {
  job_worker_state() : routes("") {}

  job_config config;
  Routes routes;
  node_parts_ptr parts;
  pending_requests requests;
  std::shared_ptr<collection_route> route;  ///< once started
  std::function<void(const fetched_copy&)> fetched = [](const fetched_copy&) {};
  TimePoint reported;                      ///< when progress was told last
  std::optional<TimePoint> refused_since;  ///< by the log
};

template <class Self>
void end_job(Self* self, JobState state, std::string detail, std::string result = {}) {
  const auto& config = self->state.config;
  self->send(config.jobs, ended_atom_v,
             job_ended{config.id, state, std::move(detail), std::move(result)});
  self->quit();
}

template <class Self>
void fail_job(Self* self, const Error& error) {
  const auto& config = self->state.config;
  self->send(config.jobs, ended_atom_v,
             job_ended{config.id,
                       JobState::kFailed,
                       fmt::format("{}: {}", to_string(error.code), error.detail),
                       {},
                       error});
  self->quit();
}

template <class Self>
void report(Self* self, double progress, std::string detail) {
  const auto& config = self->state.config;
  self->state.reported = std::chrono::steady_clock::now();
  self->send(config.jobs, progress_atom_v,
             job_progress{config.id, progress,
                          config.collection.empty()
                              ? std::move(detail)
                              : fmt::format("collection '{}': {}", config.collection, detail)});
}

inline bool report_is_due(const job_worker_state& state) {
  return std::chrono::steady_clock::now() - state.reported >= state.config.progress_interval;
}

/// Whether what has failed again just now has failed for too long.
template <class Self>
bool out_of_patience(Self* self, std::optional<TimePoint>& since) {
  const auto now = self->clock().now();
  if (!since) since = now;
  return now - *since >= kJobPatience;
}

/// What is tried again may put something else in its own place.
inline void try_again(std::function<void()> again) {
  again();
}

template <class Self>
void try_again_later(Self* self, ShardId shard = {}) {
  self->delayed_send(self, kJobRetryPause, step_atom_v, std::uint64_t{shard.value});
}

/// Fails the job after `error` of a shard that it waited for, or tries again.
template <class Self>
void shard_failed(Self* self, ShardId shard, std::optional<TimePoint>& since, const Error& error) {
  if (!out_of_patience(self, since)) return try_again_later(self, shard);
  fail_job(self,
           {error.code,
            fmt::format("shard {} of collection '{}' could not be read for {} s: {}", shard.value,
                        self->state.config.collection, kJobPatience.count(), error.detail)});
}

/// Whether an entry may be appended twice.
enum class Repeat { kNever, kHarmless };

/// Appends an entry of the job's collection; after a failure that may pass, a `step` follows. Only
/// a refusal for want of room is known to have stored nothing; what is harmless twice is tried
/// until the job is cancelled.
template <class Self>
void append_entry(
    Self* self, EntryKind kind, Repeat repeat, const SharedBytes& bytes,
    std::function<void(const append_reply&)> then, std::function<void()> failed = [] {}) {
  auto& state = self->state;
  if (!state.parts) return try_again_later(self);
  append_request entry{state.route->id, kind, bytes, all_shards(*state.route),
                       Deadline::in(self->clock().now(), kJobWriteTimeout)};
  self->request(state.parts->log, kJobWriteTimeout + kJobLogGrace, append_atom_v, std::move(entry))
      .then(
          [=](const append_reply& reply) {
            self->state.refused_since.reset();
            then(reply);
          },
          [=](caf::error& reason) {
            failed();
            const auto error = from_caf(reason);
            const bool passes = repeat == Repeat::kHarmless
                                    ? error.code != ErrorCode::kNotFound
                                    : error.code == ErrorCode::kOverloaded &&
                                          !out_of_patience(self, self->state.refused_since);
            if (!passes) return fail_job(self, error);
            try_again_later(self);
          });
}

/// The behavior of a worker: `start()`, `step(ShardId)`, `cancel()`, and `told()` after news of the
/// collection.
template <class Self, class Start, class Step, class Cancel, class Told>
job_worker_actor::behavior_type job_behavior(Self* self, job_config config, Start start, Step step,
                                             Cancel cancel, Told told) {
  die_with_reason(self);
  self->state.config = std::move(config);
  self->monitor(self->state.config.jobs);
  self->set_down_handler([=](caf::down_msg&) { self->quit(caf::exit_reason::user_shutdown); });
  return {
      [=](start_atom) {
        if (self->state.config.collection.empty()) return start();
        const auto route = self->state.routes.find(self->state.config.collection);
        if (!route) return fail_job(self, route.error());
        self->state.route = *route;
        start();
      },
      [=](cancel_atom) { cancel(); },
      [=](tick_atom) { give_up_late(self); },
      [=](parts_atom, const node_parts_ptr& parts) { self->state.parts = parts; },
      [=](opened_atom, const collection_opened& x) {
        self->state.routes.opened(x);
        told();
      },
      [=](dropped_atom, CollectionId id) {
        self->state.routes.dropped(id);
        fail_job(self, {ErrorCode::kNotFound,
                        fmt::format("collection '{}' was dropped", self->state.config.collection)});
      },
      [=](up_atom, const shard_key& key, const std::vector<searcher_actor>& x) {
        self->state.routes.up(key, x);
      },
      [=](lost_atom, const shard_lost& x) { self->state.routes.lost(x); },
      [=](replicas_atom, const shard_key& key, const far_shards_actor& x) {
        self->state.routes.far_up(key, x);
      },
      [=](lost_atom, const shard_key& key) { self->state.routes.far_lost(key); },
      [=](copy_atom, const fetched_copy& x) { self->state.fetched(x); },
      [=](step_atom, std::uint64_t number) { step(ShardId{static_cast<std::uint32_t>(number)}); },
  };
}

}  // namespace mosaic::actors
