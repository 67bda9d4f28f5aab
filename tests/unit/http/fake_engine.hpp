// An engine that remembers what it was asked and answers what a test tells it to.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "mosaic/engine.hpp"

namespace mosaic::http {

class FakeEngine : public Engine {
 public:
  void put_collection(CollectionSettings settings, Done<CollectionPut> done,
                      RequestId request = {}) override {
    named.push_back(request);
    put = settings;
    if (error) return done(*error);
    done(CollectionPut{info_of(std::move(settings)), created});
  }
  void patch_collection(std::string name, CollectionPatch patch, Done<CollectionInfo> done,
                        RequestId request = {}) override {
    named.push_back(request);
    patched_with = std::move(patch);
    get_collection(std::move(name), std::move(done));
  }
  void drop_collection(std::string, Done<Seq> done, RequestId request = {}) override {
    named.push_back(request);
    give(Seq{7}, done);
  }
  void get_collection(std::string name, Done<CollectionInfo> done) override {
    CollectionSettings settings;
    settings.name = std::move(name);
    give(info_of(std::move(settings)), done);
  }
  void list_collections(Done<std::vector<CollectionInfo>> done) override {
    give(std::vector<CollectionInfo>{info_of({})}, done);
  }
  void upsert(UpsertRequest upsert, Done<UpsertReply> done, RequestId request = {}) override {
    named.push_back(request);
    const auto count = upsert.documents.size();
    upserted = std::move(upsert);
    if (hold_upserts) return held_upserts.push_back(std::move(done));
    give(UpsertReply{count, 9, true}, done);
  }
  void remove(DeleteRequest removal, Done<DeleteReply> done, RequestId request = {}) override {
    named.push_back(request);
    removed = std::move(removal);
    give(DeleteReply{1, 10, true}, done);
  }
  void get_document(GetRequest request, Done<StoredDocument> done) override {
    asked = std::move(request);
    give(document, done);
  }
  void list_documents(ListRequest request, Done<ListReply> done) override {
    listed.push_back(request);
    if (list_error_at && listed.size() > *list_error_at) {
      return done(Error{ErrorCode::kUnavailable, "shard 1 is down"});
    }
    if (error) return done(*error);
    if (pages.empty()) return done(ListReply{});
    const auto page = request.cursor.empty() ? 0 : std::stoul(request.cursor);
    done(pages.at(page));
  }
  void search(SearchRequest request, Done<SearchReply> done) override {
    {
      const std::lock_guard lock(mutex);
      searches.push_back(std::move(request));
      if (hold) held.push_back(std::move(done));
      changed.notify_all();
      if (hold) return;
    }
    const auto& query = searches.back().query;
    if (query == "fail") return done(invalid("query is odd"));
    give(reply, done);
  }
  void start_pagerank(PageRankRequest request, Done<Job> done) override {
    ranked = std::move(request);
    give(job, done);
  }
  void get_centroids(std::string collection, Done<Centroids> done) override {
    centred.collection = std::move(collection);
    give(centroids, done);
  }
  void put_centroids(CentroidsRequest wanted, Done<Centroids> done,
                     RequestId request = {}) override {
    named.push_back(request);
    centred = std::move(wanted);
    give(centroids, done);
  }
  void train_centroids(TrainRequest request, Done<Job> done) override {
    trained = std::move(request);
    give(job, done);
  }
  void reembed(ReembedRequest request, Done<Job> done) override {
    reembedded = std::move(request);
    give(job, done);
  }
  void create_snapshot(SnapshotRequest request, Done<Job> done) override {
    snapshot = std::move(request);
    give(job, done);
  }
  void list_snapshots(std::string collection, Done<std::vector<Snapshot>> done) override {
    snapshot.collection = std::move(collection);
    give(snapshots, done);
  }
  void drop_snapshot(std::string collection, std::string name,
                     Done<PrunedSnapshots> done) override {
    snapshot = {std::move(collection), name};
    give(PrunedSnapshots{{std::move(name)}, {}}, done);
  }
  void prune_snapshots(PruneRequest request, Done<PrunedSnapshots> done) override {
    pruned = std::move(request);
    give(PrunedSnapshots{{"old"}, snapshots}, done);
  }
  void create_backup(BackupRequest request, Done<Job> done) override {
    backed_up = std::move(request);
    give(job, done);
  }
  void restore(RestoreRequest request, Done<Job> done) override {
    restored = std::move(request);
    give(job, done);
  }
  void list_backups(BackupListRequest request, Done<std::vector<Backup>> done) override {
    backups_asked = std::move(request);
    give(backups, done);
  }
  void list_jobs(Done<std::vector<Job>> done) override { give(std::vector<Job>{job}, done); }
  void get_job(std::string id, Done<Job> done) override { give(job_named(std::move(id)), done); }
  void cancel_job(std::string id, Done<Job> done) override {
    cancelled = id;
    give(job_named(std::move(id)), done);
  }
  Result<std::optional<RememberedAnswer>> recall(const RequestId& request) override {
    if (recall_error) return *recall_error;
    const auto found = remembered.find(request);
    return found == remembered.end() ? std::nullopt : std::optional(found->second);
  }
  void remember(RememberedAnswer answer, Done<void> done) override {
    if (remember_error) return done(*remember_error);
    remembered[answer.request] = std::move(answer);
    done({});
  }
  void health(Done<Health> done) override {
    done(health_error ? Result<Health>(*health_error) : Result<Health>(health_now));
  }
  void cluster(Done<ClusterStatus> done) override { give(cluster_now, done); }
  void remove_node(std::string name, Done<ClusterStatus> done) override {
    removed_node = std::move(name);
    give(cluster_now, done);
  }
  void promote_node(std::string name, Done<ClusterStatus> done) override {
    promoted_node = std::move(name);
    give(cluster_now, done);
  }
  void inject_fault(FaultRequest request, Done<void> done) override {
    injected = std::move(request);
    done(error ? Status(*error) : Status());
  }

