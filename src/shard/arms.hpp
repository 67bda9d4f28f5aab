// The arms of a search in one shard: its best candidates by vector and by text.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "shard/session.hpp"
#include "shard/shard_searcher.hpp"

namespace mosaic::shard {

/// The words of `text` that a search looks for, in the order of their statistics.
std::vector<std::string> terms_of(storage::ShardReader& reader, const std::string& text);

class Arms {
 public:
  /// Limited to the rows of `allowed` unless that is null; of the past there always are some.
  Arms(ShardId shard, Metric metric, Session& session, const ShardQuery& query,
       const RowSet* allowed)
      : shard_(shard), metric_(metric), session_(session), query_(query), allowed_(allowed) {}

  struct VectorArm {
    std::vector<query::Candidate> candidates;
    VectorPlan plan;
  };
  struct TextArm {
    std::vector<query::Candidate> candidates;
    double full_score = 0;  ///< as storage::full_score()
  };

  /// Where the graph of the view turns out to be damaged, both look into the shard's file instead:
  /// the answer is exact, and damage() tells what was met.
  VectorArm by_vector();
  TextArm by_text();
  const std::optional<Error>& damage() const { return damage_; }

 private:
  /// One candidate more than wanted where one may have to go.
  std::size_t depth() const { return query_.depth + (query_.not_id.empty() ? 0 : 1); }
  query::Candidate candidate_of(Row row, std::string id, double score) const;
  index::Nearest nearest();
  /// The same from the shard's file.
  index::Nearest nearest_stored();
  void add_ended(index::Nearest& found);
  /// Distance and vector score of a candidate that was not found by its vector.
  void measure(query::Candidate& candidate);
  std::optional<double> distance_of(const query::Candidate& candidate);
  /// Without the document that is no candidate, and with PageRank.
  std::vector<query::Candidate> finished(std::vector<query::Candidate> arm);

  const ShardId shard_;
  const Metric metric_;
  Session& session_;
  const ShardQuery& query_;
  const RowSet* allowed_;
  std::optional<Error> damage_;
};

}  // namespace mosaic::shard
