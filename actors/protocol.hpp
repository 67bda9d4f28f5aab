// The language of the node: every atom, message type and typed interface, in one place. Interfaces
// are narrow: who only needs to hear of routes sees a route_listener, whoever that is. All messages
// can cross to another process; tests/actors sends each through a wire.
#pragma once

#include <caf/all.hpp>

#include "actors/messages.hpp"

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
CAF_ADD_ATOM(mosaic, mosaic::actors, start_atom, "start")
CAF_ADD_ATOM(mosaic, mosaic::actors, apply_atom, "apply")
CAF_ADD_ATOM(mosaic, mosaic::actors, applied_atom, "applied")
CAF_ADD_ATOM(mosaic, mosaic::actors, checkpoint_atom, "checkpoint")
CAF_ADD_ATOM(mosaic, mosaic::actors, append_atom, "append")
CAF_ADD_ATOM(mosaic, mosaic::actors, committed_atom, "committed")
CAF_ADD_ATOM(mosaic, mosaic::actors, refused_atom, "refused")
CAF_ADD_ATOM(mosaic, mosaic::actors, status_atom, "status")
CAF_ADD_ATOM(mosaic, mosaic::actors, opened_atom, "opened")
CAF_ADD_ATOM(mosaic, mosaic::actors, dropped_atom, "dropped")
CAF_ADD_ATOM(mosaic, mosaic::actors, up_atom, "up")
CAF_ADD_ATOM(mosaic, mosaic::actors, lost_atom, "lost")
CAF_ADD_ATOM(mosaic, mosaic::actors, cut_atom, "cut")
CAF_ADD_ATOM(mosaic, mosaic::actors, listen_atom, "listen")
CAF_ADD_ATOM(mosaic, mosaic::actors, catalog_atom, "catalog")
CAF_ADD_ATOM(mosaic, mosaic::actors, restart_atom, "restart")
CAF_ADD_ATOM(mosaic, mosaic::actors, tick_atom, "tick")
CAF_ADD_ATOM(mosaic, mosaic::actors, health_atom, "health")
CAF_ADD_ATOM(mosaic, mosaic::actors, upsert_atom, "upsert")
CAF_ADD_ATOM(mosaic, mosaic::actors, remove_atom, "remove")
CAF_ADD_ATOM(mosaic, mosaic::actors, create_atom, "create")
CAF_ADD_ATOM(mosaic, mosaic::actors, patch_atom, "patch")
CAF_ADD_ATOM(mosaic, mosaic::actors, drop_atom, "drop")
CAF_ADD_TYPE_ID(mosaic, (mosaic::ErrorCode))
CAF_ADD_TYPE_ID(mosaic, (mosaic::CollectionId))
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
CAF_ADD_TYPE_ID(mosaic, (mosaic::replication::Entry))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::shard_key))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::text_stats_request))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::shard_search_request))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::fetch_request))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::documents_reply))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::shard_get_request))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::shard_list_request))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::matches_request))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::matches_reply))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::append_request))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::append_reply))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::refusal))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::apply_group))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::applied_group))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::checkpoint_report))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::collection_opened))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::cut_moved))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::shard_lost))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::catalog_change))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::log_status))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::patch_request))
CAF_ADD_TYPE_ID(mosaic, (mosaic::actors::collections_reply))
CAF_END_TYPE_ID_BLOCK(mosaic)

namespace mosaic::actors {

using caf::reacts_to;
using caf::replies_to;

/// Answers questions to one shard from its immutable views, beside the writer.
using searcher_actor =
    caf::typed_actor<replies_to<text_stats_atom, text_stats_request>::with<storage::TextStats>,
                     replies_to<search_atom, shard_search_request>::with<shard::ShardCandidates>,
                     replies_to<fetch_atom, fetch_request>::with<documents_reply>,
                     replies_to<read_atom, shard_get_request>::with<documents_reply>,
                     replies_to<list_atom, shard_list_request>::with<shard::Page>,
                     replies_to<match_atom, matches_request>::with<matches_reply>,
                     replies_to<info_atom>::with<ShardInfo>>;

/// Owns one shard: applies groups of log entries in order and checkpoints the file.
using shard_actor = caf::typed_actor<reacts_to<start_atom>, reacts_to<apply_atom, apply_group>,
                                     reacts_to<checkpoint_atom>, reacts_to<tick_atom>>;

/// Whoever has to know which shards there are, who serves them, and which cut searches may use.
using route_listener =
    caf::typed_actor<reacts_to<opened_atom, collection_opened>,
                     reacts_to<dropped_atom, CollectionId>,
                     reacts_to<up_atom, shard_key, std::vector<searcher_actor>>,
                     reacts_to<lost_atom, shard_lost>, reacts_to<cut_atom, cut_moved>>;

/// Applies catalog entries, and keeps the shards of all collections running.
using supervisor_actor =
    caf::typed_actor<reacts_to<start_atom>, reacts_to<listen_atom, route_listener>,
                     replies_to<catalog_atom, catalog_change>::with<CollectionId>,
                     replies_to<health_atom>::with<Health>,
                     reacts_to<up_atom, shard_key, Seq, shard_actor, std::vector<searcher_actor>>,
                     reacts_to<checkpoint_atom, checkpoint_report>,
                     reacts_to<restart_atom, shard_key>>;

/// Between the log's thread and everybody else: appends, and hands committed entries out in order.
using log_actor = caf::typed_actor<
    replies_to<append_atom, append_request>::with<append_reply>,
    replies_to<status_atom>::with<log_status>, reacts_to<start_atom, supervisor_actor>,
    reacts_to<listen_atom, route_listener>, reacts_to<committed_atom, replication::Entry>,
    reacts_to<refused_atom, refusal>, reacts_to<opened_atom, collection_opened>,
    reacts_to<dropped_atom, CollectionId>, reacts_to<up_atom, shard_key, Seq, shard_actor>,
    reacts_to<lost_atom, shard_lost>, reacts_to<applied_atom, applied_group>,
    reacts_to<checkpoint_atom, checkpoint_report>, reacts_to<tick_atom>>;

/// Plans searches and reads, fans them out, merges in time.
using coordinator_actor =
    route_listener::extend<replies_to<search_atom, SearchRequest>::with<SearchReply>,
                           replies_to<read_atom, GetRequest>::with<StoredDocument>,
                           replies_to<list_atom, ListRequest>::with<ListReply>,
                           replies_to<info_atom, std::string>::with<CollectionInfo>,
                           replies_to<info_atom>::with<collections_reply>>;

/// Checks writes, embeds, and makes log entries of them.
using ingest_actor =
    route_listener::extend<replies_to<upsert_atom, UpsertRequest>::with<UpsertReply>,
                           replies_to<remove_atom, DeleteRequest>::with<DeleteReply>,
                           replies_to<create_atom, CollectionSettings>::with<CollectionPut>,
                           replies_to<patch_atom, patch_request>::with<CollectionInfo>,
                           replies_to<drop_atom, std::string>::with<append_reply>>;

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
