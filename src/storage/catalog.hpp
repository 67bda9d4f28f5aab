// Which collections there are: catalog.db, written by applying catalog entries of the log in order.
// Owned by the shard supervisor. Also remembers how far each shard is safe on disk, so that a shard
// file swapped for an older one is noticed, and where the log may be cut.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <vector>

#include "base/entry.hpp"
#include "storage/applied_requests.hpp"
#include "storage/remembered_answers.hpp"

namespace mosaic::storage {

struct CollectionRecord {
  CollectionId id;
  CollectionSettings settings;
  VectorOrigin origin;
  std::shared_ptr<const Centroids> centroids = std::make_shared<const Centroids>();
  SnapshotRecords snapshots = std::make_shared<const std::vector<SnapshotRecord>>();
  std::string token = {};  ///< RestoredCollection::token; empty: it was made without files
  ReplicasPtr replicas = std::make_shared<const Replicas>();
};

/// How far a shard's file is known to be safe on disk; `made` once the file exists.
struct ShardRecord {
  bool made = false;
  Seq durable = 0;
};

/// What an entry of the log says of itself.
struct EntryOrigin {
  std::int64_t time_ms = 0;  ///< since 1970
  RequestId request = {};    ///< that it was written for
};

class Catalog {
 public:
  explicit Catalog(const std::filesystem::path& path);

  Seq applied_seq() const { return applied_seq_; }
  /// The log has reached at least this: the catalog has applied it, or a shard has it on disk.
  Seq known_seq();
  /// The log may have forgotten entries up to here, never beyond.
  Seq log_floor();
  /// To be noted before the log forgets them; durable when it returns.
  void set_log_floor(Seq floor);
  const std::map<CollectionId, CollectionRecord>& collections() const { return collections_; }
  const CollectionRecord* find(std::string_view name) const;

  /// Does what a catalog entry says, by one of those below. Throws corrupt_data when its bytes do
  /// not say anything. One that was written for a request that another was written for before
  /// changes nothing. What is not about a collection gives an empty record.
  Result<CollectionRecord> apply(Seq seq, EntryKind kind, CollectionId id, std::string_view bytes,
                                 const EntryOrigin& origin = {});
  /// The collection that the entry written for `request` made or changed, if its window reaches
  /// `time_ms`.
  std::optional<AppliedRequest> applied(const RequestId& request, std::int64_t time_ms);

  /// Each applies the catalog entry at `seq`; entries at or before applied_seq() change nothing.
  /// already_exists when the name is taken, not_found when the collection is gone.
  Result<CollectionRecord> create(Seq seq, const CollectionEntry& collection);
  /// Of files; in the same step the collection that it takes the place of is dropped.
  Result<CollectionRecord> restore(Seq seq, const RestoredCollection& restored);
  /// Embedder and dimension stay as they are.
  Result<CollectionRecord> patch(Seq seq, CollectionId id, CollectionSettings settings);
  /// invalid_argument when they are not of the collection's dimension (any more).
  Result<CollectionRecord> set_centroids(Seq seq, CollectionId id, Centroids centroids);
  /// Of no effect once other centroids are in force.
  Result<CollectionRecord> settle(Seq seq, CollectionId id, const Settlement& settlement);
  /// already_exists while the collection is on its way to an embedder.
  Result<CollectionRecord> begin_reembed(Seq seq, CollectionId id, Reembedding next);
  /// Puts the embedder of `generation` in force. not_found when the collection is not on its way
  /// to it.
  Result<CollectionRecord> switch_space(Seq seq, CollectionId id, Seq generation);
  /// Likewise, but it stays with the one it has.
  Result<CollectionRecord> cancel_reembed(Seq seq, CollectionId id, Seq generation);
  Result<CollectionRecord> drop(Seq seq, CollectionId id);
  /// The state of the collection at `seq` is remembered under this name. already_exists when there
  /// is one.
  Result<CollectionRecord> begin_snapshot(Seq seq, CollectionId id, const std::string& name);
  /// Makes the one stand that was begun under its name and at its seq. not_found when there is
  /// none, already_exists when it stands otherwise.
  Result<CollectionRecord> keep_snapshot(Seq seq, CollectionId id, Snapshot snapshot);
  /// Begun or kept. not_found when there is none.
  Result<CollectionRecord> drop_snapshot(Seq seq, CollectionId id, const std::string& name);

