// Every message between the actors of a node, as plain structs that list their fields. What users
// ask and get (SearchRequest, UpsertReply, ...) travels as it is; here is the rest.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "actors/inspect.hpp"
#include "base/domain_wire.hpp"
#include "base/entry.hpp"
#include "mosaic/engine.hpp"
#include "query/rank.hpp"
#include "replication/log.hpp"
#include "shard/shard.hpp"
#include "shard/shard_searcher.hpp"

namespace mosaic {

// Types of other rooms on the wire.

template <class Archive>
void archive(Archive& a, CollectionId& id) {
  a(id.value);
}

/// A deadline crosses as the time that is left: clocks of two processes do not agree.
template <class Archive>
void archive(Archive& a, Deadline& deadline) {
  const auto now = std::chrono::steady_clock::now();
  std::int64_t left_ns = deadline.left(now).count();
  a(left_ns);
  // "Never" is still never on a clock that has gone on meanwhile.
  const auto left = std::min(std::chrono::nanoseconds(left_ns), TimePoint::max() - now);
  deadline = Deadline{now + left};
}

template <class Archive>
void archive(Archive& a, FailingShard& shard) {
  a(shard.collection, shard.shard, shard.state, shard.error);
}

template <class Archive>
void archive(Archive& a, Health& health) {
  a(health.version, health.node, health.uptime_s, health.shards_up, health.shards_down,
    health.failing, health.ready, health.missing);
}

template <class Archive>
void archive(Archive& a, CollectionPut& put) {
  a(put.info, put.created);
}

/// Bytes that many actors share instead of copying.
using SharedBytes = std::shared_ptr<const std::string>;

template <class Archive>
void archive_shared(Archive& a, SharedBytes& bytes) {
  auto copy = bytes ? *bytes : std::string();
  a(copy);
  bytes = std::make_shared<const std::string>(std::move(copy));
}

namespace query {
template <class Archive>
void archive(Archive& a, Candidate& candidate) {
  a(candidate.shard, candidate.row, candidate.id, candidate.score, candidate.distance,
    candidate.vector_score, candidate.text_score, candidate.pagerank, candidate.parts);
}
template <class Archive>
void archive(Archive& a, RankPlan& plan) {
  a(plan.mode, plan.fusion, plan.weights, plan.k, plan.min_score, plan.diversity);
}
}  // namespace query

namespace storage {
using mosaic::inspect;
template <class Archive>
void archive(Archive& a, TextStats& stats) {
  a(stats.documents, stats.tokens, stats.documents_with);
}
}  // namespace storage

namespace replication {
using mosaic::inspect;
template <class Archive>
void archive(Archive& a, Entry& entry) {
  a(entry.seq, entry.collection, entry.kind, entry.ticket);
  archive_shared(a, entry.bytes);
}
}  // namespace replication

namespace shard {
using mosaic::inspect;
template <class Archive>
void archive(Archive& a, ShardQuery& query) {
  a(query.text, query.vector, query.vector_arm, query.depth, query.pagerank, query.not_id,
    query.filter, query.where, query.stats);
}
template <class Archive>
void archive(Archive& a, ShardCandidates& candidates) {
  a(candidates.seq, candidates.documents, candidates.vector_arm, candidates.text_arm);
}
template <class Archive>
void archive(Archive& a, Page& page) {
  a(page.documents, page.more);
}
template <class Archive>
void archive(Archive& a, GraphPosition& position) {
  a(position.row, position.edge);
}
template <class Archive>
void archive(Archive& a, GraphPage::Edge& edge) {
  a(edge.source, edge.target, edge.weight);
}
template <class Archive>
void archive(Archive& a, GraphPage& page) {
  a(page.documents, page.edges, page.next, page.more);
}
template <class Archive>
void archive(Archive& a, Deleted& deleted) {
  a(deleted.seq, deleted.documents);
}
template <class Archive>
void archive(Archive& a, ShardEntry& entry) {
  a(entry.seq, entry.kind);
  archive_shared(a, entry.bytes);
}
}  // namespace shard

namespace actors {

using mosaic::inspect;

/// One shard of one collection, wherever it runs.
struct shard_key {
  CollectionId collection;
  ShardId shard;
  friend auto operator<=>(const shard_key&, const shard_key&) = default;
};
template <class Archive>
void archive(Archive& a, shard_key& key) {
  a(key.collection, key.shard);
}

// Questions to a searcher.

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
};
template <class Archive>
void archive(Archive& a, shard_search_request& x) {
  a(x.cut, x.query, x.deadline);
}

struct fetch_request {
  std::vector<Row> rows;
  Include include;
  Deadline deadline;
};
template <class Archive>
void archive(Archive& a, fetch_request& x) {
  a(x.rows, x.include, x.deadline);
}

struct documents_reply {
  std::vector<StoredDocument> documents;
};
template <class Archive>
void archive(Archive& a, documents_reply& x) {
  a(x.documents);
}

struct shard_get_request {
  std::string id;
  Include include;
  Deadline deadline;
};
template <class Archive>
void archive(Archive& a, shard_get_request& x) {
  a(x.id, x.include, x.deadline);
}

struct shard_list_request {
  ListRequest list;
  std::string after;
  Deadline deadline;
};
template <class Archive>
void archive(Archive& a, shard_list_request& x) {
  a(x.list, x.after, x.deadline);
}

struct matches_request {
  std::string filter;
  std::string where;
  Deadline deadline;
};
template <class Archive>
void archive(Archive& a, matches_request& x) {
  a(x.filter, x.where, x.deadline);
}

struct matches_reply {
  std::vector<Deletion> deletions;
};
template <class Archive>
void archive(Archive& a, matches_reply& x) {
  a(x.deletions);
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
};
template <class Archive>
void archive(Archive& a, job_ended& x) {
  a(x.id, x.state, x.detail, x.result);
}

struct jobs_reply {
  std::vector<Job> jobs;
};
template <class Archive>
void archive(Archive& a, jobs_reply& x) {
  a(x.jobs);
}

// The log and the shards.

struct append_request {
  CollectionId collection;
  EntryKind kind = EntryKind::kWrite;
  SharedBytes bytes;
  std::vector<ShardId> touches;  ///< shards whose documents it changes
  Deadline deadline;
};
template <class Archive>
void archive(Archive& a, append_request& x) {
  a(x.collection, x.kind, x.touches, x.deadline);
  archive_shared(a, x.bytes);
}

struct append_reply {
  Seq seq = 0;
  bool applied = false;
  std::uint64_t deleted = 0;
  CollectionId collection;  ///< which a catalog entry made or changed
};
template <class Archive>
void archive(Archive& a, append_reply& x) {
  a(x.seq, x.applied, x.deleted, x.collection);
}

struct refusal {
  replication::Ticket ticket = 0;
  Error error;
};
template <class Archive>
void archive(Archive& a, refusal& x) {
  a(x.ticket, x.error);
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

/// A collection that shards run for, new or with changed settings.
struct collection_opened {
  CollectionId collection;
  CollectionSettings settings;
};
template <class Archive>
void archive(Archive& a, collection_opened& x) {
  a(x.collection, x.settings);
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

/// Shards that do not take part yet.
struct log_status {
  std::vector<shard_key> not_level;
};
template <class Archive>
void archive(Archive& a, log_status& x) {
  a(x.not_level);
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

}  // namespace actors
}  // namespace mosaic
