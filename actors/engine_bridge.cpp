#include "actors/engine_bridge.hpp"

namespace mosaic::actors {
namespace {

using cluster::WriteKind;

/// Calls `done` once, at the latest when the last holder lets go: also when the actors end without
/// an answer. Then somebody else may come in by the door.
template <class T>
class OnceDone {
 public:
  OnceDone(Done<T> done, std::shared_ptr<door_pass> pass)
      : done_(std::move(done)), pass_(std::move(pass)) {}
  OnceDone(const OnceDone&) = delete;
  ~OnceDone() { call(Error{ErrorCode::kUnavailable, "the part that should answer is down"}); }

  void call(Result<T> result) {
    auto done = std::exchange(done_, nullptr);
    if (!done) return;
    pass_.reset();
    done(std::move(result));
  }

 private:
  Done<T> done_;
  std::shared_ptr<door_pass> pass_;
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
constexpr auto kJobs = [](front_parts& parts) { return parts.known->jobs; };
constexpr auto kSupervisor = [](front_parts& parts) { return parts.known->supervisor; };

}  // namespace

EngineBridge::EngineBridge(const NodeSettings& settings, std::size_t cores,
                           metrics::NodeMetricsPtr metrics, usage_source usage)
    : metrics_(std::move(metrics)),
      doors_{
          std::make_shared<cluster::Admission>(cluster::admission_limits(settings.search, cores)),
          std::make_shared<cluster::Admission>(
              cluster::AdmissionLimits{settings.write.in_flight_max, settings.write.in_flight_max}),
          std::chrono::milliseconds(settings.search.timeout_ms),
          std::make_shared<write_watch>(settings.limits, std::move(usage), metrics_)} {
  metrics_->admission.watch(metrics::Door::kSearch, state_of(doors_.searches));
  metrics_->admission.watch(metrics::Door::kWrite, state_of(doors_.writes));
}

void EngineBridge::use(const caf::actor& gateway) {
  const std::lock_guard lock(mutex_);
  gateway_ = gateway;
}

caf::actor EngineBridge::gateway() const {
  const std::lock_guard lock(mutex_);
  return gateway_;
}

template <class Reply, class Value, class Choose, class Convert, class... Message>
void EngineBridge::ask(const way_in& way, Choose choose, std::chrono::milliseconds timeout,
                       Done<Value> done, Convert convert, Message... message) {
  auto pass = enter(way, std::chrono::steady_clock::now());
  if (!pass) return done(pass.error());
  auto once = std::make_shared<OnceDone<Value>>(std::move(done), std::move(*pass));
  auto job = std::make_shared<gateway_job>();
  job->run = [=](gateway_pointer self) mutable {
    request_in_time<Reply>(
        self, choose(self->state.parts), timeout, [=](Reply& reply) { once->call(convert(reply)); },
        [=](caf::error& error) { once->call(from_caf(error)); }, std::move(message)...);
  };
  caf::anon_send(gateway(), std::move(job));
}

void EngineBridge::put_collection(CollectionSettings settings, Done<CollectionPut> done) {
  ask<CollectionPut>(to_write(WriteKind::kGrow), kIngest, kCatalogGuard, std::move(done), kAsIs,
                     create_atom_v, std::move(settings));
}

void EngineBridge::patch_collection(std::string name, CollectionPatch patch,
                                    Done<CollectionInfo> done) {
  ask<CollectionInfo>(to_write(WriteKind::kGrow), kIngest, kCatalogGuard, std::move(done), kAsIs,
                      patch_atom_v, patch_request{std::move(name), std::move(patch)});
}

void EngineBridge::drop_collection(std::string name, Done<Seq> done) {
  ask<append_reply>(
      to_write(WriteKind::kDrop), kIngest, kCatalogGuard, std::move(done),
      [](append_reply& reply) { return reply.seq; }, drop_atom_v, std::move(name));
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

void EngineBridge::upsert(UpsertRequest request, Done<UpsertReply> done) {
  ask<UpsertReply>(to_write(WriteKind::kGrow), kIngest, kWriteGuard, std::move(done), kAsIs,
                   upsert_atom_v, std::move(request));
}

void EngineBridge::remove(DeleteRequest request, Done<DeleteReply> done) {
  ask<DeleteReply>(to_write(WriteKind::kDelete), kIngest, kWriteGuard, std::move(done), kAsIs,
                   remove_atom_v, std::move(request));
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

void EngineBridge::put_centroids(CentroidsRequest request, Done<Centroids> done) {
  ask<Centroids>(to_write(WriteKind::kGrow), kIngest, kCatalogGuard, std::move(done), kAsIs,
                 centroids_atom_v, std::move(request));
}

void EngineBridge::train_centroids(TrainRequest request, Done<Job> done) {
  ask<Job>(to_write(WriteKind::kGrow), kJobs, kReadGuard, std::move(done), kAsIs, train_atom_v,
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

void EngineBridge::health(Done<Health> done) {
  ask<Health>({}, kSupervisor, kReadGuard, std::move(done), kAsIs, health_atom_v);
}

void EngineBridge::inject_fault(FaultRequest request, Done<void> done) {
  auto once = std::make_shared<OnceDone<void>>(std::move(done), nullptr);
  auto job = std::make_shared<gateway_job>();
  job->run = [=, root = root_](gateway_pointer self) {
    self->request(root, kReadGuard, fault_atom_v, request)
        .then([=] { once->call({}); }, [=](caf::error& error) { once->call(from_caf(error)); });
  };
  caf::anon_send(gateway(), std::move(job));
}

}  // namespace mosaic::actors
