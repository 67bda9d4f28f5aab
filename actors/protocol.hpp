// The language of the node: every atom, message type and typed interface, in one place. Interfaces
// are narrow: who only needs to hear of routes sees a route_listener, whoever that is. All messages
// can cross to another process; tests/actors sends each through a wire.
#pragma once

#include <caf/all.hpp>

#include "actors/far_messages.hpp"

namespace mosaic::actors {
struct node_parts;
using node_parts_ptr = std::shared_ptr<const node_parts>;
struct built_graph;
using built_graph_ptr = std::shared_ptr<const built_graph>;
struct damaged_graph;
using damaged_graph_ptr = std::shared_ptr<const damaged_graph>;
struct index_outcome;
using index_outcome_ptr = std::shared_ptr<const index_outcome>;
using kept_reader_ptr = std::shared_ptr<shard::KeptReader>;
}  // namespace mosaic::actors

// Handles of this process, shared by everybody in it, graphs on their way between a shard and those
// beside it, and readers of its file: they never leave it.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mosaic::actors::node_parts_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mosaic::actors::built_graph_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mosaic::actors::damaged_graph_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mosaic::actors::index_outcome_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mosaic::actors::kept_reader_ptr)

/// Our errors travel as CAF errors of this category, their detail as context.
CAF_ERROR_CODE_ENUM(mosaic::ErrorCode, "mosaic")

