// The best documents of a text search while they stream by in no order. Ids, which only break ties,
// are read from the file when a tie needs them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/row_set.hpp"

namespace mosaic::shard {

struct RankedRow {
  Row row = 0;
  double score = 0;
  mutable std::string id;  ///< empty until a tie needs it
};

class TextRanking {
 public:
  TextRanking(std::size_t k, std::function<std::string(Row)> id_of)
      : k_(k), id_of_(std::move(id_of)) {}

  void offer(Row row, double score);
  /// By falling score, ties by id, ids filled in.
  std::vector<RankedRow> take();

 private:
  bool better(const RankedRow& a, const RankedRow& b) const;

  const std::size_t k_;
  const std::function<std::string(Row)> id_of_;
  std::vector<RankedRow> heap_;  ///< the worst in front
};

}  // namespace mosaic::shard
