// The arms of a search in one shard: its best candidates by vector and by text.
#pragma once

#include <string>
#include <vector>

#include "shard/session.hpp"
#include "shard/shard_searcher.hpp"

namespace mosaic::shard {

/// The words of `text` that a search looks for, in the order of their statistics.
std::vector<std::string> terms_of(storage::ShardReader& reader, const std::string& text);

class Arms {
 public:
  /// Limited to the rows of `allowed` unless that is null.
  Arms(ShardId shard, Metric metric, Session& session, const ShardQuery& query,
       const RowSet* allowed)
      : shard_(shard), metric_(metric), session_(session), query_(query), allowed_(allowed) {}

  std::vector<query::Candidate> by_vector();
  std::vector<query::Candidate> by_text();

 private:
  /// One candidate more than wanted where one may have to go.
  std::size_t depth() const { return query_.depth + (query_.not_id.empty() ? 0 : 1); }
  query::Candidate candidate_of(Row row, std::string id, double score) const;
  /// Distance and vector score of a candidate that was not found by its vector.
  void measure(query::Candidate& candidate) const;
  /// Without the document that is no candidate, and with PageRank.
  std::vector<query::Candidate> finished(std::vector<query::Candidate> arm);

  const ShardId shard_;
  const Metric metric_;
  Session& session_;
  const ShardQuery& query_;
  const RowSet* allowed_;
};

}  // namespace mosaic::shard