CAF_BEGIN_TYPE_ID_BLOCK(mosaic, caf::first_custom_type_id)
CAF_ADD_ATOM(mosaic, mosaic::actors, text_stats_atom, "textstats")
CAF_ADD_ATOM(mosaic, mosaic::actors, search_atom, "search")
CAF_ADD_ATOM(mosaic, mosaic::actors, fetch_atom, "fetch")
CAF_ADD_ATOM(mosaic, mosaic::actors, read_atom, "read")
CAF_ADD_ATOM(mosaic, mosaic::actors, list_atom, "list")
CAF_ADD_ATOM(mosaic, mosaic::actors, match_atom, "match")
CAF_ADD_ATOM(mosaic, mosaic::actors, info_atom, "info")
CAF_ADD_ATOM(mosaic, mosaic::actors, resolve_atom, "resolve")
CAF_ADD_ATOM(mosaic, mosaic::actors, purge_atom, "purge")
CAF_ADD_ATOM(mosaic, mosaic::actors, graph_atom, "graph")
CAF_ADD_ATOM(mosaic, mosaic::actors, count_atom, "count")
CAF_ADD_ATOM(mosaic, mosaic::actors, embed_atom, "embed")
CAF_ADD_ATOM(mosaic, mosaic::actors, rank_atom, "rank")
CAF_ADD_ATOM(mosaic, mosaic::actors, sample_atom, "sample")
CAF_ADD_ATOM(mosaic, mosaic::actors, move_atom, "move")
CAF_ADD_ATOM(mosaic, mosaic::actors, stage_atom, "stage")
CAF_ADD_ATOM(mosaic, mosaic::actors, hold_atom, "hold")
CAF_ADD_ATOM(mosaic, mosaic::actors, reembed_atom, "reembed")
CAF_ADD_ATOM(mosaic, mosaic::actors, centroids_atom, "centroids")
CAF_ADD_ATOM(mosaic, mosaic::actors, train_atom, "train")
CAF_ADD_ATOM(mosaic, mosaic::actors, pagerank_atom, "pagerank")
CAF_ADD_ATOM(mosaic, mosaic::actors, cancel_atom, "cancel")
CAF_ADD_ATOM(mosaic, mosaic::actors, progress_atom, "progress")
CAF_ADD_ATOM(mosaic, mosaic::actors, ended_atom, "ended")
CAF_ADD_ATOM(mosaic, mosaic::actors, fault_atom, "fault")
CAF_ADD_ATOM(mosaic, mosaic::actors, parts_atom, "parts")
CAF_ADD_ATOM(mosaic, mosaic::actors, step_atom, "step")
CAF_ADD_ATOM(mosaic, mosaic::actors, built_atom, "built")
CAF_ADD_ATOM(mosaic, mosaic::actors, damaged_atom, "damaged")
CAF_ADD_ATOM(mosaic, mosaic::actors, trim_atom, "trim")
CAF_ADD_ATOM(mosaic, mosaic::actors, save_atom, "save")
CAF_ADD_ATOM(mosaic, mosaic::actors, floor_atom, "floor")
CAF_ADD_ATOM(mosaic, mosaic::actors, start_atom, "start")
CAF_ADD_ATOM(mosaic, mosaic::actors, apply_atom, "apply")
CAF_ADD_ATOM(mosaic, mosaic::actors, applied_atom, "applied")
CAF_ADD_ATOM(mosaic, mosaic::actors, checkpoint_atom, "checkpoint")
CAF_ADD_ATOM(mosaic, mosaic::actors, append_atom, "append")
CAF_ADD_ATOM(mosaic, mosaic::actors, committed_atom, "committed")
CAF_ADD_ATOM(mosaic, mosaic::actors, refused_atom, "refused")
CAF_ADD_ATOM(mosaic, mosaic::actors, status_atom, "status")
CAF_ADD_ATOM(mosaic, mosaic::actors, opened_atom, "opened")
CAF_ADD_ATOM(mosaic, mosaic::actors, introduced_atom, "introduced")
CAF_ADD_ATOM(mosaic, mosaic::actors, dropped_atom, "dropped")
CAF_ADD_ATOM(mosaic, mosaic::actors, up_atom, "up")
CAF_ADD_ATOM(mosaic, mosaic::actors, lost_atom, "lost")
CAF_ADD_ATOM(mosaic, mosaic::actors, cut_atom, "cut")
CAF_ADD_ATOM(mosaic, mosaic::actors, behind_atom, "behind")
CAF_ADD_ATOM(mosaic, mosaic::actors, catalog_atom, "catalog")
CAF_ADD_ATOM(mosaic, mosaic::actors, restart_atom, "restart")
CAF_ADD_ATOM(mosaic, mosaic::actors, tick_atom, "tick")
CAF_ADD_ATOM(mosaic, mosaic::actors, health_atom, "health")
CAF_ADD_ATOM(mosaic, mosaic::actors, upsert_atom, "upsert")
CAF_ADD_ATOM(mosaic, mosaic::actors, remove_atom, "remove")
CAF_ADD_ATOM(mosaic, mosaic::actors, create_atom, "create")
CAF_ADD_ATOM(mosaic, mosaic::actors, patch_atom, "patch")
CAF_ADD_ATOM(mosaic, mosaic::actors, drop_atom, "drop")
CAF_ADD_ATOM(mosaic, mosaic::actors, snapshot_atom, "snapshot")
CAF_ADD_ATOM(mosaic, mosaic::actors, prune_atom, "prune")
CAF_ADD_ATOM(mosaic, mosaic::actors, backup_atom, "backup")
CAF_ADD_ATOM(mosaic, mosaic::actors, restore_atom, "restore")
CAF_ADD_ATOM(mosaic, mosaic::actors, recall_atom, "recall")
CAF_ADD_ATOM(mosaic, mosaic::actors, remember_atom, "remember")
CAF_ADD_ATOM(mosaic, mosaic::actors, hello_atom, "hello")
CAF_ADD_ATOM(mosaic, mosaic::actors, join_atom, "join")
CAF_ADD_ATOM(mosaic, mosaic::actors, report_atom, "report")
CAF_ADD_ATOM(mosaic, mosaic::actors, forward_atom, "forward")
CAF_ADD_ATOM(mosaic, mosaic::actors, barrier_atom, "barrier")
CAF_ADD_ATOM(mosaic, mosaic::actors, reach_atom, "reach")
CAF_ADD_ATOM(mosaic, mosaic::actors, forget_atom, "forget")
CAF_ADD_ATOM(mosaic, mosaic::actors, promote_atom, "promote")
CAF_ADD_ATOM(mosaic, mosaic::actors, copy_atom, "copy")
CAF_ADD_ATOM(mosaic, mosaic::actors, peer_atom, "peer")
CAF_ADD_ATOM(mosaic, mosaic::actors, nodes_atom, "nodes")
CAF_ADD_ATOM(mosaic, mosaic::actors, cluster_atom, "cluster")
CAF_ADD_ATOM(mosaic, mosaic::actors, address_atom, "address")
CAF_ADD_ATOM(mosaic, mosaic::actors, leader_atom, "leader")
CAF_ADD_ATOM(mosaic, mosaic::actors, replicas_atom, "replicas")
CAF_ADD_ATOM(mosaic, mosaic::actors, news_atom, "news")
CAF_ADD_ATOM(mosaic, mosaic::actors, ask_atom, "ask")
CAF_ADD_ATOM(mosaic, mosaic::actors, answer_atom, "answer")
CAF_ADD_TYPE_ID(mosaic, (mosaic::ErrorCode))
CAF_ADD_TYPE_ID(mosaic, (mosaic::CollectionId))
CAF_ADD_TYPE_ID(mosaic, (mosaic::RequestId))
CAF_ADD_TYPE_ID(mosaic, (mosaic::RememberedAnswer))
CAF_ADD_TYPE_ID(mosaic, (mosaic::CollectionSettings))
CAF_ADD_TYPE_ID(mosaic, (mosaic::CollectionInfo))
CAF_ADD_TYPE_ID(mosaic, (mosaic::CollectionPut))
CAF_ADD_TYPE_ID(mosaic, (mosaic::UpsertRequest))
CAF_ADD_TYPE_ID(mosaic, (mosaic::UpsertReply))
CAF_ADD_TYPE_ID(mosaic, (mosaic::DeleteRequest))
CAF_ADD_TYPE_ID(mosaic, (mosaic::DeleteReply))
CAF_ADD_TYPE_ID(mosaic, (mosaic::GetRequest))
CAF_ADD_TYPE_ID(mosaic, (mosaic::StoredDocument))
CAF_ADD_TYPE_ID(mosaic, (mosaic::ListRequest))
CAF_ADD_TYPE_ID(mosaic, (mosaic::ListReply))
CAF_ADD_TYPE_ID(mosaic, (mosaic::SearchRequest))
CAF_ADD_TYPE_ID(mosaic, (mosaic::SearchReply))
CAF_ADD_TYPE_ID(mosaic, (mosaic::ShardInfo))
CAF_ADD_TYPE_ID(mosaic, (mosaic::Health))
CAF_ADD_TYPE_ID(mosaic, (mosaic::storage::TextStats))
CAF_ADD_TYPE_ID(mosaic, (mosaic::shard::ShardCandidates))
CAF_ADD_TYPE_ID(mosaic, (mosaic::shard::Page))
CAF_ADD_TYPE_ID(mosaic, (mosaic::shard::IndexWish))
CAF_ADD_TYPE_ID(mosaic, (mosaic::replication::Entry))
CAF_ADD_TYPE_ID(mosaic, (mosaic::Job))
CAF_ADD_TYPE_ID(mosaic, (mosaic::PageRankRequest))
CAF_ADD_TYPE_ID(mosaic, (mosaic::Centroids))
CAF_ADD_TYPE_ID(mosaic, (mosaic::CentroidsRequest))
CAF_ADD_TYPE_ID(mosaic, (mosaic::TrainRequest))
CAF_ADD_TYPE_ID(mosaic, (mosaic::ReembedRequest))
CAF_ADD_TYPE_ID(mosaic, (mosaic::FaultRequest))
CAF_ADD_TYPE_ID(mosaic, (mosaic::shard::GraphPage))
CAF_ADD_TYPE_ID(mosaic, (mosaic::shard::DocumentCount))
CAF_ADD_TYPE_ID(mosaic, (mosaic::shard::SamplePage))
CAF_ADD_TYPE_ID(mosaic, (mosaic::shard::MovePage))
CAF_ADD_TYPE_ID(mosaic, (mosaic::shard::FoundDocuments))
CAF_ADD_TYPE_ID(mosaic, (mosaic::shard::UnstagedPage))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::shard_key))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::text_stats_request))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::shard_search_request))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::fetch_request))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::shard_get_request))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::shard_list_request))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::resolve_request))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::purgeable_request))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::matches_request))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::matches_reply))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::graph_request))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::count_request))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::sample_request))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::misplaced_request))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::unstaged_request))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::embed_request))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::embed_reply))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::rank_request))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::diversify_request))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::ranking))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::job_progress))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::job_ended))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::jobs_reply))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::append_request))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::append_reply))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::hold_request))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::refusal))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::apply_group))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::applied_group))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::checkpoint_report))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::collection_opened))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::cut_moved))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::shard_lost))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::catalog_change))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::catalog_changed))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::log_status))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::patch_request))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::collections_reply))
CAF_ADD_TYPE_ID(mosaic, (mosaic::SnapshotRequest))
CAF_ADD_TYPE_ID(mosaic, (mosaic::PruneRequest))
CAF_ADD_TYPE_ID(mosaic, (mosaic::PrunedSnapshots))
CAF_ADD_TYPE_ID(mosaic, (mosaic::BackupRequest))
CAF_ADD_TYPE_ID(mosaic, (mosaic::BackupListRequest))
CAF_ADD_TYPE_ID(mosaic, (mosaic::RestoreRequest))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::snapshots_reply))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::drop_snapshot_request))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::backups_reply))
CAF_ADD_TYPE_ID(mosaic, (mosaic::NodeRecord))
CAF_ADD_TYPE_ID(mosaic, (mosaic::ClusterStatus))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::reach_request))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::cluster_hello))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::nodes_changed))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::node_report))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::forwarded_append))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::leader_reply))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::log_answer))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::copy_request))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::copy_ready))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::fetched_copy))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::info_request))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::shard_news))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::replica_news))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::far_question))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::far_questions))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::far_answer))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::far_answers))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::collection_places))
CAF_END_TYPE_ID_BLOCK(mosaic)

