// The fields of the domain types in the order in which they are written (base/wire.hpp). An order
// once written to disk stays: a change needs a new version byte in base/entry.cpp.
#pragma once

#include "base/vector_origin.hpp"
#include "base/wire.hpp"
#include "mosaic/backup.hpp"
#include "mosaic/centroids.hpp"
#include "mosaic/fault.hpp"
#include "mosaic/job.hpp"
#include "mosaic/search.hpp"

namespace mosaic {

template <class Archive>
void archive(Archive& a, ShardId& id) {
  a(id.value);
}

template <class Archive>
void archive(Archive& a, Error& error) {
  a(error.code, error.detail);
}

template <class Archive>
void archive(Archive& a, Link& link) {
  a(link.to, link.kind, link.weight);
}

template <class Archive>
void archive(Archive& a, Document& document) {
  a(document.id, document.title, document.text, document.vector, document.metadata, document.links);
}

template <class Archive>
void archive(Archive& a, IndexSettings& index) {
  a(index.type, index.m, index.ef_construction);
}

template <class Archive>
void archive(Archive& a, CollectionSettings& settings) {
  a(settings.name, settings.dimension, settings.metric, settings.shards, settings.routing,
    settings.replicas, settings.embedder, settings.quantization, settings.index, settings.indexed,
    settings.retention_s);
}

template <class Archive>
void archive(Archive& a, Reembedding& next) {
  a(next.generation, next.embedder, next.dimension, next.fingerprint);
}

template <class Archive>
void archive(Archive& a, VectorOrigin& origin) {
  a(origin.fingerprint, origin.space, origin.next);
}

template <class Archive>
void archive(Archive& a, CollectionEntry& entry) {
  a(entry.settings, entry.origin);
}

template <class Archive>
void archive(Archive& a, SnapshotRequest& request) {
  a(request.collection, request.name);
}

template <class Archive>
void archive(Archive& a, PruneRequest& request) {
  a(request.collection, request.keep);
}

template <class Archive>
void archive(Archive& a, PrunedSnapshots& pruned) {
  a(pruned.deleted, pruned.kept);
}

template <class Archive>
void archive(Archive& a, BackupRequest& request) {
  a(request.collection, request.target, request.snapshot);
}

template <class Archive>
void archive(Archive& a, Backup& backup) {
  a(backup.id, backup.collection, backup.seq, backup.created_at_ms, backup.documents, backup.bytes,
    backup.stored_bytes, backup.new_bytes, backup.damage);
}

template <class Archive>
void archive(Archive& a, BackupListRequest& request) {
  a(request.target, request.collection);
}

template <class Archive>
void archive(Archive& a, RestoreRequest& request) {
  a(request.source, request.collection, request.as, request.backup, request.replace);
}

template <class Archive>
void archive(Archive& a, ReembedRequest& request) {
  a(request.collection, request.embedder, request.dimension);
}

template <class Archive>
void archive(Archive& a, Centroids& centroids) {
  a(centroids.seq, centroids.vectors, centroids.settled, centroids.recall);
}

template <class Archive>
void archive(Archive& a, TrainRequest& request) {
  a(request.collection, request.options.sample, request.options.iterations, request.options.seed);
}

template <class Archive>
void archive(Archive& a, CentroidsRequest& request) {
  a(request.collection, request.vectors);
}

template <class Archive>
void archive(Archive& a, CollectionPatch& patch) {
  a(patch.indexed, patch.retention_s, patch.index, patch.quantization, patch.replicas);
}

template <class Archive>
void archive(Archive& a, ShardInfo& info) {
  a(info.id, info.node, info.state, info.documents, info.indexed, info.edges, info.bytes, info.seq,
    info.error);
}

template <class Archive>
void archive(Archive& a, CollectionInfo& info) {
  a(info.settings, info.documents, info.edges, info.seq, info.shards);
}

template <class Archive>
void archive(Archive& a, Include& include) {
  a(include.title, include.text, include.metadata, include.vector, include.links);
}

template <class Archive>
void archive(Archive& a, StoredDocument& stored) {
  a(stored.document, stored.seq, stored.pagerank, stored.shard);
}

template <class Archive>
void archive(Archive& a, UpsertRequest& request) {
  a(request.collection, request.documents);
}

template <class Archive>
void archive(Archive& a, UpsertReply& reply) {
  a(reply.upserted, reply.seq, reply.applied);
}

template <class Archive>
void archive(Archive& a, DeleteRequest& request) {
  a(request.collection, request.ids, request.filter, request.where);
}

template <class Archive>
void archive(Archive& a, DeleteReply& reply) {
  a(reply.deleted, reply.seq, reply.applied);
}

template <class Archive>
void archive(Archive& a, AsOf& as_of) {
  a(as_of.seq, as_of.text);
}

template <class Archive>
void archive(Archive& a, GetRequest& request) {
  a(request.collection, request.id, request.include, request.as_of);
}

template <class Archive>
void archive(Archive& a, ListRequest& request) {
  a(request.collection, request.limit, request.cursor, request.filter, request.include,
    request.ids_only, request.as_of);
}

template <class Archive>
void archive(Archive& a, ListReply& reply) {
  a(reply.documents, reply.next_cursor);
}

template <class Archive>
void archive(Archive& a, Weights& weights) {
  a(weights.vector, weights.text, weights.pagerank);
}

template <class Archive>
void archive(Archive& a, SearchRequest& request) {
  a(request.collection, request.query, request.vector, request.document, request.k, request.mode,
    request.fusion, request.weights, request.diversity, request.filter, request.where,
    request.min_score, request.ef, request.exact, request.shards_to_search, request.audit,
    request.timeout_ms, request.include, request.explain, request.trace_id, request.as_of,
    request.consistency, request.min_seq);
}

template <class Archive>
void archive(Archive& a, HitScores& scores) {
  a(scores.vector, scores.text, scores.pagerank);
}

template <class Archive>
void archive(Archive& a, Hit& hit) {
  a(hit.stored, hit.score, hit.distance, hit.scores);
}

template <class Archive>
void archive(Archive& a, ShardFailure& failure) {
  a(failure.shard, failure.node, failure.error);
}

template <class Archive>
void archive(Archive& a, ScoreParts& parts) {
  a(parts.vector, parts.text, parts.pagerank, parts.diversity);
}

template <class Archive>
void archive(Archive& a, VectorPlan& plan) {
  a(plan.way, plan.reason, plan.nodes, plan.tail, plan.matches, plan.compared, plan.reranked,
    plan.walk_cost, plan.scan_cost, plan.codes);
}

template <class Archive>
void archive(Archive& a, Audit& audit) {
  a(audit.recall, audit.expected, audit.found, audit.missed, audit.error);
}

template <class Archive>
void archive(Archive& a, Explain::Stage& stage) {
  a(stage.name, stage.took_ms, stage.candidates, stage.shards_asked, stage.shards_pruned);
}

template <class Archive>
void archive(Archive& a, Explain::Routing& routing) {
  a(routing.asked, routing.pruned, routing.expected_recall, routing.reason);
}

template <class Archive>
void archive(Archive& a, Explain::HitParts& hit) {
  a(hit.id, hit.score, hit.parts);
}

template <class Archive>
void archive(Archive& a, Explain::ShardPlan& plan) {
  a(plan.shard, plan.plan);
}

template <class Archive>
void archive(Archive& a, Explain& explain) {
  a(explain.stages, explain.routing, explain.plans, explain.hits);
}

template <class Archive>
void archive(Archive& a, SearchReply& reply) {
  a(reply.hits, reply.took_ms, reply.seq, reply.partial, reply.shards_total, reply.shards_searched,
    reply.failed, reply.missing_share, reply.explain, reply.audit);
}

template <class Archive>
void archive(Archive& a, Job& job) {
  a(job.id, job.kind, job.state, job.progress, job.detail, job.result);
}

template <class Archive>
void archive(Archive& a, PageRankOptions& options) {
  a(options.damping, options.iterations, options.tolerance, options.weighted);
}

template <class Archive>
void archive(Archive& a, PageRankRequest& request) {
  a(request.collection, request.options);
}

template <class Archive>
void archive(Archive& a, SnapshotFile& file) {
  a(file.path, file.bytes, file.sha256);
}

template <class Archive>
void archive(Archive& a, Snapshot& snapshot) {
  a(snapshot.name, snapshot.seq, snapshot.created_at_ms, snapshot.documents, snapshot.files);
}

template <class Archive>
void archive(Archive& a, FaultRequest& fault) {
  a(fault.part, fault.kind, fault.collection, fault.shard, fault.duration_ms, fault.count);
}

}  // namespace mosaic
