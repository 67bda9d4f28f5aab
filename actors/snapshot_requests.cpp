#include "actors/snapshot_requests.hpp"

#include <algorithm>

#include "base/log.hpp"

namespace mosaic::actors {
namespace {

std::vector<Snapshot> kept_of(const collection_route& route) {
  std::vector<Snapshot> kept;
  for (const auto& record : *route.snapshots) {
    if (record.kept) kept.push_back(record.snapshot);
  }
  std::sort(kept.begin(), kept.end(),
            [](const Snapshot& a, const Snapshot& b) { return a.seq > b.seq; });
  return kept;
}

/// Begun or kept.
const SnapshotRecord* find(const collection_route& route, const std::string& name) {
  const auto& records = *route.snapshots;
  const auto found = std::find_if(records.begin(), records.end(),
                                  [&](const auto& record) { return record.snapshot.name == name; });
  return found == records.end() ? nullptr : &*found;
}

Status check_free(const collection_route& route, const std::string& name) {
  const auto* present = find(route, name);
  if (present == nullptr) return {};
  return Error{ErrorCode::kAlreadyExists,
               fmt::format("snapshot '{}' of collection '{}' {}", name, route.settings.name,
                           present->kept ? "exists already" : "is just being made or dropped")};
}

/// From the time, and unlike any that there is.
std::string free_name(const collection_route& route, std::int64_t now_ms) {
  while (find(route, snapshot_name_at(now_ms)) != nullptr) ++now_ms;
  return snapshot_name_at(now_ms);
}

/// Appends the entry that drops a snapshot; `then` hears of it exactly once.
void append_drop(jobs_pointer self, CollectionId collection, const std::string& name,
                 std::function<void(Result<append_reply>)> then) {
  if (!self->state.parts)
    return then(Error{ErrorCode::kUnavailable, "the log has not been started yet"});
  append_request request{collection,
                         EntryKind::kDropSnapshot,
                         std::make_shared<const std::string>(encode_snapshot_name(name)),
                         {},
                         Deadline::in(self->clock().now(), kJobWriteTimeout)};
  self->request(self->state.parts->log, kJobWriteTimeout + kJobLogGrace, append_atom_v,
                std::move(request))
      .then([=](const append_reply& reply) { then(reply); },
            [=](caf::error& error) { then(from_caf(error)); });
}

/// Whether somebody copies files of the collection.
bool is_being_copied(const jobs_state& state, CollectionId collection) {
  return std::any_of(state.running.begin(), state.running.end(), [&](const auto& entry) {
    if (entry.second.collection != collection) return false;
    const auto job = state.jobs.find(entry.first);
    return job && (job->kind == kSnapshotJob || job->kind == kBackupJob);
  });
}

void drop_once(jobs_pointer self, CollectionId collection, const std::string& name) {
  if (!self->state.dropping.emplace(collection, name).second) return;
  append_drop(self, collection, name, [=](const Result<append_reply>& dropped) {
    self->state.dropping.erase({collection, name});
    if (!dropped && dropped.error().code != ErrorCode::kNotFound) {
      log::warn("snapshot '{}' was begun and not finished, and cannot be dropped yet: {}", name,
                dropped.error().detail);
    }
  });
}

/// What is still to be heard of before a request to prune is answered.
struct pruning {
  std::size_t pending;
  PrunedSnapshots pruned;
  std::optional<Error> failed;
  sure_promise<PrunedSnapshots> promise;

  void heard(const std::string& name, const Result<append_reply>& dropped) {
    if (dropped || dropped.error().code == ErrorCode::kNotFound) {
      pruned.deleted.push_back(name);
    } else {
      failed = dropped.error();
    }
    if (--pending > 0) return;
    failed ? refuse(promise, *failed) : promise.deliver(std::move(pruned));
  }
};

}  // namespace

caf::result<Job> create_snapshot(jobs_pointer self, const SnapshotRequest& request) {
  const auto route = self->state.routes.find(request.collection);
  if (!route) return to_caf(route.error());
  const auto now = self->state.config.files.now_ms();
  const auto name = request.name.empty() ? free_name(**route, now) : request.name;
  if (const auto checked = validate_snapshot_name(name); !checked) return to_caf(checked.error());
  if (const auto free = check_free(**route, name); !free) return to_caf(free.error());
  return start_awaited(self, kSnapshotJob, route->get(),
                       fmt::format("snapshot '{}' of collection '{}'", name, request.collection),
                       SnapshotWork{name, now});
}

caf::result<snapshots_reply> list_snapshots(jobs_pointer self, const std::string& collection) {
  const auto route = self->state.routes.find(collection);
  if (!route) return to_caf(route.error());
  return snapshots_reply{kept_of(**route)};
}

caf::result<PrunedSnapshots> drop_snapshot(jobs_pointer self,
                                           const drop_snapshot_request& request) {
  const auto route = self->state.routes.find(request.collection);
  if (!route) return to_caf(route.error());
  const auto* present = find(**route, request.name);
  if (present == nullptr || !present->kept) {
    return to_caf(
        Error{ErrorCode::kNotFound, fmt::format("snapshot '{}' of collection '{}' does not exist",
                                                request.name, request.collection)});
  }
  auto kept = kept_of(**route);
  std::erase_if(kept, [&](const Snapshot& snapshot) { return snapshot.name == request.name; });
  const sure_promise<PrunedSnapshots> promise(self);
  append_drop(self, (*route)->id, request.name,
              [promise, pruned = PrunedSnapshots{{request.name}, std::move(kept)}](
                  const Result<append_reply>& dropped) {
                dropped ? promise.deliver(pruned) : refuse(promise, dropped.error());
              });
  return promise;
}

caf::result<PrunedSnapshots> prune_snapshots(jobs_pointer self, const PruneRequest& request) {
  const auto route = self->state.routes.find(request.collection);
  if (!route) return to_caf(route.error());
  auto kept = kept_of(**route);
  std::vector<std::string> names;
  for (auto i = std::min<std::size_t>(request.keep, kept.size()); i < kept.size(); ++i)
    names.push_back(kept[i].name);
  kept.resize(kept.size() - names.size());
  if (names.empty()) return PrunedSnapshots{{}, std::move(kept)};
  const auto under_way = std::make_shared<pruning>(
      pruning{names.size(), {{}, std::move(kept)}, {}, sure_promise<PrunedSnapshots>(self)});
  const sure_promise<PrunedSnapshots> promise = under_way->promise;
  for (const auto& name : names) {
    append_drop(self, (*route)->id, name,
                [=](const Result<append_reply>& dropped) { under_way->heard(name, dropped); });
  }
  return promise;
}

void drop_unfinished(jobs_pointer self) {
  const auto routes = self->state.routes.all();
  if (!routes) return;
  for (const auto& route : *routes) {
    if (is_being_copied(self->state, route->id)) continue;
    for (const auto& record : *route->snapshots) {
      if (!record.kept) drop_once(self, route->id, record.snapshot.name);
    }
  }
}

}  // namespace mosaic::actors
