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
  std::optional<double> distance(Row row) const;

  const ShardId shard_;
  const Metric metric_;
  Session& session_;
  const ShardQuery& query_;
  const RowSet* allowed_;
};

}  // namespace mosaic::shard
