// Messages about shards on other nodes: how far they are, and what is asked of them. Many go
// together in one message between two nodes.
#pragma once

#include <variant>

#include "actors/messages.hpp"

namespace mosaic {

/// An alternative crosses as its number and itself; a number that there is none of, as the first.
template <class Archive, class... Alternatives>
void archive(Archive& a, std::variant<Alternatives...>& value) {
  auto index = static_cast<std::uint8_t>(value.index());
  a(index);
  std::uint8_t number = 0;
  const auto choose = [&]<class Alternative>(Alternative*) {
    if (number++ == index && index != value.index()) value.template emplace<Alternative>();
  };
  (choose(static_cast<Alternatives*>(nullptr)), ...);
  std::visit([&](auto& chosen) { a(chosen); }, value);
}

}  // namespace mosaic

namespace mosaic::actors {

/// How a shard fares on some node.
struct shard_news {
  shard_key key;
  bool level = false;  ///< it answers, and lacks nothing
  Seq seq = 0;         ///< up to which it has applied
  std::vector<shard::Deleted> deleted = {};
  bool gap = false;  ///< nobody tells what else it has deleted up to `seq`
};
template <class Archive>
void archive(Archive& a, shard_news& x) {
  a(x.key, x.level, x.seq, x.deleted, x.gap);
}

/// What a node says of its shards; `all`: it has no others.
struct replica_news {
  std::uint64_t node = 0;
  bool all = false;
  std::vector<shard_news> shards;
};
template <class Archive>
void archive(Archive& a, replica_news& x) {
  a(x.node, x.all, x.shards);
}

/// What can be asked of a searcher.
using far_question_body =
    std::variant<info_request, text_stats_request, shard_search_request, fetch_request,
                 shard_get_request, shard_list_request, matches_request, graph_request,
                 count_request, sample_request, misplaced_request, unstaged_request,
                 resolve_request, purgeable_request>;
struct far_question {
  std::uint64_t number = 0;  ///< by which the answer is known
  shard_key key;
  far_question_body body;
};
template <class Archive>
void archive(Archive& a, far_question& x) {
  a(x.number, x.key, x.body);
}
/// A search asks many shards for the same vector: it crosses once.
struct far_questions {
  std::vector<far_question> questions;
  std::vector<Vector> vectors;
  std::vector<std::uint32_t> vector_of;  ///< of each question: its number, from 1 on; 0: none
};
template <class Archive>
void archive(Archive& a, far_questions& x) {
  a(x.questions, x.vectors, x.vector_of);
}
far_questions pack(std::vector<far_question> questions);
/// Nothing when it names a vector that is not there.
std::optional<std::vector<far_question>> unpack(far_questions packed);

using far_answer_body = std::variant<Error, ShardInfo, storage::TextStats, shard::ShardCandidates,
                                     shard::FoundDocuments, shard::Page, matches_reply,
                                     shard::GraphPage, shard::DocumentCount, shard::SamplePage,
                                     shard::MovePage, shard::UnstagedPage, std::uint64_t>;
struct far_answer {
  std::uint64_t number = 0;
  far_answer_body body;
};
template <class Archive>
void archive(Archive& a, far_answer& x) {
  a(x.number, x.body);
}
struct far_answers {
  std::vector<far_answer> answers;
};
template <class Archive>
void archive(Archive& a, far_answers& x) {
  a(x.answers);
}

/// A collection whose shards live on some nodes, for whoever decides on which.
struct collection_places {
  CollectionId collection;
  std::string name;
  std::uint32_t wanted = 1;  ///< replicas of each shard
  ReplicasPtr replicas = std::make_shared<const Replicas>();
};
template <class Archive>
void archive(Archive& a, collection_places& x) {
  a(x.collection, x.name, x.wanted);
  archive_shared(a, x.replicas);
}

}  // namespace mosaic::actors
