// What can be asked of a searcher: by which atom each question goes, and what comes back.
#pragma once

#include "actors/protocol.hpp"

namespace mosaic::actors {

template <class AtomType, class ReplyType>
struct answered_by {
  using Atom = AtomType;
  using Reply = ReplyType;
};

template <class Request>
struct question_of;

template <>
struct question_of<info_request> : answered_by<info_atom, ShardInfo> {};
template <>
struct question_of<text_stats_request> : answered_by<text_stats_atom, storage::TextStats> {};
template <>
struct question_of<shard_search_request> : answered_by<search_atom, shard::ShardCandidates> {};
template <>
struct question_of<fetch_request> : answered_by<fetch_atom, shard::FoundDocuments> {};
template <>
struct question_of<shard_get_request> : answered_by<read_atom, shard::FoundDocuments> {};
template <>
struct question_of<shard_list_request> : answered_by<list_atom, shard::Page> {};
template <>
struct question_of<matches_request> : answered_by<match_atom, matches_reply> {};
template <>
struct question_of<graph_request> : answered_by<graph_atom, shard::GraphPage> {};
template <>
struct question_of<count_request> : answered_by<count_atom, shard::DocumentCount> {};
template <>
struct question_of<sample_request> : answered_by<sample_atom, shard::SamplePage> {};
template <>
struct question_of<misplaced_request> : answered_by<move_atom, shard::MovePage> {};
template <>
struct question_of<unstaged_request> : answered_by<stage_atom, shard::UnstagedPage> {};
template <>
struct question_of<resolve_request> : answered_by<resolve_atom, Seq> {};
template <>
struct question_of<purgeable_request> : answered_by<purge_atom, std::uint64_t> {};

}  // namespace mosaic::actors
