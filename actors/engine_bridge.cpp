#include "actors/engine_bridge.hpp"

namespace mosaic::actors {
namespace {

using cluster::WriteKind;

/// Who waits for an answer, and his place behind the door, which he leaves before he hears it.
template <class T>
struct caller {
  Done<T> done;
  std::shared_ptr<door_pass> pass;

  void hear(Result<T> answer) {
    pass.reset();
    done(std::move(answer));
  }
};

std::function<metrics::DoorState()> state_of(const door_ptr& door) {
  return [door] {
    const auto state = door->state(std::chrono::steady_clock::now());
    return metrics::DoorState{state.in_flight, state.limit, state.overloaded, state.refusals};
  };
}

constexpr auto kAsIs = [](auto& reply) { return std::move(reply); };

constexpr auto kCoordinator = [](front_parts& parts) { return parts.coordinator(); };
constexpr auto kIngest = [](front_parts& parts) { return parts.ingest(); };
constexpr auto kJobs = [](front_parts& parts) { return parts.known->job_desk; };
constexpr auto kMembership = [](front_parts& parts) { return parts.known->membership; };
constexpr auto kSupervisor = [](front_parts& parts) { return parts.known->supervisor; };

caf::strong_actor_ptr make_gateway(caf::actor_system& system) {
  caf::actor_config config;
  return caf::make_actor<gateway, caf::strong_actor_ptr>(system.next_actor_id(), system.node(),
                                                         &system, config);
}

}  // namespace

EngineBridge::EngineBridge(caf::actor_system& system, const NodeSettings& settings,
                           std::size_t cores, metrics::NodeMetricsPtr metrics, usage_source usage)
    : metrics_(std::move(metrics)),
      doors_{
          std::make_shared<cluster::Admission>(cluster::admission_limits(settings.search, cores)),
          std::make_shared<cluster::Admission>(
              cluster::AdmissionLimits{settings.write.in_flight_max, settings.write.in_flight_max}),
          std::chrono::milliseconds(settings.search.timeout_ms),
          std::make_shared<write_watch>(settings.limits, std::move(usage), metrics_)},
      gateway_(make_gateway(system)) {
  metrics_->admission.watch(metrics::Door::kSearch, state_of(doors_.searches));
  metrics_->admission.watch(metrics::Door::kWrite, state_of(doors_.writes));
}

EngineBridge::~EngineBridge() {
  through().close();
}

template <class Reply, class Value, class Choose, class Convert, class... Message>
void EngineBridge::ask(const way_in& way, Choose choose, std::chrono::milliseconds timeout,
                       Done<Value> done, Convert convert, Message... message) {
  auto pass = enter(way, std::chrono::steady_clock::now());
  if (!pass) return done(pass.error());
  const auto waiting =
      std::make_shared<caller<Value>>(caller<Value>{std::move(done), std::move(*pass)});
  through().ask<Reply>(
      choose, timeout, [=](Reply& reply) { waiting->hear(convert(reply)); },
      [=](caf::error& error) { waiting->hear(from_caf(error)); }, std::move(message)...);
}

void EngineBridge::put_collection(CollectionSettings settings, Done<CollectionPut> done,
                                  RequestId request) {
  ask<CollectionPut>(to_write(WriteKind::kGrow), kIngest, kCatalogGuard, std::move(done), kAsIs,
                     create_atom_v, std::move(settings), request);
}

void EngineBridge::patch_collection(std::string name, CollectionPatch patch,
                                    Done<CollectionInfo> done, RequestId request) {
  ask<CollectionInfo>(to_write(WriteKind::kGrow), kIngest, kCatalogGuard, std::move(done), kAsIs,
                      patch_atom_v, patch_request{std::move(name), std::move(patch)}, request);
}

void EngineBridge::drop_collection(std::string name, Done<Seq> done, RequestId request) {
  ask<append_reply>(
      to_write(WriteKind::kDrop), kIngest, kCatalogGuard, std::move(done),
      [](append_reply& reply) { return reply.seq; }, drop_atom_v, std::move(name), request);
}

void EngineBridge::get_collection(std::string name, Done<CollectionInfo> done) {
  ask<CollectionInfo>({}, kCoordinator, kReadGuard, std::move(done), kAsIs, info_atom_v,
                      std::move(name));
}

void EngineBridge::list_collections(Done<std::vector<CollectionInfo>> done) {
  ask<collections_reply>(
      {}, kCoordinator, kReadGuard, std::move(done),
      [](collections_reply& reply) { return std::move(reply.collections); }, info_atom_v);
}

void EngineBridge::upsert(UpsertRequest upsert, Done<UpsertReply> done, RequestId request) {
  ask<UpsertReply>(to_write(WriteKind::kGrow), kIngest, kWriteGuard, std::move(done), kAsIs,
                   upsert_atom_v, std::move(upsert), request);
}

void EngineBridge::remove(DeleteRequest removal, Done<DeleteReply> done, RequestId request) {
  ask<DeleteReply>(to_write(WriteKind::kDelete), kIngest, kWriteGuard, std::move(done), kAsIs,
                   remove_atom_v, std::move(removal), request);
}

void EngineBridge::get_document(GetRequest request, Done<StoredDocument> done) {
  ask<StoredDocument>(doors_.searches, kCoordinator, kReadGuard, std::move(done), kAsIs,
                      read_atom_v, std::move(request));
}

void EngineBridge::list_documents(ListRequest request, Done<ListReply> done) {
  ask<ListReply>(doors_.searches, kCoordinator, kReadGuard, std::move(done), kAsIs, list_atom_v,
                 std::move(request));
}

void EngineBridge::search(SearchRequest request, Done<SearchReply> done) {
  // A coordinator answers in time by itself, unless it is what fails.
  const auto timeout = request.timeout_ms == 0 ? doors_.search_timeout
                                               : std::chrono::milliseconds(request.timeout_ms);
  ask<SearchReply>(doors_.searches, kCoordinator, timeout, std::move(done), kAsIs, search_atom_v,
                   std::move(request));
}

void EngineBridge::start_pagerank(PageRankRequest request, Done<Job> done) {
  ask<Job>(to_write(WriteKind::kGrow), kJobs, kReadGuard, std::move(done), kAsIs, pagerank_atom_v,
           std::move(request));
}

void EngineBridge::get_centroids(std::string collection, Done<Centroids> done) {
  ask<Centroids>({}, kCoordinator, kReadGuard, std::move(done), kAsIs, centroids_atom_v,
                 std::move(collection));
}

void EngineBridge::put_centroids(CentroidsRequest centroids, Done<Centroids> done,
                                 RequestId request) {
  ask<Centroids>(to_write(WriteKind::kGrow), kIngest, kCatalogGuard, std::move(done), kAsIs,
                 centroids_atom_v, std::move(centroids), request);
}

void EngineBridge::train_centroids(TrainRequest request, Done<Job> done) {
  ask<Job>(to_write(WriteKind::kGrow), kJobs, kReadGuard, std::move(done), kAsIs, train_atom_v,
           std::move(request));
}

void EngineBridge::reembed(ReembedRequest request, Done<Job> done) {
  ask<Job>(to_write(WriteKind::kGrow), kJobs, kReadGuard, std::move(done), kAsIs, reembed_atom_v,
           std::move(request));
}

void EngineBridge::create_snapshot(SnapshotRequest request, Done<Job> done) {
  ask<Job>(to_write(WriteKind::kGrow), kJobs, kFilesGuard, std::move(done), kAsIs, snapshot_atom_v,
           std::move(request));
}

void EngineBridge::list_snapshots(std::string collection, Done<std::vector<Snapshot>> done) {
  ask<snapshots_reply>(
      {}, kJobs, kReadGuard, std::move(done),
      [](snapshots_reply& reply) { return std::move(reply.snapshots); }, list_atom_v,
      std::move(collection));
}

void EngineBridge::drop_snapshot(std::string collection, std::string name,
                                 Done<PrunedSnapshots> done) {
  ask<PrunedSnapshots>(to_write(WriteKind::kDrop), kJobs, kCatalogGuard, std::move(done), kAsIs,
                       drop_atom_v, drop_snapshot_request{std::move(collection), std::move(name)});
}

void EngineBridge::prune_snapshots(PruneRequest request, Done<PrunedSnapshots> done) {
  ask<PrunedSnapshots>(to_write(WriteKind::kDrop), kJobs, kCatalogGuard, std::move(done), kAsIs,
                       prune_atom_v, std::move(request));
}

void EngineBridge::create_backup(BackupRequest request, Done<Job> done) {
  ask<Job>(to_write(WriteKind::kGrow), kJobs, kFilesGuard, std::move(done), kAsIs, backup_atom_v,
           std::move(request));
}

void EngineBridge::restore(RestoreRequest request, Done<Job> done) {
  ask<Job>(to_write(WriteKind::kGrow), kJobs, kFilesGuard, std::move(done), kAsIs, restore_atom_v,
           std::move(request));
}

void EngineBridge::list_backups(BackupListRequest request, Done<std::vector<Backup>> done) {
  ask<backups_reply>(
      {}, kJobs, kFilesGuard, std::move(done),
      [](backups_reply& reply) { return std::move(reply.backups); }, list_atom_v,
      std::move(request));
}

void EngineBridge::list_jobs(Done<std::vector<Job>> done) {
  ask<jobs_reply>(
      {}, kJobs, kReadGuard, std::move(done),
      [](jobs_reply& reply) { return std::move(reply.jobs); }, list_atom_v);
}

void EngineBridge::get_job(std::string id, Done<Job> done) {
  ask<Job>({}, kJobs, kReadGuard, std::move(done), kAsIs, read_atom_v, std::move(id));
}

void EngineBridge::cancel_job(std::string id, Done<Job> done) {
  ask<Job>({}, kJobs, kReadGuard, std::move(done), kAsIs, cancel_atom_v, std::move(id));
}

Result<std::optional<RememberedAnswer>> EngineBridge::recall(const RequestId& request) {
  if (!recall_) return std::optional<RememberedAnswer>();
  return recall_(request);
}

void EngineBridge::remember(RememberedAnswer answer, Done<void> done) {
  through().ask<append_reply>(
      kIngest, kCatalogGuard, [done](append_reply&) { done({}); },
      [done](caf::error& error) { done(from_caf(error)); }, remember_atom_v, std::move(answer));
}

void EngineBridge::health(Done<Health> done) {
  ask<Health>({}, kSupervisor, kReadGuard, std::move(done), kAsIs, health_atom_v);
}

void EngineBridge::cluster(Done<ClusterStatus> done) {
  ask<ClusterStatus>({}, kMembership, kReadGuard, std::move(done), kAsIs, cluster_atom_v);
}

void EngineBridge::remove_node(std::string name, Done<ClusterStatus> done) {
  ask<ClusterStatus>({}, kMembership, kReadGuard, std::move(done), kAsIs, leader_atom_v,
                     forget_atom_v, std::move(name));
}

void EngineBridge::promote_node(std::string name, Done<ClusterStatus> done) {
  ask<ClusterStatus>({}, kMembership, kReadGuard, std::move(done), kAsIs, leader_atom_v,
                     promote_atom_v, std::move(name));
}

void EngineBridge::announce(std::string http_address) {
  through().ask<caf::unit_t>(
      kMembership, kReadGuard, [](caf::unit_t&) {}, [](caf::error&) {}, address_atom_v,
      std::move(http_address));
}

void EngineBridge::inject_fault(FaultRequest request, Done<void> done) {
  through().ask<caf::unit_t>(
      [this](front_parts&) { return root_; }, kReadGuard, [done](caf::unit_t&) { done({}); },
      [done](caf::error& error) { done(from_caf(error)); }, fault_atom_v, std::move(request));
}

}  // namespace mosaic::actors
