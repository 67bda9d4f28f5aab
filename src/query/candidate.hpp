// A document that may become a hit, as a shard offers it.
#pragma once

#include <optional>
#include <string>

#include "base/row_set.hpp"
#include "mosaic/search.hpp"

namespace mosaic::query {

struct Candidate {
  ShardId shard;
  Row row = 0;
  std::string id;
  double score = 0;  ///< what it is ranked by; larger is better
  std::optional<double> distance;
  std::optional<double> vector_score;
  std::optional<double> text_score;
  std::optional<double> pagerank;  ///< where it was asked for and is known
  ScoreParts parts;                ///< of `score`, once ranked
  friend bool operator==(const Candidate&, const Candidate&) = default;
};

}  // namespace mosaic::query