  /// Puts a shard on other nodes. Of no effect when it was put elsewhere meanwhile; nor where it
  /// would be on no node that has all of it, or on one that takes no part. Of those that it was not
  /// on before, none has all of it.
  Result<CollectionRecord> set_replicas(Seq seq, CollectionId id, const ReplicaChange& change);

  /// Keeps how a request was answered. A crash of the machine may forget the last ones.
  void remember(Seq seq, std::int64_t time_ms, const RememberedAnswer& answer);

  /// The nodes that take part, by id; none on a node that has never had company.
  const std::map<std::uint64_t, NodeRecord>& nodes() const { return nodes_; }
  /// Those that did once. Their ids never come back.
  const std::set<std::uint64_t>& forgotten_nodes() const { return forgotten_nodes_; }
  /// Those that take part and give what they hold to others.
  const std::set<std::uint64_t>& leaving_nodes() const { return leaving_nodes_; }
  /// Of no effect for one that was forgotten: it may still have told of itself. All shards there
  /// are live on the first one, which was alone until then.
  void set_node(Seq seq, const NodeRecord& node);
  /// What it holds is lost with it.
  void forget_node(Seq seq, std::uint64_t id);
  void let_node_leave(Seq seq, std::uint64_t id);

  ShardRecord shard(CollectionId collection, ShardId shard);
  /// Makes a copy that came from another node the catalog of one that has nothing yet: no shard's
  /// file is known, and its log holds nothing up to `floor`. Durable when it returns.
  void begin_anew(Seq floor);
  void set_shard(CollectionId collection, ShardId shard, const ShardRecord& record);

 private:
  /// What `change` makes of the collection.
  template <class Change>
  Result<CollectionRecord> change(Seq seq, CollectionId id, Change&& change);
  /// A collection that there was not before: in its own transaction.
  CollectionRecord add(CollectionRecord record);
  void load();
  void load_snapshots();
  void load_nodes();
  void load_replicas();
  void store_replicas(const CollectionRecord& record);
  NodeIds staying_nodes(const NodeIds& but) const;
  ReplicasPtr first_replicas(Seq seq, const CollectionSettings& settings,
                             const RestoredCollection& restored) const;
  /// In the transaction that is open, the replicas of all collections as `edit` leaves them.
  template <class Edit>
  std::map<CollectionId, ReplicasPtr> edit_all_replicas(Edit&& edit);
  void use(std::map<CollectionId, ReplicasPtr> edited);
  void store_node(const NodeRecord& node, std::string_view bytes);
  void keep_origin(const CollectionRecord& record);
  const CollectionRecord* on_its_way(CollectionId id, Seq generation) const;
  void store(const CollectionRecord& record);
  void store_snapshots(const CollectionRecord& record);
  void erase(CollectionId id);
  /// Within the transaction of the entry at `seq`, which made or changed the collection.
  void set_applied(Seq seq, CollectionId id);

  Database database_;
  AppliedRequests requests_;
  RememberedAnswers answers_;
  EntryOrigin origin_;  ///< of the entry that is being applied
  std::uint64_t unsaved_answers_ = 0;
  Seq applied_seq_ = 0;
  std::map<CollectionId, CollectionRecord> collections_;
  std::map<std::uint64_t, NodeRecord> nodes_;
  std::set<std::uint64_t> forgotten_nodes_;
  std::set<std::uint64_t> leaving_nodes_;
};

template <class Change>
Result<CollectionRecord> Catalog::change(Seq seq, CollectionId id, Change&& change) {
  const auto found = collections_.find(id);
  if (found == collections_.end()) return Error{ErrorCode::kNotFound, "the collection is gone"};
  if (seq <= applied_seq_) return found->second;
  auto record = found->second;
  change(record);
  Transaction transaction(database_);
  store(record);
  if (record.snapshots != found->second.snapshots) store_snapshots(record);
  if (record.replicas != found->second.replicas) store_replicas(record);
  set_applied(seq, id);
  transaction.commit();
  applied_seq_ = seq;
  found->second = record;
  return record;
}

}  // namespace mosaic::storage
