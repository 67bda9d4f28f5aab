// What one entry of the log says. Engine-neutral and versioned: the same bytes mean the same write
// whatever keeps the log. Entries are decoded where they are applied, never trusted blindly.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/domain_wire.hpp"
#include "base/node_record.hpp"
#include "base/replicas.hpp"
#include "mosaic/centroids.hpp"
#include "mosaic/request_id.hpp"
#include "mosaic/snapshot.hpp"

namespace mosaic {

/// A collection is known by the seq of the entry that made it: names come back, numbers never.
struct CollectionId {
  Seq value = 0;
  friend auto operator<=>(const CollectionId&, const CollectionId&) = default;
};

enum class EntryKind : std::uint8_t {
  kWrite = 1,
  kCreateCollection,
  kPatchCollection,
  kDropCollection,
  kPageRank,
  kSetCentroids,
  kSettleCentroids,
  kMove,
  kBeginReembed,
  kStageVectors,
  kSwitchSpace,
  kCancelReembed,
  kPurge,          ///< forgets versions that no state still kept shows
  kBeginSnapshot,  ///< nothing later than this entry is purged while its files are being made
  kKeepSnapshot,   ///< names a state that is kept until it is dropped
  kDropSnapshot,
  kRemember,    ///< how a request with an idempotency key was answered
  kSetNode,     ///< a node takes part, or others know it otherwise from now on
  kForgetNode,  ///< a node takes part no more
  kNodeLeaves,  ///< a node gives its shards to others before it is forgotten
  kSetReplicas  ///< a shard lives on other nodes from now on
};

constexpr bool is_about_nodes(EntryKind kind) {
  return kind == EntryKind::kSetNode || kind == EntryKind::kForgetNode ||
         kind == EntryKind::kNodeLeaves;
}

/// Catalog entries change which collections there are, or what is known of one as a whole; they
/// carry no documents.
constexpr bool is_catalog(EntryKind kind) {
  return kind == EntryKind::kCreateCollection || kind == EntryKind::kPatchCollection ||
         kind == EntryKind::kDropCollection || kind == EntryKind::kSetCentroids ||
         kind == EntryKind::kSettleCentroids || kind == EntryKind::kBeginReembed ||
         kind == EntryKind::kSwitchSpace || kind == EntryKind::kCancelReembed ||
         kind == EntryKind::kBeginSnapshot || kind == EntryKind::kKeepSnapshot ||
         kind == EntryKind::kDropSnapshot || kind == EntryKind::kRemember ||
         kind == EntryKind::kSetReplicas || is_about_nodes(kind);
}

template <class Archive>
void archive(Archive& a, RequestId& id) {
  a(id.high, id.low, id.window_s);
}

template <class Archive>
void archive(Archive& a, RememberedAnswer& answer) {
  a(answer.request, answer.digest, answer.status, answer.content_type, answer.location,
    answer.body);
}

/// Ends the live version of an id, but only the one written at `expected` unless that is 0: what a
/// filter has chosen must not hit a version that came later.
struct Deletion {
  std::string id;
  Seq expected = 0;
};

template <class Archive>
void archive(Archive& a, Deletion& deletion) {
  a(deletion.id, deletion.expected);
}

/// One atomic write. Ids are distinct over both lists.
struct WriteBatch {
  std::vector<Document> documents;
  std::vector<Deletion> deletions;
  /// The shard of each document, where a collection is routed by centroid; else none, and the hash
  /// of the id says it.
  std::vector<ShardId> homes = {};
  /// That the vectors are of, and those that the texts were made into (VectorOrigin::space).
  Seq space = 0;
};

/// Documents on their way to other shards after centroids were set. Of no effect for those that
/// have been written since they were read: whoever wrote them has put them where they belong; and
/// of none at all once other centroids are in force.
struct Move {
  Seq centroids = 0;  ///< Centroids::seq
  Seq read_at = 0;    ///< the state that the documents were read from
  std::vector<Document> documents;
  std::vector<ShardId> homes;  ///< as many
  std::vector<Seq> written;    ///< as many: the entries that wrote their versions
};

template <class Archive>
void archive(Archive& a, Move& move) {
  a(move.centroids, move.read_at, move.documents, move.homes, move.written);
}

/// The end of the moves after the centroids of seq `centroids` were set.
struct Settlement {
  Seq centroids = 0;
  std::vector<double> recall;  ///< Centroids::recall
};

/// Vectors by the embedder that a collection is on its way to, each for one version of a document:
/// of no effect for a version that has ended. An empty one says that this version will have none.
struct StagedVectors {
  struct Item {
    std::string id;
    Seq written = 0;  ///< the entry that wrote the version
    Vector vector;
    friend bool operator==(const Item&, const Item&) = default;
  };
  Seq generation = 0;  ///< Reembedding::generation
  std::vector<Item> items;
};

template <class Archive>
void archive(Archive& a, StagedVectors::Item& item) {
  a(item.id, item.written, item.vector);
}

template <class Archive>
void archive(Archive& a, StagedVectors& staged) {
  a(staged.generation, staged.items);
}

/// The PageRank of every document of a collection, by rising id; takes the place of all before it.
struct PageRankValues {
  Seq cut = 0;  ///< the state of the collection that was ranked
  std::vector<std::string> ids;
  std::vector<double> values;  ///< as many, of the same order
};

/// A collection at one point of its log, as a backup keeps it beside the files.
struct CollectionState {
  CollectionEntry collection;
  Centroids centroids;
};

/// A snapshot as the catalog has it: from the entry that began it on; `kept` once its files are
/// there and it has a name.
struct SnapshotRecord {
  Snapshot snapshot;
  bool kept = false;
  std::string state;  ///< CollectionState at snapshot.seq, encoded
};

template <class Archive>
void archive(Archive& a, SnapshotRecord& record) {
  a(record.snapshot, record.kept, record.state);
}

/// Those of a collection, by rising seq.
using SnapshotRecords = std::shared_ptr<const std::vector<SnapshotRecord>>;

/// A collection as it is made: of files which stand in `incoming/<token>` of the data folder, or
/// without any.
struct RestoredCollection {
  CollectionState state;
  std::string token;
  /// The collection of this name, and of this number alone, that it takes the place of; 0: none.
  CollectionId replaces;
  std::uint64_t node = 0;  ///< where the files stand; 0: that node is alone
  NodeIds avoid = {};      ///< those that were down: no shard begins there
};

/// Forgets up to `versions_max` versions that had ended by `time_ms` and that no snapshot shows.
struct Purge {
  std::int64_t time_ms = 0;
  std::uint64_t versions_max = 0;
  friend bool operator==(const Purge&, const Purge&) = default;
};

template <class Archive>
void archive(Archive& a, Purge& purge) {
  a(purge.time_ms, purge.versions_max);
}

/// Keeps the state at this entry's own seq until the snapshot of this name is kept or dropped. Of
/// no effect where there is one of that name already.
struct SnapshotBegin {
  std::string name;
};

template <class Archive>
void archive(Archive& a, SnapshotBegin& begin) {
  a(begin.name);
}

std::string encode_write(const WriteBatch& batch);
/// Of a collection that is made, none of whose shards begins on a node of `avoid`.
std::string encode_collection(const CollectionEntry& collection, const NodeIds& avoid = {});
/// Of a collection that is made of files.
std::string encode_restored(const RestoredCollection& restored);
std::string encode_state(const CollectionState& state);
/// Of a collection that is changed: the settings as they shall be; only the name for a drop.
std::string encode_settings(const CollectionSettings& settings);
std::string encode_pagerank(const PageRankValues& values);
std::string encode_centroids(const Centroids& centroids);
std::string encode_settlement(const Settlement& settlement);
std::string encode_move(const Move& move);
/// Without the generation, which is the seq of the entry.
std::string encode_reembedding(const Reembedding& next);
std::string encode_staged(const StagedVectors& staged);
/// Of the entries that end a re-embedding, one way or the other.
std::string encode_generation(Seq generation);
std::string encode_remembered(const RememberedAnswer& answer);
std::string encode_purge(const Purge& purge);
std::string encode_snapshot_begin(const SnapshotBegin& begin);
std::string encode_snapshot(const Snapshot& snapshot);
/// Of a snapshot that is dropped.
std::string encode_snapshot_name(const std::string& name);
std::string encode_node(const NodeRecord& node);
/// Of a node that is forgotten.
std::string encode_node_id(std::uint64_t id);
std::string encode_replica_change(const ReplicaChange& change);

/// Error corrupt_data when the bytes are not what this version writes.
Result<WriteBatch> decode_write(std::string_view bytes);
/// Also of a version that knew no origins, by with_origin().
Result<CollectionEntry> decode_collection(std::string_view bytes);
bool has_origin(std::string_view bytes);
/// Of any version of an entry that makes a collection; without a token where no files are named.
Result<RestoredCollection> decode_restored(std::string_view bytes);
Result<CollectionState> decode_state(std::string_view bytes);
Result<CollectionSettings> decode_settings(std::string_view bytes);
Result<PageRankValues> decode_pagerank(std::string_view bytes);
Result<Centroids> decode_centroids(std::string_view bytes);
Result<Settlement> decode_settlement(std::string_view bytes);
Result<Move> decode_move(std::string_view bytes);
Result<Reembedding> decode_reembedding(std::string_view bytes);
Result<StagedVectors> decode_staged(std::string_view bytes);
Result<Seq> decode_generation(std::string_view bytes);
Result<RememberedAnswer> decode_remembered(std::string_view bytes);
Result<Purge> decode_purge(std::string_view bytes);
Result<SnapshotBegin> decode_snapshot_begin(std::string_view bytes);
Result<Snapshot> decode_snapshot(std::string_view bytes);
Result<std::string> decode_snapshot_name(std::string_view bytes);
Result<NodeRecord> decode_node(std::string_view bytes);
Result<std::uint64_t> decode_node_id(std::string_view bytes);
Result<ReplicaChange> decode_replica_change(std::string_view bytes);

}  // namespace mosaic
