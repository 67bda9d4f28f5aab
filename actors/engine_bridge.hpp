// The engine port over actors: what HTTP talks to. Lets in only as many requests as the node can
// work on, and sends those through a gateway.
#pragma once

#include "actors/gateway.hpp"
#include "base/node_settings.hpp"
#include "metrics/node_metrics.hpp"
#include "mosaic/engine.hpp"

namespace mosaic::actors {

class EngineBridge final : public Engine {
 public:
  /// `usage` is what the limits of memory and disk are held against.
  EngineBridge(caf::actor_system& system, const NodeSettings& settings, std::size_t cores,
               metrics::NodeMetricsPtr metrics, usage_source usage);
  ~EngineBridge() override;

  /// Whom to ask from now on; `root` takes faults.
  void use(node_parts_ptr parts) { through().use(std::move(parts)); }
  void use_root(const faulty_actor& root) { root_ = root; }
  /// What answers are remembered; asked from any thread.
  using recall_source =
      std::function<Result<std::optional<RememberedAnswer>>(const RequestId& request)>;
  void recall_from(recall_source source) { recall_ = std::move(source); }
  /// Others find the HTTP server of this node there.
  void announce(std::string http_address);
  /// Who comes in another way comes in by the same doors.
  const engine_doors& doors() const { return doors_; }

  void put_collection(CollectionSettings settings, Done<CollectionPut> done,
                      RequestId request = {}) override;
  void patch_collection(std::string name, CollectionPatch patch, Done<CollectionInfo> done,
                        RequestId request = {}) override;
  void drop_collection(std::string name, Done<Seq> done, RequestId request = {}) override;
  void get_collection(std::string name, Done<CollectionInfo> done) override;
  void list_collections(Done<std::vector<CollectionInfo>> done) override;
  void upsert(UpsertRequest upsert, Done<UpsertReply> done, RequestId request = {}) override;
  void remove(DeleteRequest removal, Done<DeleteReply> done, RequestId request = {}) override;
  void get_document(GetRequest request, Done<StoredDocument> done) override;
  void list_documents(ListRequest request, Done<ListReply> done) override;
  void search(SearchRequest request, Done<SearchReply> done) override;
  void start_pagerank(PageRankRequest request, Done<Job> done) override;
  void get_centroids(std::string collection, Done<Centroids> done) override;
  void put_centroids(CentroidsRequest centroids, Done<Centroids> done,
                     RequestId request = {}) override;
  void train_centroids(TrainRequest request, Done<Job> done) override;
  void reembed(ReembedRequest request, Done<Job> done) override;
  void create_snapshot(SnapshotRequest request, Done<Job> done) override;
  void list_snapshots(std::string collection, Done<std::vector<Snapshot>> done) override;
  void drop_snapshot(std::string collection, std::string name, Done<PrunedSnapshots> done) override;
  void prune_snapshots(PruneRequest request, Done<PrunedSnapshots> done) override;
  void create_backup(BackupRequest request, Done<Job> done) override;
  void restore(RestoreRequest request, Done<Job> done) override;
  void list_backups(BackupListRequest request, Done<std::vector<Backup>> done) override;
  void list_jobs(Done<std::vector<Job>> done) override;
  void get_job(std::string id, Done<Job> done) override;
  void cancel_job(std::string id, Done<Job> done) override;
  Result<std::optional<RememberedAnswer>> recall(const RequestId& request) override;
  void remember(RememberedAnswer answer, Done<void> done) override;
  void health(Done<Health> done) override;
  void cluster(Done<ClusterStatus> done) override;
  void remove_node(std::string name, Done<ClusterStatus> done) override;
  void promote_node(std::string name, Done<ClusterStatus> done) override;
  void inject_fault(FaultRequest request, Done<void> done) override;

 private:
  /// Asks whom `choose` picks of the node's parts and calls `done` with what `convert` makes of the
  /// Reply, or with an Error; at once when `door` is shut. Without a door everybody comes in.
  template <class Reply, class Value, class Choose, class Convert, class... Message>
  void ask(const way_in& way, Choose choose, std::chrono::milliseconds timeout, Done<Value> done,
           Convert convert, Message... message);
  gateway& through() const { return static_cast<gateway&>(*gateway_->get()); }
  way_in to_write(cluster::WriteKind kind) const { return {doors_, kind}; }

  const metrics::NodeMetricsPtr metrics_;
  const engine_doors doors_;
  const caf::strong_actor_ptr gateway_;
  faulty_actor root_;
  recall_source recall_;
};

}  // namespace mosaic::actors
