// Collects what the shards of a collection answer to one search, around the ranking of it. Pure:
// the coordinator feeds it replies and failures in any order, hands its arms to the ranker and
// brings the ranking back. Hits whose shard fails before their documents are fetched are left out
// and the answer says so.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "shard/shard_searcher.hpp"

namespace mosaic::shard {

/// The candidates of all shards, one list for each shard, as query::rank() takes them.
struct SearchArms {
  std::vector<std::vector<query::Candidate>> vector_arms;
  std::vector<std::vector<query::Candidate>> text_arms;
  double full_text_score = 0;  ///< of the collection, as all shards were given its statistics
};

class SearchMerge {
 public:
  /// One count for each shard of the collection: its live documents, as last heard.
  SearchMerge(SearchRequest request, std::vector<std::optional<std::uint64_t>> known_documents);

  void add(ShardId shard, ShardCandidates candidates);
  /// The shard does not answer any more. Whatever it gave is dropped, from the ranking, too; the
  /// first error of a shard stands.
  void missing(ShardId shard, const std::string& node, const Error& error);
  bool is_missing(ShardId shard) const { return failed_.contains(shard); }

  /// What the ranker shall rank. Call it once, after the last add().
  SearchArms take_arms();
  /// The k nearest by vector of the shards that answer, nearest first, kept by take_arms() for an
  /// audit that was asked for.
  std::vector<query::Candidate> nearest() const;
  /// How the shards that answer looked for them.
  std::vector<Explain::ShardPlan> plans() const;

  /// A ranking came back; it replaces the one before.
  void ranked(std::vector<query::Candidate> candidates) { ranked_ = std::move(candidates); }
  /// The ranking as it stands, without candidates of shards that went missing since.
  const std::vector<query::Candidate>& candidates() const { return ranked_; }

  /// The rows of the ranking that are still to be fetched from each shard: those whose documents
  /// have not come with the candidates.
  std::map<ShardId, std::vector<Row>> rows() const;
  /// Documents of `shard` in the order of its rows(); to be called before the next ranked().
  void add_documents(ShardId shard, std::vector<StoredDocument> documents);
  /// The fetched vectors of candidates(), in their order; empty where there is none.
  std::vector<Vector> vectors() const;

  /// The answer without times; `explain`, if asked for, without stages. Call it once.
  SearchReply finish();

 private:
  Hit hit_of(const query::Candidate& candidate, StoredDocument stored) const;
  double missing_share() const;

  const SearchRequest request_;
  std::vector<std::optional<std::uint64_t>> known_documents_;
  SearchReply reply_;
  std::map<ShardId, ShardFailure> failed_;
  std::map<ShardId, ShardCandidates> found_;
  std::map<ShardId, std::vector<query::Candidate>> nearest_;
  std::map<ShardId, VectorPlan> plans_;
  std::vector<query::Candidate> ranked_;
  std::map<std::pair<ShardId, Row>, StoredDocument> documents_;
};

}  // namespace mosaic::shard