namespace mosaic::actors {

using caf::reacts_to;
using caf::replies_to;

/// Whatever can be made to fail on purpose.
using faulty_actor = caf::typed_actor<reacts_to<fault_atom, FaultRequest>>;

/// A part that works with others: it is told who they are, anew whenever one was started again.
using wired_actor = faulty_actor::extend<reacts_to<parts_atom, node_parts_ptr>>;

/// Answers questions to one shard from its immutable views, beside the writer.
using searcher_actor = faulty_actor::extend<
    replies_to<text_stats_atom, text_stats_request>::with<storage::TextStats>,
    replies_to<search_atom, shard_search_request>::with<shard::ShardCandidates>,
    replies_to<fetch_atom, fetch_request>::with<shard::FoundDocuments>,
    replies_to<read_atom, shard_get_request>::with<shard::FoundDocuments>,
    replies_to<list_atom, shard_list_request>::with<shard::Page>,
    replies_to<match_atom, matches_request>::with<matches_reply>,
    replies_to<graph_atom, graph_request>::with<shard::GraphPage>,
    replies_to<count_atom, count_request>::with<shard::DocumentCount>,
    replies_to<sample_atom, sample_request>::with<shard::SamplePage>,
    replies_to<move_atom, misplaced_request>::with<shard::MovePage>,
    replies_to<stage_atom, unstaged_request>::with<shard::UnstagedPage>,
    replies_to<resolve_atom, resolve_request>::with<Seq>,
    replies_to<purge_atom, purgeable_request>::with<std::uint64_t>,
    replies_to<info_atom, info_request>::with<ShardInfo>,
    replies_to<snapshot_atom, std::string, Seq>::with<kept_reader_ptr>>;

/// Brings questions to nodes that hold a shard; the answer is as a searcher of theirs gives it.
using far_shards_actor = caf::typed_actor<replies_to<ask_atom, far_question>::with<far_answer>>;

/// Owns one shard: applies groups of log entries in order and checkpoints the file.
using shard_actor = faulty_actor::extend<
    reacts_to<start_atom>, reacts_to<apply_atom, apply_group>, reacts_to<checkpoint_atom>,
    reacts_to<tick_atom>, reacts_to<built_atom, built_graph_ptr>,
    reacts_to<damaged_atom, damaged_graph_ptr>, reacts_to<trim_atom>, reacts_to<save_atom>>;

/// Builds the graphs of one shard, beside the writer.
using indexer_actor =
    faulty_actor::extend<reacts_to<start_atom>, reacts_to<step_atom, shard::IndexWish>,
                         reacts_to<ended_atom, index_outcome_ptr>, reacts_to<tick_atom>,
                         reacts_to<restart_atom>>;

/// Whoever has to know which shards there are, who serves them, here (`up`) and on other nodes
/// (`replicas`), and which cut searches may use. Hears `introduced` once it has been told of all
/// there were when it began.
using route_listener = wired_actor::extend<
    reacts_to<opened_atom, collection_opened>, reacts_to<dropped_atom, CollectionId>,
    reacts_to<up_atom, shard_key, std::vector<searcher_actor>>, reacts_to<lost_atom, shard_lost>,
    reacts_to<replicas_atom, shard_key, far_shards_actor>, reacts_to<lost_atom, shard_key>,
    reacts_to<cut_atom, cut_moved>, reacts_to<behind_atom, shard_key, bool>,
    reacts_to<introduced_atom>>;

/// Applies catalog entries, and keeps the shards of all collections running.
using supervisor_actor = wired_actor::extend<
    replies_to<catalog_atom, catalog_change>::with<catalog_changed>,
    replies_to<recall_atom, RequestId>::with<catalog_changed>,
    replies_to<health_atom>::with<Health>, replies_to<report_atom>::with<node_report>,
    replies_to<read_atom, shard_key>::with<searcher_actor>,
    reacts_to<up_atom, shard_key, Seq, shard_actor, std::vector<searcher_actor>>,
    reacts_to<checkpoint_atom, checkpoint_report>, reacts_to<floor_atom, Seq>,
    reacts_to<restart_atom, shard_key>, reacts_to<dropped_atom, CollectionId>,
    reacts_to<replicas_atom, shard_key, Seq>>;

/// Between the log's thread and everybody else: appends, and hands committed entries out in order.
using log_actor = wired_actor::extend<
    replies_to<append_atom, append_request>::with<append_reply>,
    replies_to<hold_atom, hold_request>::with<void>, replies_to<status_atom>::with<log_status>,
    replies_to<forward_atom, forwarded_append>::with<leader_reply>,
    replies_to<reach_atom, reach_request>::with<Seq>, reacts_to<reach_atom>,
    reacts_to<nodes_atom, Seq, Seq>, reacts_to<committed_atom, replication::Entry>,
    reacts_to<refused_atom, refusal>, reacts_to<opened_atom, collection_opened>,
    reacts_to<introduced_atom>, reacts_to<dropped_atom, CollectionId>,
    reacts_to<up_atom, shard_key, Seq, shard_actor>, reacts_to<lost_atom, shard_lost>,
    reacts_to<applied_atom, applied_group>, reacts_to<news_atom, shard_news>,
    reacts_to<checkpoint_atom, checkpoint_report>, reacts_to<floor_atom, Seq>,
    reacts_to<tick_atom>>;

/// What may be asked about long work: of the node that leads, wherever it is.
using job_calls_actor = caf::typed_actor<
    replies_to<pagerank_atom, PageRankRequest>::with<Job>,
    replies_to<train_atom, TrainRequest>::with<Job>,
    replies_to<reembed_atom, ReembedRequest>::with<Job>, replies_to<list_atom>::with<jobs_reply>,
    replies_to<read_atom, std::string>::with<Job>, replies_to<cancel_atom, std::string>::with<Job>,
    replies_to<snapshot_atom, SnapshotRequest>::with<Job>,
    replies_to<list_atom, std::string>::with<snapshots_reply>,
    replies_to<drop_atom, drop_snapshot_request>::with<PrunedSnapshots>,
    replies_to<prune_atom, PruneRequest>::with<PrunedSnapshots>,
    replies_to<backup_atom, BackupRequest>::with<Job>,
    replies_to<list_atom, BackupListRequest>::with<backups_reply>,
    replies_to<restore_atom, RestoreRequest>::with<Job>>;

/// One copy of a file, made for another node: gives what follows an offset, at most kCopyChunk
/// bytes of it, and ends when told to or when nobody has asked for long.
using copy_actor = caf::typed_actor<replies_to<read_atom, std::uint64_t>::with<std::string>,
                                    reacts_to<ended_atom>, reacts_to<tick_atom>>;

/// Makes copies of the files that a node holds, or of states of them that were kept.
using copies_actor =
    faulty_actor::extend<replies_to<copy_atom, copy_request>::with<copy_actor, copy_ready>,
                         replies_to<copy_atom, kept_reader_ptr>::with<copy_actor, copy_ready>>;

/// What nodes tell each other of their shards, and ask of them.
using far_replicas_actor =
    caf::typed_actor<replies_to<hello_atom, std::string, replica_news>::with<replica_news>,
                     reacts_to<news_atom, replica_news>, reacts_to<ask_atom, far_questions>,
                     reacts_to<answer_atom, far_answers>>;

/// Knows how the shards of other nodes fare, and brings questions to them; tells them the same of
/// this node, and answers.
using replicas_actor = route_listener::extend_with<far_replicas_actor>::extend_with<
    far_shards_actor>::extend<reacts_to<peer_atom, std::uint64_t, std::string, far_replicas_actor>,
                              reacts_to<lost_atom, std::uint64_t>, reacts_to<news_atom, shard_news>,
                              reacts_to<step_atom>, reacts_to<tick_atom>>;

/// What a node answers to the others of its cluster.
using peer_actor =
    job_calls_actor::extend<replies_to<hello_atom>::with<cluster_hello>,
                            replies_to<join_atom, NodeRecord>::with<cluster_hello>,
                            replies_to<report_atom, node_report>::with<node_report>,
                            replies_to<forward_atom, forwarded_append>::with<leader_reply>,
                            replies_to<barrier_atom>::with<Seq>,
                            replies_to<reach_atom, Seq>::with<Seq>,
                            replies_to<forget_atom, std::string>::with<leader_reply>,
                            replies_to<promote_atom, std::string>::with<leader_reply>,
                            replies_to<copy_atom, copy_request>::with<copy_actor, copy_ready>,
                            replies_to<replicas_atom>::with<far_replicas_actor>>;

/// Knows the other nodes, keeps a connection to each, and brings what the parts of this node ask of
/// the leader to it, whoever that is; `done` is what the log's thread has to say.
using membership_actor = peer_actor::extend_with<wired_actor>::extend<
    reacts_to<nodes_atom, nodes_changed>, reacts_to<address_atom, std::string>,
    reacts_to<address_atom, std::uint64_t>, replies_to<cluster_atom>::with<ClusterStatus>,
    replies_to<lost_atom>::with<NodeIds>, replies_to<peer_atom, shard_key>::with<peer_actor>,
    replies_to<cluster_atom, Seq>::with<Seq>,
    replies_to<leader_atom, forward_atom, forwarded_append>::with<leader_reply>,
    replies_to<leader_atom, barrier_atom>::with<Seq>,
    replies_to<leader_atom, forget_atom, std::string>::with<ClusterStatus>,
    replies_to<leader_atom, promote_atom, std::string>::with<ClusterStatus>,
    reacts_to<replicas_atom, collection_places>, reacts_to<dropped_atom, CollectionId>,
    replies_to<replicas_atom, shard_key, Seq>::with<bool>, reacts_to<report_atom>,
    reacts_to<ended_atom, log_answer>, reacts_to<tick_atom>>;

/// Makes vectors of texts at an endpoint outside. The cache in front of it is asked the same way.
using embedder_actor =
    faulty_actor::extend<replies_to<embed_atom, embed_request>::with<embed_reply>>;

/// Joins the candidates of all shards to one ranking, and thins out likeness in it.
using ranker_actor = faulty_actor::extend<replies_to<rank_atom, rank_request>::with<ranking>,
                                          replies_to<rank_atom, diversify_request>::with<ranking>>;

/// Plans searches and reads, fans them out, merges in time.
using coordinator_actor =
    route_listener::extend<replies_to<search_atom, SearchRequest>::with<SearchReply>,
                           replies_to<read_atom, GetRequest>::with<StoredDocument>,
                           replies_to<list_atom, ListRequest>::with<ListReply>,
                           replies_to<info_atom, std::string>::with<CollectionInfo>,
                           replies_to<info_atom>::with<collections_reply>,
                           replies_to<centroids_atom, std::string>::with<Centroids>,
                           reacts_to<tick_atom>>;

/// Checks writes, embeds, and makes log entries of them.
using ingest_actor = route_listener::extend<
    replies_to<upsert_atom, UpsertRequest, RequestId>::with<UpsertReply>,
    replies_to<remove_atom, DeleteRequest, RequestId>::with<DeleteReply>,
    replies_to<create_atom, CollectionSettings, RequestId>::with<CollectionPut>,
    replies_to<patch_atom, patch_request, RequestId>::with<CollectionInfo>,
    replies_to<drop_atom, std::string, RequestId>::with<append_reply>,
    replies_to<centroids_atom, CentroidsRequest, RequestId>::with<Centroids>,
    replies_to<remember_atom, RememberedAnswer>::with<append_reply>, reacts_to<tick_atom>>;

/// Starts long work, knows how far it is, ends it.
using jobs_actor = route_listener::extend_with<job_calls_actor>::extend<
    reacts_to<progress_atom, job_progress>, reacts_to<ended_atom, job_ended>, reacts_to<tick_atom>>;

/// Purges what no state that is kept shows.
using historian_actor = route_listener::extend<reacts_to<tick_atom>, reacts_to<start_atom>>;

/// What a node offers to programs that speak CAF. A write with a RequestId that was done is
/// answered once more, but not done again.
using engine_actor =
    wired_actor::extend<replies_to<search_atom, SearchRequest>::with<SearchReply>,
                        replies_to<read_atom, GetRequest>::with<StoredDocument>,
                        replies_to<upsert_atom, UpsertRequest, RequestId>::with<UpsertReply>,
                        replies_to<remove_atom, DeleteRequest, RequestId>::with<DeleteReply>,
                        replies_to<create_atom, CollectionSettings, RequestId>::with<CollectionPut>,
                        replies_to<info_atom, std::string>::with<CollectionInfo>,
                        replies_to<health_atom>::with<Health>>;

/// Everybody that others may need. Sent as a whole after every start of one of them. A part that is
/// down stays listed until it is started again: what is asked of it fails at once.
struct node_parts {
  log_actor log;
  supervisor_actor supervisor;
  membership_actor membership;
  copies_actor copies;
  replicas_actor replicas;
  embedder_actor embedder;
  std::vector<ranker_actor> rankers;
  std::vector<coordinator_actor> coordinators;
  std::vector<ingest_actor> ingest;
  jobs_actor jobs;
  job_calls_actor job_desk;               ///< takes what is asked about jobs to the node that leads
  std::vector<route_listener> listeners;  ///< coordinators, ingest, jobs, historian, replicas
};

/// A graph that a shard may go on with, made from one of its views.
struct built_graph {
  std::shared_ptr<index::Graph> graph;
  std::uint32_t generation = 0;  ///< of the wish that it was made by
};

/// A graph whose file no longer holds what was written.
struct damaged_graph {
  std::shared_ptr<index::Graph> graph;
  Error error;
};

/// Registers all of the above with a system.
void add_protocol(caf::actor_system_config& config);

caf::error to_caf(const Error& error);
Error from_caf(const caf::error& error);

/// A Result as the answer of a handler.
template <class T>
caf::result<T> to_caf(Result<T> result) {
  if (!result) return to_caf(result.error());
  return std::move(*result);
}

/// Deliver and be done: for `return refuse(promise, error);`.
template <class Promise>
void refuse(Promise& promise, const Error& error) {
  promise.deliver(to_caf(error));
}

template <class Promise, class Value>
void answer(Promise& promise, Value&& value) {
  promise.deliver(std::forward<Value>(value));
}

}  // namespace mosaic::actors
