// One message of every type of the protocol, with values that no default has: a field that does not
// cross is seen.
#pragma once

#include "actors/protocol.hpp"

namespace mosaic::actors::samples {

inline Deadline soon() {
  return Deadline::in(std::chrono::steady_clock::now(), std::chrono::seconds(100));
}

inline SharedBytes shared(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

inline Include everything() {
  return {.title = false, .text = false, .metadata = false, .vector = true, .links = true};
}

inline Document document() {
  return {"id", "title", "text", {1, -2.5F}, R"({"x":1})", {{"to", "kind", 0.5}}};
}

inline StoredDocument stored() {
  return {document(), 7, 0.25, {3}};
}

inline CollectionSettings settings() {
  CollectionSettings made;
  made.name = "docs";
  made.dimension = 2;
  made.metric = Metric::kDot;
  made.shards = 3;
  made.routing = "centroid";
  made.replicas = 2;
  made.embedder = "none";
  made.quantization = Quantization::kBinary;
  made.index = {IndexType::kFlat, 17, 201};
  made.indexed = {"a", "b.c"};
  made.retention_s = 60;
  return made;
}

inline Snapshot snapshot() {
  return {"s", 3, 4, 5, {{"snapshots/docs-1/s/shard-0.db", 6, "ab"}}};
}

inline NodeRecord node() {
  return {7, "n7", "h:1", "h:2", "h:3"};
}

inline ShardInfo shard_info() {
  return {{1}, "n1", ShardState::kParked, 2, 3, 4, 5, 6, "broken"};
}

inline CollectionInfo collection() {
  return {settings(), 8, 9, 10, {shard_info(), shard_info()}};
}

inline query::Candidate candidate() {
  return {{1}, 2, "id", 0.5, 0.25, 0.75, 3.5, 0.125, {0.1, 0.2, 0.3, -0.4}};
}

inline query::RankPlan plan() {
  return {SearchMode::kText, Fusion::kWeighted, {2, 3, 4}, 11, 0.5, 0.75, 6.5};
}

inline VectorPlan vector_plan() {
  return {"walk", "cheaper", 1, 2, 3, 4, 5, 0.5, 0.25, "float16"};
}

inline SearchRequest search() {
  SearchRequest made;
  made.collection = "docs";
  made.query = "words";
  made.vector = {1, 2};
  made.document = "other";
  made.k = 11;
  made.mode = SearchMode::kText;
  made.fusion = Fusion::kWeighted;
  made.weights = {2, 3, 4};
  made.diversity = 0.5;
  made.filter = R"({"x":1})";
  made.where = "seq > 1";
  made.min_score = -1.5;
  made.ef = 300;
  made.exact = true;
  made.shards_to_search = 2;
  made.audit = true;
  made.timeout_ms = 12;
  made.include = everything();
  made.explain = true;
  return made;
}

inline SearchReply found() {
  SearchReply made;
  made.hits = {{stored(), 0.5, 0.25, {0.1, 0.2, 0.3}}};
  made.took_ms = 1.5;
  made.seq = 13;
  made.partial = true;
  made.shards_total = 4;
  made.shards_searched = 3;
  made.failed = {{{2}, "n1", {ErrorCode::kUnavailable, "down"}}};
  made.missing_share = 0.25;
  made.explain = Explain{{{"rank", 0.5, 3, 2, {{1}}}},
                         Explain::Routing{1, {{2}}, 0.5, "near"},
                         {{{1}, vector_plan()}},
                         {{"id", 0.5, {0.1, 0.2, 0.3, -0.4}}}};
  made.audit = Audit{0.5, 4, 2, {"a", "b"}, "late"};
  return made;
}

inline shard::ShardQuery shard_query() {
  return {"words",   {1, 2},           true, 11,  true, "other", R"({"x":1})",
          "seq > 1", {{3, 9, {1, 2}}}, 300,  true};
}

inline CollectionPatch patch() {
  return {std::vector<std::string>{"a"}, 5, IndexSettings{IndexType::kFlat, 17, 201},
          Quantization::kNone, 2};
}

inline Health health() {
  return {"0.1", "n1", 1.5, 2, 3, {{"docs", {1}, ShardState::kDown, "broken"}}, true, {"docs"}};
}

inline Centroids centroids() {
  return {5, {{1, 2}, {3, 4}}, false, {0.5, 1}};
}

inline PageRankRequest pagerank() {
  return {"docs", {0.5, 7, 1e-3, true}};
}

inline Job job() {
  return {"j1", "pagerank", JobState::kCancelled, 0.5, "half", R"({"x":1})"};
}

inline replication::Entry entry() {
  return {5, {2}, EntryKind::kPageRank, shared("entry"), 6};
}

inline shard_key key() {
  return {{4}, {2}};
}

/// `of(type<T>)` gives the sample of T.
template <class T>
struct type {};

inline auto of(type<CollectionId>) {
  return CollectionId{5};
}
inline auto of(type<CollectionSettings>) {
  return settings();
}
inline auto of(type<CollectionInfo>) {
  return collection();
}
inline auto of(type<CollectionPut>) {
  return CollectionPut{collection(), true};
}
inline auto of(type<UpsertRequest>) {
  return UpsertRequest{"docs", {document(), document()}};
}
inline auto of(type<UpsertReply>) {
  return UpsertReply{3, 4, true};
}
inline auto of(type<DeleteRequest>) {
  return DeleteRequest{"docs", {"a", "b"}, "{}", "1"};
}
inline auto of(type<DeleteReply>) {
  return DeleteReply{3, 4, true};
}
inline auto of(type<GetRequest>) {
  return GetRequest{"docs", "id", everything()};
}
inline auto of(type<StoredDocument>) {
  return stored();
}
inline auto of(type<ListRequest>) {
  return ListRequest{"docs", 7, "c", "{}", everything(), true};
}
inline auto of(type<ListReply>) {
  return ListReply{{stored()}, "next"};
}
inline auto of(type<SearchRequest>) {
  return search();
}
inline auto of(type<SearchReply>) {
  return found();
}
inline auto of(type<ShardInfo>) {
  return shard_info();
}
inline auto of(type<Health>) {
  return health();
}
inline auto of(type<storage::TextStats>) {
  return storage::TextStats{3, 9, {1, 2}};
}
inline auto of(type<shard::ShardCandidates>) {
  return shard::ShardCandidates{
      5, 6, {candidate()}, {candidate(), candidate()}, 7.5, vector_plan(), {stored()}};
}
inline auto of(type<shard::IndexWish>) {
  return shard::IndexWish{3, {IndexType::kFlat, 17, 201}, Quantization::kBinary};
}
inline auto of(type<shard::Page>) {
  return shard::Page{{stored()}, true};
}
inline auto of(type<shard::DocumentCount>) {
  return shard::DocumentCount{5, 2, 7};
}
inline auto of(type<shard::GraphPage>) {
  return shard::GraphPage{{"a", "b"}, {{"a", "b", 0.5}}, {3, 4}, true};
}
inline auto of(type<replication::Entry>) {
  return entry();
}
inline auto of(type<Job>) {
  return job();
}
inline auto of(type<PageRankRequest>) {
  return pagerank();
}
inline auto of(type<FaultRequest>) {
  return FaultRequest{"shard", FaultKind::kSlow, "docs", {1}, 20, 3};
}
inline auto of(type<shard_key>) {
  return key();
}
inline auto of(type<text_stats_request>) {
  return text_stats_request{3, "words", soon()};
}
inline auto of(type<shard_search_request>) {
  return shard_search_request{3, shard_query(), soon()};
}
inline auto of(type<fetch_request>) {
  return fetch_request{{1, 2}, everything(), soon()};
}
inline auto of(type<shard::FoundDocuments>) {
  return shard::FoundDocuments{{stored()}, 5};
}
inline auto of(type<shard_get_request>) {
  return shard_get_request{2, "id", everything(), soon()};
}
inline auto of(type<shard_list_request>) {
  return shard_list_request{2, of(type<ListRequest>{}), "after", soon()};
}
inline auto of(type<matches_request>) {
  return matches_request{2, "{}", "1", soon()};
}
inline auto of(type<matches_reply>) {
  return matches_reply{{{"id", 3}}};
}
inline auto of(type<count_request>) {
  return count_request{2, {"a", "b"}, soon()};
}
inline auto of(type<sample_request>) {
  return sample_request{3, 4, 5, soon()};
}
inline auto of(type<misplaced_request>) {
  return misplaced_request{3, std::make_shared<const Centroids>(centroids()), soon()};
}
inline auto of(type<shard::SamplePage>) {
  return shard::SamplePage{{{7, {1, 2}}}, 3, true};
}
inline auto of(type<shard::MovePage>) {
  return shard::MovePage{{4, 5, {document()}, {{1}}, {3}}, 7, 6, true};
}
inline auto of(type<Centroids>) {
  return centroids();
}
inline auto of(type<CentroidsRequest>) {
  return CentroidsRequest{"docs", {{1, 2}, {3, 4}}};
}
inline auto of(type<TrainRequest>) {
  return TrainRequest{"docs", {5, 6, 7}};
}
inline auto of(type<ReembedRequest>) {
  return ReembedRequest{"docs", "hash", 7};
}
inline auto of(type<unstaged_request>) {
  return unstaged_request{3, 4, 5, soon()};
}
inline auto of(type<shard::UnstagedPage>) {
  return shard::UnstagedPage{4, {1, 2, 3, 4, 5, 6}, 7, {{"a", 3, "title", "text"}}, 8, true};
}
inline auto of(type<hold_request>) {
  return hold_request{{1}, 3, soon()};
}
inline auto of(type<graph_request>) {
  return graph_request{3, {4, 5}, soon()};
}
inline auto of(type<embed_request>) {
  return embed_request{"openai:u", 2, {"a", "b"}, soon()};
}
inline auto of(type<embed_reply>) {
  return embed_reply{{{1, 2}, {3, 4}}};
}
inline auto of(type<rank_request>) {
  return rank_request{plan(), {{candidate()}, {}}, {{candidate()}}};
}
inline auto of(type<diversify_request>) {
  return diversify_request{plan(), {candidate()}, {{1, 2}}};
}
inline auto of(type<ranking>) {
  return ranking{{candidate()}};
}
inline auto of(type<job_progress>) {
  return job_progress{"j1", 0.5, "half"};
}
inline auto of(type<job_ended>) {
  return job_ended{"j1", JobState::kFailed, "no", "{}", Error{ErrorCode::kCorruptData, "x"}, 9};
}
inline auto of(type<jobs_reply>) {
  return jobs_reply{{job()}};
}
inline auto of(type<append_request>) {
  return append_request{{1},      EntryKind::kPageRank, shared("entry"), {{1}, {2}}, soon(), Seq{6},
                        {7, 8, 9}};
}
inline auto of(type<NodeRecord>) {
  return node();
}
inline auto of(type<ClusterStatus>) {
  return ClusterStatus{"n1",
                       2,
                       3,
                       {{"n1", "h:1", "h:2", NodeRole::kVoter, NodeState::kJoining, 4, 5}},
                       {{"docs", {1}, {{"n1", ShardState::kParked, 6}}}}};
}
inline auto of(type<reach_request>) {
  return reach_request{{1}, 2, true, soon()};
}
inline auto of(type<cluster_hello>) {
  return cluster_hello{node(), -3, {node(), node()}};
}
inline auto of(type<nodes_changed>) {
  return nodes_changed{{node()}, {7, 8}, {9}};
}
inline auto of(type<node_report>) {
  return node_report{node(), 2, true, {{{{1}, {2}}, "docs", ShardState::kUp, 3, true, 4}}};
}
inline auto of(type<forwarded_append>) {
  auto request = of(type<append_request>{});
  request.deadline = Deadline{TimePoint{}};
  return forwarded_append{request, 7, 8};
}
inline auto of(type<leader_reply>) {
  return leader_reply{true};
}
inline auto of(type<log_answer>) {
  return log_answer{1, 2, Error{ErrorCode::kOverloaded, "full"}};
}
inline auto of(type<copy_request>) {
  return copy_request{{{1}, {2}}, 3, "kept"};
}
inline auto of(type<copy_ready>) {
  return copy_ready{1, "ab", 3, 4};
}
inline auto of(type<fetched_copy>) {
  return fetched_copy{{1, "ab", 3, 4}, Error{ErrorCode::kUnavailable, "lost"}};
}
inline auto of(type<info_request>) {
  return info_request{3};
}
inline auto of(type<shard_news>) {
  return shard_news{{{1}, {2}}, true, 3, {{3, 1, 2}}, true};
}
inline auto of(type<replica_news>) {
  return replica_news{7, true, {of(type<shard_news>{})}};
}
inline auto of(type<far_question>) {
  return far_question{1, {{1}, {2}}, info_request{3}};
}
inline auto of(type<far_questions>) {
  auto search = of(type<shard_search_request>{});
  search.deadline = Deadline{TimePoint{}};
  return pack({of(type<far_question>{}), {2, {{1}, {3}}, search}, {3, {{1}, {4}}, search}});
}
inline auto of(type<far_answer>) {
  return far_answer{1, Error{ErrorCode::kUnavailable, "gone"}};
}
inline auto of(type<far_answers>) {
  return far_answers{{{1, std::uint64_t{5}}, {2, of(type<shard::FoundDocuments>{})}}};
}
inline auto of(type<collection_places>) {
  return collection_places{
      {1}, "docs", 2, std::make_shared<const Replicas>(Replicas{{3, {{4, true}, {5, false}}}})};
}
inline auto of(type<append_reply>) {
  return append_reply{4, true, 2, {1}, true};
}
inline auto of(type<refusal>) {
  return refusal{1, {ErrorCode::kUnavailable, "full"}};
}
inline auto of(type<apply_group>) {
  return apply_group{{{1, EntryKind::kPageRank, shared("entry")}}};
}
inline auto of(type<applied_group>) {
  return applied_group{key(), 3, {{3, 1}}};
}
inline auto of(type<checkpoint_report>) {
  return checkpoint_report{key(), 3, 4};
}
inline auto of(type<collection_opened>) {
  return collection_opened{{1},
                           settings(),
                           std::make_shared<const Centroids>(centroids()),
                           true,
                           std::make_shared<const std::vector<SnapshotRecord>>(
                               1, SnapshotRecord{snapshot(), true, "state"}),
                           {1, 2, Reembedding{3, "hash", 4, 5}},
                           {{1}},
                           {"n1, n2"},
                           {{2}},
                           true};
}
inline auto of(type<resolve_request>) {
  return resolve_request{AsOf{3, "then"}, Deadline{}};
}
inline auto of(type<purgeable_request>) {
  return purgeable_request{5, 6, Deadline{}};
}
inline auto of(type<SnapshotRequest>) {
  return SnapshotRequest{"docs", "s"};
}
inline auto of(type<PruneRequest>) {
  return PruneRequest{"docs", 5};
}
inline auto of(type<PrunedSnapshots>) {
  return PrunedSnapshots{{"old"}, {snapshot()}};
}
inline auto of(type<BackupRequest>) {
  return BackupRequest{"docs", "file:///b", "s"};
}
inline auto of(type<BackupListRequest>) {
  return BackupListRequest{"file:///b", "docs"};
}
inline auto of(type<RestoreRequest>) {
  return RestoreRequest{"file:///b", "docs", "again", "b1", true};
}
inline auto of(type<snapshots_reply>) {
  return snapshots_reply{{snapshot()}};
}
inline auto of(type<drop_snapshot_request>) {
  return drop_snapshot_request{"docs", "s"};
}
inline auto of(type<backups_reply>) {
  return backups_reply{{Backup{"b1", "docs", 1, 2, 3, 4, 5, 6, "cut"}}};
}
inline auto of(type<cut_moved>) {
  return cut_moved{{1}, 5};
}
inline auto of(type<shard_lost>) {
  return shard_lost{key(), ShardState::kParked, {ErrorCode::kCorruptData, "x"}};
}
inline auto of(type<catalog_change>) {
  return catalog_change{entry()};
}
inline auto of(type<catalog_changed>) {
  return catalog_changed{{3}, 4};
}
inline auto of(type<RequestId>) {
  return RequestId{1, 2, 3};
}
inline auto of(type<RememberedAnswer>) {
  return RememberedAnswer{{1, 2, 3}, "digest", 202, "text/plain", "/there", "body"};
}
inline auto of(type<log_status>) {
  return log_status{{key()}, 8, {key()}};
}
inline auto of(type<patch_request>) {
  return patch_request{"docs", patch()};
}
inline auto of(type<collections_reply>) {
  return collections_reply{{collection()}};
}

}  // namespace mosaic::actors::samples
