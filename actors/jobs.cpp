#include "actors/jobs.hpp"

#include <algorithm>
#include <random>

#include <fmt/format.h>

#include "actors/backup_job.hpp"
#include "actors/backup_requests.hpp"
#include "actors/centroid_job.hpp"
#include "actors/exceptions.hpp"
#include "actors/pagerank_job.hpp"
#include "actors/promise.hpp"
#include "actors/reembed_job.hpp"
#include "actors/restore_job.hpp"
#include "actors/snapshot_job.hpp"
#include "actors/snapshot_requests.hpp"
#include "base/log.hpp"
#include "text/endpoint_name.hpp"

namespace mosaic::actors {
namespace {

constexpr const char* kCentroids = "centroids";
constexpr const char* kReembed = "reembed";

/// Any text will do to see how many dimensions an endpoint gives.
constexpr std::string_view kProbeText = "dimension";
constexpr std::chrono::seconds kProbeTimeout{10};

/// Documents that move to centroids carry their vectors along: not while these are replaced.
std::vector<std::string> not_beside(const std::string& kind) {
  if (kind == kCentroids) return {kReembed};
  if (kind == kReembed) return {kCentroids};
  if (kind == kSnapshotJob) return {kBackupJob};
  if (kind == kBackupJob) return {kSnapshotJob};
  return {};
}

std::string random_token() {
  return fmt::format("{:08x}", std::random_device()());
}

collection_opened as_told(const collection_route& route) {
  collection_opened opened{route.id, route.settings};
  opened.origin = route.origin;
  opened.snapshots = route.snapshots;
  for (const auto shard : all_shards(route)) {
    if (const auto& nodes = route.shards[shard.value].elsewhere) {
      opened.elsewhere.push_back(shard);
      opened.nodes.push_back(*nodes);
    }
  }
  if (route.placement)
    opened.centroids = std::make_shared<const Centroids>(route.placement->centroids());
  return opened;
}

/// Tells a worker what it would know had it listened from the beginning.
void introduce(jobs_pointer self, const job_worker_actor& worker, const collection_route& route) {
  self->send(worker, parts_atom_v, self->state.parts);
  self->send(worker, opened_atom_v, as_told(route));
  for (const auto shard : all_shards(route)) {
    const shard_key key{route.id, shard};
    const auto& known = route.shards[shard.value];
    if (known.far) self->send(worker, replicas_atom_v, key, known.far->far);
    if (known.searchers.empty()) {
      self->send(worker, lost_atom_v, shard_lost{key, known.state, known.error});
      continue;
    }
    std::vector<searcher_actor> searchers;
    for (const auto& searcher : known.searchers) searchers.push_back(searcher->actor);
    self->send(worker, up_atom_v, key, searchers);
  }
}

template <class... Message>
void tell_workers(jobs_pointer self, CollectionId collection, const Message&... message) {
  for (const auto& [id, job] : self->state.running) {
    if (job.collection == collection) self->send(job.worker, message...);
  }
}

void take_parts(jobs_pointer self, const node_parts_ptr& parts) {
  self->state.parts = parts;
  for (const auto& [id, job] : self->state.running) self->send(job.worker, parts_atom_v, parts);
}

/// After jobs have begun or ended.
void tell_counts(jobs_pointer self) {
  metrics::JobMetrics::Counts counts{};
  for (const auto& job : self->state.jobs.list()) ++counts[static_cast<std::size_t>(job.state)];
  self->state.config.metrics->jobs.tell(counts);
}

Result<Job> start(jobs_pointer self, const std::string& kind, const collection_route& route,
                  job_work work) {
  return start_job(self, kind, &route, fmt::format("collection '{}'", route.settings.name),
                   std::move(work));
}

/// Whoever waits for the end of a job hears of it: of one that is done, how; of another, why not.
void answer_waiting(jobs_pointer self, const std::string& id, const std::optional<Error>& error) {
  const auto waiting = self->state.waiting.extract(id);
  const auto job = self->state.jobs.find(id);
  if (!waiting || !job) return;
  if (job->state == JobState::kDone) return waiting.mapped().deliver(*job);
  refuse(waiting.mapped(), error ? *error : Error{ErrorCode::kUnavailable, job->detail});
}

caf::result<Job> start_pagerank(jobs_pointer self, const PageRankRequest& request) {
  if (const auto checked = validate(request.options); !checked) return to_caf(checked.error());
  const auto route = self->state.routes.find(request.collection);
  if (!route) return to_caf(route.error());
  return to_caf(start(self, "pagerank", **route, request.options));
}

caf::result<Job> start_training(jobs_pointer self, const TrainRequest& request) {
  const auto route = self->state.routes.find(request.collection);
  if (!route) return to_caf(route.error());
  if (const auto checked = validate(request.options, (*route)->settings); !checked)
    return to_caf(checked.error());
  return to_caf(start(self, kCentroids, **route, request.options));
}

/// Documents that are not where the centroids want them move there, also after the node was started
/// again. A job that is at it already hears of the new centroids; if it ends without having moved
/// to them, this is tried again.
void start_moves(jobs_pointer self) {
  const auto routes = self->state.routes.all();
  if (!routes) return;
  for (const auto& route : *routes) {
    if (!route->placement || route->placement->centroids().settled) continue;
    const auto given_up = self->state.given_up.find(route->id);
    if (given_up != self->state.given_up.end() &&
        given_up->second == route->placement->centroids().seq)
      continue;
    const auto job = start(self, kCentroids, *route, MoveOptions{});
    if (!job && job.error().code != ErrorCode::kAlreadyExists)
      log::warn("documents of collection '{}' do not move to their centroids yet: {}",
                route->settings.name, job.error().detail);
  }
}

/// What a job before has begun goes on, also after the node was started again.
void resume_reembeds(jobs_pointer self) {
  const auto routes = self->state.routes.all();
  if (!routes) return;
  for (const auto& route : *routes) {
    const auto& next = route->origin.next;
    if (!next) continue;
    ReembedWork work{{route->settings.name, next->embedder, next->dimension},
                     next->fingerprint,
                     next->generation,
                     self->state.to_end.contains(next->generation)};
    const auto job = start(self, kReembed, *route, std::move(work));
    if (!job && job.error().code != ErrorCode::kAlreadyExists)
      log::warn("collection '{}' does not go over to its next embedder yet: {}",
                route->settings.name, job.error().detail);
  }
}

/// Jobs that nobody has asked for.
void start_unasked(jobs_pointer self) {
  if (!self->state.config.leads()) return;
  resume_reembeds(self);
  start_moves(self);
  drop_unfinished(self);
}

Result<Job> begin_reembed(jobs_pointer self, const ReembedRequest& request,
                          std::uint64_t fingerprint) {
  const auto route = self->state.routes.find(request.collection);
  if (!route) return route.error();
  return start(self, kReembed, **route, ReembedWork{request, fingerprint});
}

/// Where none is given, the dimension is that of the vectors the endpoint gives now.
caf::result<Job> ask_dimension(jobs_pointer self, ReembedRequest request) {
  const sure_promise<Job> promise(self);
  if (!self->state.parts)
    return to_caf(Error{ErrorCode::kUnavailable, "the embedder has not been started yet"});
  const auto deadline = Deadline::in(self->clock().now(), kProbeTimeout);
  self->request(self->state.parts->embedder, kProbeTimeout, embed_atom_v,
                embed_request{request.embedder, 0, {std::string(kProbeText)}, deadline})
      .then(
          [=](const embed_reply& reply) mutable {
            request.dimension = static_cast<std::uint32_t>(reply.vectors.at(0).size());
            auto job = begin_reembed(self, request, 0);
            if (!job) return refuse(promise, job.error());
            promise.deliver(std::move(*job));
          },
          [=](caf::error& error) mutable { promise.deliver(to_caf(from_caf(error))); });
  return promise;
}

Status check(const ReembedRequest& request) {
  if (request.embedder == "none") {
    return invalid(
        "embedder 'none' makes no vectors: a collection whose vectors come from its clients is "
        "made "
        "anew, not embedded anew");
  }
  if (const auto checked = validate_embedder(request.embedder); !checked) return checked;
  if (request.dimension <= kDimensionMax) return {};
  return invalid(fmt::format("dimension is {}, must be 1 to {}", request.dimension, kDimensionMax));
}

caf::result<Job> start_reembed(jobs_pointer self, ReembedRequest request) {
  if (const auto checked = check(request); !checked) return to_caf(checked.error());
  const auto route = self->state.routes.find(request.collection);
  if (!route) return to_caf(route.error());
  const auto embedder = text::open_embedder(request.embedder, request.dimension);
  if (!embedder) return to_caf(embedder.error());
  if (text::is_endpoint(request.embedder) && request.dimension == 0)
    return ask_dimension(self, std::move(request));
  if (!*embedder && !text::is_endpoint(request.embedder)) {
    return to_caf(invalid(fmt::format("embedder '{}' makes no vectors of {} dimensions",
                                      request.embedder, request.dimension)));
  }
  if (*embedder) request.dimension = (*embedder)->dimension();
  return to_caf(begin_reembed(self, request, text::fingerprint_of(*embedder)));
}

/// Nobody shall move documents to the centroids as they are now.
void give_up_moves(jobs_pointer self, CollectionId collection) {
  const auto routes = self->state.routes.all();
  if (!routes) return;
  for (const auto& route : *routes) {
    if (route->id == collection && route->placement)
      self->state.given_up[collection] = route->placement->centroids().seq;
  }
}

caf::result<Job> cancel(jobs_pointer self, const std::string& id) {
  const auto job = self->state.jobs.ask_to_stop(id);
  const auto running = self->state.running.find(id);
  if (running == self->state.running.end()) return to_caf(job);
  running->second.stop.request_stop();
  if (job && job->kind == kCentroids) give_up_moves(self, running->second.collection);
  self->send(running->second.worker, cancel_atom_v);
  return to_caf(job);
}

/// A worker that has died, or failed for good, leaves what it has staged: that is to end.
void end_reembed(jobs_pointer self, CollectionId collection) {
  const auto routes = self->state.routes.all();
  if (!routes) return;
  for (const auto& route : *routes) {
    if (route->id == collection && route->origin.next)
      self->state.to_end.insert(route->origin.next->generation);
  }
}

void worker_gone(jobs_pointer self, const caf::down_msg& down) {
  auto& running = self->state.running;
  const auto found = std::find_if(running.begin(), running.end(), [&](const auto& job) {
    return job.second.worker.address() == down.source;
  });
  if (found == running.end()) return;
  self->state.jobs.lost(found->first, down.reason ? from_caf(down.reason).detail : "no result");
  const auto job = self->state.jobs.find(found->first);
  answer_waiting(self, found->first, {});
  if (self->state.planned.job == found->first) backup_lost(self);
  if (job && job->kind == kReembed && job->state != JobState::kDone)
    end_reembed(self, found->second.collection);
  if (found->second.moves_only && job && job->state == JobState::kFailed)
    give_up_moves(self, found->second.collection);
  running.erase(found);
  tell_counts(self);
  start_unasked(self);
}

/// Whoever has just begun to lead takes up what the one before has left.
void tick(jobs_pointer self) {
  const bool leads = self->state.config.leads();
  if (!std::exchange(self->state.led, leads) && leads) start_unasked(self);
  if (leads) drop_unfinished(self);
  if (leads) start_due_backup(self);
  self->delayed_send(self, kJobsTick, tick_atom_v);
}

}  // namespace

Result<Job> start_job(jobs_pointer self, const std::string& kind, const collection_route* route,
                      std::string about, job_work work) {
  auto& state = self->state;
  const auto collection = route != nullptr ? route->id : CollectionId{};
  auto job = state.jobs.start(kind, collection, std::move(about), not_beside(kind));
  if (!job) return job;
  tell_counts(self);
  std::stop_source stop;
  const bool moves_only = std::holds_alternative<MoveOptions>(work);
  job_config config{job->id, route != nullptr ? route->settings.name : "", std::move(work), self,
                    stop.get_token()};
  config.files = state.config.files;
  if (const auto& watch = state.config.watch)
    config.room = [watch] { return watch->check(cluster::WriteKind::kGrow); };
  const auto worker = state.config.start_worker(self, std::move(config));
  self->monitor(worker);
  state.running.emplace(job->id, jobs_state::running_job{collection, worker, stop, moves_only});
  if (route != nullptr) {
    introduce(self, worker, *route);
  } else {
    self->send(worker, parts_atom_v, state.parts);
  }
  self->send(worker, start_atom_v);
  return job;
}

caf::result<Job> start_awaited(jobs_pointer self, const std::string& kind,
                               const collection_route* route, std::string about, job_work work) {
  const auto job = start_job(self, kind, route, std::move(about), std::move(work));
  if (!job) return to_caf(job.error());
  const sure_promise<Job> promise(self);
  self->state.waiting[job->id] = promise;
  return promise;
}

jobs_actor::behavior_type jobs(jobs_pointer self, std::string node, metrics::NodeMetricsPtr metrics,
                               write_watch_ptr watch, job_files files, backup_plan plan,
                               std::function<bool()> leads) {
  return jobs_with(self, {std::move(node), random_token(),
                          [](caf::scheduled_actor* parent, job_config job) {
                            if (std::holds_alternative<PageRankOptions>(job.work))
                              return parent->spawn<caf::detached>(pagerank_job, std::move(job));
                            if (std::holds_alternative<ReembedWork>(job.work))
                              return parent->spawn<caf::detached>(reembed_job, std::move(job));
                            if (std::holds_alternative<SnapshotWork>(job.work))
                              return parent->spawn<caf::detached>(snapshot_job, std::move(job));
                            if (std::holds_alternative<BackupWork>(job.work))
                              return parent->spawn<caf::detached>(backup_job, std::move(job));
                            if (std::holds_alternative<RestoreWork>(job.work))
                              return parent->spawn<caf::detached>(restore_job, std::move(job));
                            return parent->spawn<caf::detached>(centroid_job, std::move(job));
                          },
                          std::move(metrics), std::move(watch), std::move(files), std::move(plan),
                          [](caf::scheduled_actor* parent, job_files store) {
                            return parent->spawn<caf::detached>(backup_lister, std::move(store));
                          },
                          std::move(leads)});
}

jobs_actor::behavior_type jobs_with(jobs_pointer self, jobs_config config) {
  die_with_reason(self);
  self->state.routes = Routes(config.node);
  self->state.jobs = cluster::JobRegister(config.token);
  self->state.config = std::move(config);
  tell_counts(self);
  self->delayed_send(self, kJobsTick, tick_atom_v);
  self->set_down_handler([=](caf::down_msg& down) { worker_gone(self, down); });
  return {
      [=](opened_atom, const collection_opened& x) {
        self->state.routes.opened(x);
        tell_workers(self, x.collection, opened_atom_v, x);
        start_unasked(self);
      },
      [=](dropped_atom, CollectionId id) {
        self->state.routes.dropped(id);
        self->state.given_up.erase(id);
        tell_workers(self, id, dropped_atom_v, id);
      },
      [=](up_atom, const shard_key& key, const std::vector<searcher_actor>& x) {
        self->state.routes.up(key, x);
        tell_workers(self, key.collection, up_atom_v, key, x);
      },
      [=](lost_atom, const shard_lost& x) {
        self->state.routes.lost(x);
        tell_workers(self, x.key.collection, lost_atom_v, x);
      },
      [=](replicas_atom, const shard_key& key, const far_shards_actor& x) {
        self->state.routes.far_up(key, x);
        tell_workers(self, key.collection, replicas_atom_v, key, x);
      },
      [=](lost_atom, const shard_key& key) {
        self->state.routes.far_lost(key);
        tell_workers(self, key.collection, lost_atom_v, key);
      },
      [=](cut_atom, const cut_moved& x) { self->state.routes.cut(x); },
      [=](behind_atom, const shard_key& key, bool is) { self->state.routes.behind(key, is); },
      [=](introduced_atom) {
        self->state.routes.introduced();
        start_unasked(self);
      },
      [=](parts_atom, const node_parts_ptr& parts) { take_parts(self, parts); },
      [=](pagerank_atom, const PageRankRequest& request) { return start_pagerank(self, request); },
      [=](train_atom, const TrainRequest& request) { return start_training(self, request); },
      [=](reembed_atom, const ReembedRequest& request) { return start_reembed(self, request); },
      [=](list_atom) { return jobs_reply{self->state.jobs.list()}; },
      [=](read_atom, const std::string& id) { return to_caf(self->state.jobs.find(id)); },
      [=](cancel_atom, const std::string& id) { return cancel(self, id); },
      [=](progress_atom, const job_progress& x) {
        self->state.jobs.progress(x.id, x.progress, x.detail);
      },
      [=](ended_atom, const job_ended& x) {
        self->state.jobs.end(x.id, x.state, x.detail, x.result);
        tell_counts(self);
        answer_waiting(self, x.id, x.error);
        backup_ended(self, x);
      },
      [=](snapshot_atom, const SnapshotRequest& x) { return create_snapshot(self, x); },
      [=](list_atom, const std::string& collection) { return list_snapshots(self, collection); },
      [=](drop_atom, const drop_snapshot_request& x) { return drop_snapshot(self, x); },
      [=](prune_atom, const PruneRequest& x) { return prune_snapshots(self, x); },
      [=](backup_atom, const BackupRequest& x) { return create_backup(self, x); },
      [=](list_atom, const BackupListRequest& x) { return list_backups(self, x); },
      [=](restore_atom, const RestoreRequest& x) { return restore(self, x); },
      [=](tick_atom) { tick(self); },
      [=](fault_atom, const FaultRequest& x) { self->state.faults.inject(x); },
  };
}

}  // namespace mosaic::actors
