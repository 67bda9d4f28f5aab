// The engine port: what HTTP, the command line and other fronts ask of MosaicDB. The actors
// implement it. Every call returns at once; `done` is called exactly once, on any thread, also when
// the engine stops.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "mosaic/backup.hpp"
#include "mosaic/centroids.hpp"
#include "mosaic/cluster.hpp"
#include "mosaic/fault.hpp"
#include "mosaic/job.hpp"
#include "mosaic/request_id.hpp"
#include "mosaic/search.hpp"

namespace mosaic {

template <class T>
using Done = std::function<void(Result<T>)>;

struct CollectionPut {
  CollectionInfo info;
  bool created = false;  ///< false: it stood already with the same settings
};

/// A shard that does not serve, and why.
struct FailingShard {
  std::string collection;
  ShardId shard;
  ShardState state = ShardState::kDown;
  std::string error;
};

struct Health {
  std::string version;
  std::string node;
  double uptime_s = 0;
  std::uint32_t shards_up = 0;
  std::uint32_t shards_down = 0;
  std::vector<FailingShard> failing;
  bool ready = false;
  std::vector<std::string> missing;  ///< what `/ready` still waits for, one line each
};

/// A write that names its request is done once, however often it is asked for within the request's
/// window: a repeat answers with what the first one did.
class Engine {
 public:
  virtual ~Engine() = default;

  /// already_exists when it stands with other settings.
  virtual void put_collection(CollectionSettings settings, Done<CollectionPut> done,
                              RequestId request = {}) = 0;
  virtual void patch_collection(std::string name, CollectionPatch patch, Done<CollectionInfo> done,
                                RequestId request = {}) = 0;
  virtual void drop_collection(std::string name, Done<Seq> done, RequestId request = {}) = 0;
  virtual void get_collection(std::string name, Done<CollectionInfo> done) = 0;
  virtual void list_collections(Done<std::vector<CollectionInfo>> done) = 0;

  /// Durable when it answers. The whole batch or nothing.
  virtual void upsert(UpsertRequest upsert, Done<UpsertReply> done, RequestId request = {}) = 0;
  virtual void remove(DeleteRequest removal, Done<DeleteReply> done, RequestId request = {}) = 0;

  virtual void get_document(GetRequest request, Done<StoredDocument> done) = 0;
  virtual void list_documents(ListRequest request, Done<ListReply> done) = 0;
  virtual void search(SearchRequest request, Done<SearchReply> done) = 0;

  /// Answers when the job has started.
  virtual void start_pagerank(PageRankRequest request, Done<Job> done) = 0;

  /// Of a collection that is routed by centroid, else invalid_argument, as for the two below.
  virtual void get_centroids(std::string collection, Done<Centroids> done) = 0;
  /// Answers when they are in force; documents move to their nearest shard afterwards, by a job.
  virtual void put_centroids(CentroidsRequest centroids, Done<Centroids> done,
                             RequestId request = {}) = 0;
  /// Answers when the job has started that finds centroids and then moves documents.
  virtual void train_centroids(TrainRequest request, Done<Job> done) = 0;

  /// Answers when the job has started that embeds all documents anew. Searches go on with the old
  /// vectors until all at once the new ones take their place.
  virtual void reembed(ReembedRequest request, Done<Job> done) = 0;

  /// Answers when the snapshot stands, with a job that is done; the error is why there is none.
  /// already_exists when the name is taken.
  virtual void create_snapshot(SnapshotRequest request, Done<Job> done) = 0;
  /// By falling seq.
  virtual void list_snapshots(std::string collection, Done<std::vector<Snapshot>> done) = 0;
  virtual void drop_snapshot(std::string collection, std::string name,
                             Done<PrunedSnapshots> done) = 0;
  virtual void prune_snapshots(PruneRequest request, Done<PrunedSnapshots> done) = 0;

  /// Both answer when all is done, which may take hours, with a job that is done.
  virtual void create_backup(BackupRequest request, Done<Job> done) = 0;
  /// already_exists where a collection of the name stands that is not to be replaced.
  virtual void restore(RestoreRequest request, Done<Job> done) = 0;
  virtual void list_backups(BackupListRequest request, Done<std::vector<Backup>> done) = 0;

  virtual void list_jobs(Done<std::vector<Job>> done) = 0;
  virtual void get_job(std::string id, Done<Job> done) = 0;
  /// Asks the job to end; one that has ended stays as it is.
  virtual void cancel_job(std::string id, Done<Job> done) = 0;

  /// How the request was answered, if that was remembered and its window has not passed. Answers at
  /// once, from this machine.
  virtual Result<std::optional<RememberedAnswer>> recall(const RequestId& request) = 0;
  /// Answers when the answer outlives the node.
  virtual void remember(RememberedAnswer answer, Done<void> done) = 0;

  virtual void health(Done<Health> done) = 0;

  /// As this node knows it.
  virtual void cluster(Done<ClusterStatus> done) = 0;
  /// Takes a node out of the cluster for good; it may be down. not_found; unavailable without a
  /// leader. Answers when it is out, with the cluster as it is then.
  virtual void remove_node(std::string name, Done<ClusterStatus> done) = 0;
  /// Lets a follower vote. not_found; unavailable without a leader, or while it is behind.
  virtual void promote_node(std::string name, Done<ClusterStatus> done) = 0;

  /// Answers when the fault is on its way. permission_denied unless switched on.
  virtual void inject_fault(FaultRequest request, Done<void> done) = 0;
};

}  // namespace mosaic
