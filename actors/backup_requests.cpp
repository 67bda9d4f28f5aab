#include "actors/backup_requests.hpp"

#include "actors/snapshot_requests.hpp"
#include "base/log.hpp"

namespace mosaic::actors {
namespace {

constexpr const char* kRestoreJob = "restore";
/// Listings at a time, each on a thread of its own.
constexpr std::size_t kListingsMax = 4;
/// The store has timeouts of its own, for each of its requests.
constexpr std::chrono::minutes kListTimeout{10};

/// A name that no collection could have would be refused at the end, after hours.
Status check_name(const std::string& name) {
  CollectionSettings settings;
  settings.name = name;
  return validate(settings);
}

/// What is asked of a store that cannot be opened is refused at once.
Status check_url(const jobs_state& state, const std::string& url) {
  const auto store = state.config.files.open_store(url);
  return store ? Status() : Status(store.error());
}

}  // namespace

caf::result<Job> create_backup(jobs_pointer self, const BackupRequest& request) {
  const auto route = self->state.routes.find(request.collection);
  if (!route) return to_caf(route.error());
  if (const auto checked = check_url(self->state, request.target); !checked)
    return to_caf(checked.error());
  return start_awaited(self, kBackupJob, route->get(),
                       fmt::format("collection '{}'", request.collection),
                       BackupWork{request, self->state.config.files.now_ms()});
}

caf::result<Job> restore(jobs_pointer self, const RestoreRequest& request) {
  const auto& name = request.as.empty() ? request.collection : request.as;
  if (const auto checked = check_name(name); !checked) return to_caf(checked.error());
  if (const auto checked = check_url(self->state, request.source); !checked)
    return to_caf(checked.error());
  RestoreWork work{request, {}};
  const auto present = self->state.routes.find(name);
  if (!present && present.error().code != ErrorCode::kNotFound) return to_caf(present.error());
  if (present && !request.replace) {
    return to_caf(
        Error{ErrorCode::kAlreadyExists, fmt::format("collection '{}' exists already", name)});
  }
  if (present) work.replaces = (*present)->id;
  return start_awaited(self, kRestoreJob, nullptr, fmt::format("collection '{}'", name),
                       std::move(work));
}

caf::result<backups_reply> list_backups(jobs_pointer self, const BackupListRequest& request) {
  auto& state = self->state;
  if (const auto checked = check_url(state, request.target); !checked)
    return to_caf(checked.error());
  if (state.listings >= kListingsMax) {
    return to_caf(Error{ErrorCode::kOverloaded,
                        fmt::format("{} lists of backups are being made", state.listings)});
  }
  ++state.listings;
  const sure_promise<backups_reply> promise(self);
  self->request(state.config.start_lister(self, state.config.files), kListTimeout, list_atom_v,
                request)
      .then(
          [=](backups_reply& reply) {
            --self->state.listings;
            promise.deliver(std::move(reply));
          },
          [=](caf::error& error) {
            --self->state.listings;
            promise.deliver(to_caf(from_caf(error)));
          });
  return promise;
}

void start_due_backup(jobs_pointer self) {
  auto& state = self->state;
  const auto& plan = state.config.plan;
  if (plan.target.empty() || !state.planned.job.empty()) return;
  const auto routes = state.routes.all();
  if (!routes) return;
  const auto now = state.config.files.now_ms();
  for (const auto& route : *routes) {
    const auto since = state.planned.due(plan, route->id, now);
    if (!since) continue;
    BackupWork work{{route->settings.name, plan.target, {}}, now, plan.keep, *since};
    const auto job = start_job(self, kBackupJob, route.get(),
                               fmt::format("collection '{}', by schedule", route->settings.name),
                               std::move(work));
    if (!job) continue;  // something else is under way: at the next tick
    state.planned.job = job->id;
    state.planned.collection = route->id;
    return;
  }
}

void backup_ended(jobs_pointer self, const job_ended& ended) {
  auto& state = self->state;
  const auto job = state.jobs.find(ended.id);
  if (!job || job->kind != kBackupJob) return;
  const bool planned = state.planned.job == ended.id;
  const auto now = state.config.files.now_ms();
  if (ended.state == JobState::kDone) {
    state.config.metrics->backups.completed(ended.made_ms);
    if (planned) state.planned.succeeded(ended.made_ms);
    return;
  }
  if (ended.state == JobState::kFailed) state.config.metrics->backups.failed();
  if (!planned) return;
  log::error("a scheduled backup did not come about, next try in {} s: {}", kBackupRetryMs / 1'000,
             ended.detail);
  state.planned.failed(now);
}

void backup_lost(jobs_pointer self) {
  auto& state = self->state;
  log::error("the worker of a scheduled backup died, next try in {} s", kBackupRetryMs / 1'000);
  state.config.metrics->backups.failed();
  state.planned.failed(state.config.files.now_ms());
}

}  // namespace mosaic::actors
