// What filters cost a search through a graph: random ones, those that match what is near the query
// and those that match what is far from it.
#pragma once

#include <string>
#include <vector>

#include "index/vector_view.hpp"
#include "vector_data.hpp"

namespace mosaic::bench {

struct FilterCost {
  std::string kind;
  double share = 0;   ///< of the rows that match
  double recall = 0;  ///< against the exact answer under the filter
  double us = 0;      ///< CPU time per query, the median of the rounds; so are the next two
  double unfiltered_us = 0;
  double exact_us = 0;  ///< of comparing every match
  std::string way;      ///< that most of the queries went
};

/// `view` holds `data`, row by row from 1. The first `queries` queries have filters of their own.
std::vector<FilterCost> measure_filters(const VectorData& data, const index::VectorView& view,
                                        std::size_t ef, std::size_t queries, int rounds);

}  // namespace mosaic::bench