  /// Waits until so many searches are held.
  void wait_for_held(std::size_t count) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return held.size() >= count; });
  }

  static SearchReply reply_at(Seq seq) {
    SearchReply reply;
    reply.seq = seq;
    return reply;
  }

  static CollectionInfo info_of(CollectionSettings settings) {
    CollectionInfo info;
    info.settings = std::move(settings);
    info.documents = 5;
    auto& shard = info.shards.emplace_back();
    shard.node = "n1";
    shard.state = ShardState::kUp;
    shard.documents = 5;
    return info;
  }

  std::optional<Error> error;
  std::vector<RequestId> named;  ///< what each write was asked for under
  std::map<RequestId, RememberedAnswer> remembered;
  std::optional<Error> recall_error;
  std::optional<Error> remember_error;
  bool hold_upserts = false;
  std::vector<Done<UpsertReply>> held_upserts;
  bool created = true;
  CollectionSettings put;
  CollectionPatch patched_with;
  UpsertRequest upserted;
  DeleteRequest removed;
  GetRequest asked;
  StoredDocument document;
  std::vector<ListRequest> listed;
  std::vector<ListReply> pages;
  std::optional<std::size_t> list_error_at;
  SearchReply reply;
  Job job{"7", "pagerank", JobState::kRunning, 0.5, "round 3", {}};
  PageRankRequest ranked;
  Centroids centroids{8, {{1, 2.5F}, {-3, 0}}, false, {0.75, 1}};
  CentroidsRequest centred;
  TrainRequest trained;
  ReembedRequest reembedded;
  SnapshotRequest snapshot;
  std::vector<Snapshot> snapshots;
  PruneRequest pruned;
  BackupRequest backed_up;
  RestoreRequest restored;
  BackupListRequest backups_asked;
  std::vector<Backup> backups;
  std::string cancelled;
  FaultRequest injected;
  ClusterStatus cluster_now;
  std::string removed_node;
  std::string promoted_node;
  Health health_now{"0.1.0", "n1", 0, 1, 0, {}, true, {}};
  std::optional<Error> health_error;

  std::mutex mutex;
  std::condition_variable changed;
  std::vector<SearchRequest> searches;
  std::vector<Done<SearchReply>> held;
  bool hold = false;

 private:
  Job job_named(std::string id) const {
    auto found = job;
    found.id = std::move(id);
    return found;
  }

  template <class T>
  void give(T value, const Done<T>& done) {
    if (error) {
      done(*error);
    } else {
      done(std::move(value));
    }
  }
};

}  // namespace mosaic::http
