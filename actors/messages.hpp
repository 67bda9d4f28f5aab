// Every message between the actors of a node, as plain structs that list their fields. What users
// ask and get (SearchRequest, UpsertReply, ...) travels as it is; here is the rest.
#pragma once

#include <string>
#include <vector>

#include "actors/peer_messages.hpp"

namespace mosaic::actors {

// Questions to a searcher.

/// The numbers of a shard.
struct info_request {
  Seq cut = 0;
};
template <class Archive>
void archive(Archive& a, info_request& x) {
  a(x.cut);
}

struct text_stats_request {
  Seq cut = 0;
  std::string text;
  Deadline deadline;
};
template <class Archive>
void archive(Archive& a, text_stats_request& x) {
  a(x.cut, x.text, x.deadline);
}

struct shard_search_request {
  Seq cut = 0;
  shard::ShardQuery query;
  Deadline deadline;
  Seq as_of = 0;  ///< the state of the past that is asked for, whatever `cut`; 0: none
};
template <class Archive>
void archive(Archive& a, shard_search_request& x) {
  a(x.cut, x.query, x.deadline, x.as_of);
}

struct fetch_request {
  std::vector<Row> rows;
  Include include;
  Deadline deadline;
  Seq as_of = 0;
};
template <class Archive>
void archive(Archive& a, fetch_request& x) {
  a(x.rows, x.include, x.deadline, x.as_of);
}

struct shard_get_request {
  Seq cut = 0;
  std::string id;
  Include include;
  Deadline deadline;
  Seq as_of = 0;
};
template <class Archive>
void archive(Archive& a, shard_get_request& x) {
  a(x.cut, x.id, x.include, x.deadline, x.as_of);
}

struct shard_list_request {
  Seq cut = 0;
  ListRequest list;
  std::string after;
  Deadline deadline;
  Seq as_of = 0;
};
template <class Archive>
void archive(Archive& a, shard_list_request& x) {
  a(x.cut, x.list, x.after, x.deadline, x.as_of);
}

/// Which state of the past is meant?
struct resolve_request {
  AsOf as_of;
  Deadline deadline;
};
template <class Archive>
void archive(Archive& a, resolve_request& x) {
  a(x.as_of, x.deadline);
}

/// How much would a purge by `time_ms` remove, as far as `limit`?
struct purgeable_request {
  std::int64_t time_ms = 0;
  std::uint64_t limit = 0;
  Deadline deadline;
};
template <class Archive>
void archive(Archive& a, purgeable_request& x) {
  a(x.time_ms, x.limit, x.deadline);
}

struct matches_request {
  Seq cut = 0;
  std::string filter;
  std::string where;
  Deadline deadline;
};
template <class Archive>
void archive(Archive& a, matches_request& x) {
  a(x.cut, x.filter, x.where, x.deadline);
}

struct matches_reply {
  std::vector<Deletion> deletions;
};
template <class Archive>
void archive(Archive& a, matches_reply& x) {
  a(x.deletions);
}

struct count_request {
  Seq cut = 0;
  std::vector<std::string> ids;
  Deadline deadline;
};
template <class Archive>
void archive(Archive& a, count_request& x) {
  a(x.cut, x.ids, x.deadline);
}

struct graph_request {
  Seq as_of = 0;
  shard::GraphPosition after;
  Deadline deadline;
};
template <class Archive>
void archive(Archive& a, graph_request& x) {
  a(x.as_of, x.after, x.deadline);
}

/// Of a collection that is routed by centroid: a sample of vectors to train with.
struct sample_request {
  Row after = 0;
  std::uint64_t seed = 0;
  std::uint64_t lot_max = 0;
  Deadline deadline;
};
template <class Archive>
void archive(Archive& a, sample_request& x) {
  a(x.after, x.seed, x.lot_max, x.deadline);
}

/// The documents that belong to another shard by `centroids`.
struct misplaced_request {
  Row after = 0;
  std::shared_ptr<const Centroids> centroids;
  Deadline deadline;
};
template <class Archive>
void archive(Archive& a, misplaced_request& x) {
  a(x.after, x.deadline);
  archive_shared(a, x.centroids);
}

/// Of a collection on its way to another embedder: what is still to be embedded.
struct unstaged_request {
  Seq generation = 0;
  Row after = 0;
  std::uint64_t versions_max = 0;
  Deadline deadline;
};
template <class Archive>
void archive(Archive& a, unstaged_request& x) {
  a(x.generation, x.after, x.versions_max, x.deadline);
}

// Embedding and ranking.

/// Texts to embed by the endpoint that `embedder` names, as in a collection's settings.
struct embed_request {
  std::string embedder;
  std::uint32_t dimension = 0;  ///< that the vectors must have; 0: any
  std::vector<std::string> texts;
  Deadline deadline;
};
template <class Archive>
void archive(Archive& a, embed_request& x) {
  a(x.embedder, x.dimension, x.texts, x.deadline);
}

/// One vector for each text, in their order.
struct embed_reply {
  std::vector<Vector> vectors;
};
template <class Archive>
void archive(Archive& a, embed_reply& x) {
  a(x.vectors);
}

struct rank_request {
  query::RankPlan plan;
  std::vector<std::vector<query::Candidate>> vector_arms;
  std::vector<std::vector<query::Candidate>> text_arms;
};
template <class Archive>
void archive(Archive& a, rank_request& x) {
  a(x.plan, x.vector_arms, x.text_arms);
}

struct diversify_request {
  query::RankPlan plan;
  std::vector<query::Candidate> pool;
  std::vector<Vector> vectors;
};
template <class Archive>
void archive(Archive& a, diversify_request& x) {
  a(x.plan, x.pool, x.vectors);
}

struct ranking {
  std::vector<query::Candidate> candidates;
};
template <class Archive>
void archive(Archive& a, ranking& x) {
  a(x.candidates);
}

// Jobs.

/// From a job's worker to the jobs actor.
struct job_progress {
  std::string id;
  double progress = 0;
  std::string detail;
};
template <class Archive>
void archive(Archive& a, job_progress& x) {
  a(x.id, x.progress, x.detail);
}

struct job_ended {
  std::string id;
  JobState state = JobState::kDone;
  std::string detail;
  std::string result;
  std::optional<Error> error = {};  ///< why it failed
  std::int64_t made_ms = 0;         ///< of a backup: when it was made, in ms since 1970
};
template <class Archive>
void archive(Archive& a, job_ended& x) {
  a(x.id, x.state, x.detail, x.result, x.error, x.made_ms);
}

struct jobs_reply {
  std::vector<Job> jobs;
};
template <class Archive>
void archive(Archive& a, jobs_reply& x) {
  a(x.jobs);
}

// Snapshots and backups.

struct snapshots_reply {
  std::vector<Snapshot> snapshots;  ///< by falling seq
};
template <class Archive>
void archive(Archive& a, snapshots_reply& x) {
  a(x.snapshots);
}

struct drop_snapshot_request {
  std::string collection;
  std::string name;
};
template <class Archive>
void archive(Archive& a, drop_snapshot_request& x) {
  a(x.collection, x.name);
}

struct backups_reply {
  std::vector<Backup> backups;
};
template <class Archive>
void archive(Archive& a, backups_reply& x) {
  a(x.backups);
}

// The log and the shards.

/// Writes of a collection wait for a moment, until it has gone over to the embedder of
/// `generation`, or this has passed.
struct hold_request {
  CollectionId collection;
  Seq generation = 0;
  Deadline deadline;
};
template <class Archive>
void archive(Archive& a, hold_request& x) {
  a(x.collection, x.generation, x.deadline);
}

struct append_reply {
  Seq seq = 0;  ///< of a repeated request, that of the first entry written for it
  bool applied = false;
  std::uint64_t deleted = 0;
  CollectionId collection;  ///< which a catalog entry made or changed
  /// Nothing was appended: the collection has other vectors by now, the write is to be made anew.
  bool outdated = false;
};
template <class Archive>
void archive(Archive& a, append_reply& x) {
  a(x.seq, x.applied, x.deleted, x.collection, x.outdated);
}

struct refusal {
  replication::Ticket ticket = 0;
  Error error;
  bool unknown = false;  ///< it may be stored all the same
};
template <class Archive>
void archive(Archive& a, refusal& x) {
  a(x.ticket, x.error, x.unknown);
}

struct apply_group {
  std::vector<shard::ShardEntry> entries;
};
template <class Archive>
void archive(Archive& a, apply_group& x) {
  a(x.entries);
}

struct applied_group {
  shard_key key;
  Seq seq = 0;
  std::vector<shard::Deleted> deleted;
};
template <class Archive>
void archive(Archive& a, applied_group& x) {
  a(x.key, x.seq, x.deleted);
}

/// How far a shard's file is safe on disk, and how far it has applied.
struct checkpoint_report {
  shard_key key;
  Seq durable = 0;
  Seq applied = 0;
};
template <class Archive>
void archive(Archive& a, checkpoint_report& x) {
  a(x.key, x.durable, x.applied);
}

/// A collection that shards run for, new or with changed settings, or on other nodes than before.
struct collection_opened {
  CollectionId collection;
  CollectionSettings settings;
  std::shared_ptr<const Centroids> centroids = std::make_shared<const Centroids>();
  bool fresh = false;  ///< it is just being made: its shards start for the first time
  SnapshotRecords snapshots = std::make_shared<const std::vector<SnapshotRecord>>();
  VectorOrigin origin = {};
  std::vector<ShardId> elsewhere = {};  ///< shards that live on other nodes alone
  std::vector<std::string> nodes = {};  ///< of each of those, for people; empty: it is lost
  std::vector<ShardId> leaving = {};    ///< that still run here: other nodes shall ask for no more
  bool spread = false;                  ///< some node lacks some of its shards
};
template <class Archive>
void archive(Archive& a, collection_opened& x) {
  a(x.collection, x.settings, x.fresh, x.origin, x.elsewhere, x.nodes, x.leaving, x.spread);
  archive_shared(a, x.centroids);
  archive_shared(a, x.snapshots);
}

struct cut_moved {
  CollectionId collection;
  Seq cut = 0;
};
template <class Archive>
void archive(Archive& a, cut_moved& x) {
  a(x.collection, x.cut);
}

struct shard_lost {
  shard_key key;
  ShardState state = ShardState::kDown;
  Error error;
};
template <class Archive>
void archive(Archive& a, shard_lost& x) {
  a(x.key, x.state, x.error);
}

struct catalog_change {
  replication::Entry entry;
};
template <class Archive>
void archive(Archive& a, catalog_change& x) {
  archive(a, x.entry);
}

/// Which collection a catalog entry made or changed, and at which seq: of a repeated request, that
/// of the first entry written for it.
struct catalog_changed {
  CollectionId collection;
  Seq seq = 0;
};
template <class Archive>
void archive(Archive& a, catalog_changed& x) {
  a(x.collection, x.seq);
}

/// Shards that should take part and do not (yet).
struct log_status {
  std::vector<shard_key> not_level;     ///< of this node
  Seq last = 0;                         ///< the newest entry
  std::vector<shard_key> missing = {};  ///< that no node answers for
};
template <class Archive>
void archive(Archive& a, log_status& x) {
  a(x.not_level, x.last, x.missing);
}

/// A state that the shards of a collection must have come to before they are asked.
struct reach_request {
  CollectionId collection;  ///< 0: what is known of all collections
  Seq seq = 0;              ///< all that was written up to here
  bool newest = false;      ///< and all that has been acknowledged anywhere until now
  Deadline deadline;
};
template <class Archive>
void archive(Archive& a, reach_request& x) {
  a(x.collection, x.seq, x.newest, x.deadline);
}

/// What the log's thread answered to a call of number `call`.
struct log_answer {
  std::uint64_t call = 0;
  Seq seq = 0;
  std::optional<Error> error = {};
};
template <class Archive>
void archive(Archive& a, log_answer& x) {
  a(x.call, x.seq, x.error);
}

struct patch_request {
  std::string name;
  CollectionPatch patch;
};
template <class Archive>
void archive(Archive& a, patch_request& x) {
  a(x.name, x.patch);
}

struct collections_reply {
  std::vector<CollectionInfo> collections;
};
template <class Archive>
void archive(Archive& a, collections_reply& x) {
  a(x.collections);
}

}  // namespace mosaic::actors
