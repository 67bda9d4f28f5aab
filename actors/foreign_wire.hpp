// How types of other rooms cross between actors: the fields of each, in their order.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "actors/inspect.hpp"
#include "base/entry.hpp"
#include "mosaic/engine.hpp"
#include "query/rank.hpp"
#include "replication/log.hpp"
#include "shard/shard.hpp"
#include "shard/shard_searcher.hpp"

namespace mosaic {

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

template <class Archive>
void archive(Archive& a, ClusterNode& node) {
  a(node.name, node.address, node.cluster_address, node.role, node.state, node.seq, node.lag);
}

template <class Archive>
void archive(Archive& a, ShardReplica& replica) {
  a(replica.node, replica.state, replica.seq);
}

template <class Archive>
void archive(Archive& a, ClusterShard& shard) {
  a(shard.collection, shard.id, shard.replicas);
}

template <class Archive>
void archive(Archive& a, ClusterStatus& status) {
  a(status.leader, status.term, status.seq, status.nodes, status.shards);
}

/// Bytes that many actors share instead of copying.
using SharedBytes = std::shared_ptr<const std::string>;

template <class Archive, class T>
void archive_shared(Archive& a, std::shared_ptr<const T>& shared) {
  auto copy = shared ? *shared : T();
  a(copy);
  shared = std::make_shared<const T>(std::move(copy));
}

namespace query {
template <class Archive>
void archive(Archive& a, Candidate& candidate) {
  a(candidate.shard, candidate.row, candidate.id, candidate.score, candidate.distance,
    candidate.vector_score, candidate.text_score, candidate.pagerank, candidate.parts);
}
template <class Archive>
void archive(Archive& a, RankPlan& plan) {
  a(plan.mode, plan.fusion, plan.weights, plan.k, plan.min_score, plan.diversity,
    plan.full_text_score);
}
}  // namespace query

namespace storage {
using mosaic::inspect;
template <class Archive>
void archive(Archive& a, TextStats& stats) {
  a(stats.documents, stats.tokens, stats.documents_with);
}
template <class Archive>
void archive(Archive& a, VectorSpace& space) {
  a(space.seq, space.dimension, space.staging, space.staging_dimension, space.staged,
    space.without);
}
}  // namespace storage

namespace replication {
using mosaic::inspect;
template <class Archive>
void archive(Archive& a, Entry& entry) {
  a(entry.seq, entry.collection, entry.kind, entry.ticket, entry.time_ms, entry.request,
    entry.goes_on);
  archive_shared(a, entry.bytes);
}
}  // namespace replication

namespace shard {
using mosaic::inspect;
template <class Archive>
void archive(Archive& a, ShardQuery& query) {
  a(query.text, query.vector, query.vector_arm, query.depth, query.pagerank, query.not_id,
    query.filter, query.where, query.stats, query.ef, query.exact, query.documents,
    query.documents_max, query.space);
}
template <class Archive>
void archive(Archive& a, ShardCandidates& candidates) {
  a(candidates.seq, candidates.documents, candidates.vector_arm, candidates.text_arm,
    candidates.full_text_score, candidates.plan, candidates.stored, candidates.space);
}
template <class Archive>
void archive(Archive& a, FoundDocuments& found) {
  a(found.documents, found.space);
}
template <class Archive>
void archive(Archive& a, IndexWish& wish) {
  a(wish.generation, wish.settings, wish.quantization);
}
template <class Archive>
void archive(Archive& a, Page& page) {
  a(page.documents, page.more);
}
template <class Archive>
void archive(Archive& a, DocumentCount& count) {
  a(count.documents, count.existing, count.seq);
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
void archive(Archive& a, Drawn& drawn) {
  a(drawn.lot, drawn.vector);
}
template <class Archive>
void archive(Archive& a, SamplePage& page) {
  a(page.drawn, page.next, page.more);
}
template <class Archive>
void archive(Archive& a, MovePage& page) {
  a(page.move, page.looked_at, page.next, page.more);
}
template <class Archive>
void archive(Archive& a, UnstagedPage::Version& version) {
  a(version.id, version.written, version.title, version.text);
}
template <class Archive>
void archive(Archive& a, UnstagedPage& page) {
  a(page.read_at, page.space, page.documents, page.versions, page.next, page.more);
}
template <class Archive>
void archive(Archive& a, Deleted& deleted) {
  a(deleted.seq, deleted.documents, deleted.first);
}
template <class Archive>
void archive(Archive& a, ShardEntry& entry) {
  a(entry.seq, entry.kind, entry.time_ms, entry.request);
  archive_shared(a, entry.bytes);
}
}  // namespace shard

}  // namespace mosaic
