// What tests ask a view of vectors, in few words.
#pragma once

#include "index/vector_view.hpp"

namespace mosaic::index::test {

inline Result<std::vector<Neighbor>> neighbors(const VectorView& view, std::span<const float> query,
                                               std::size_t k, const RowSet* filter = nullptr,
                                               Deadline deadline = {}) {
  NearestRequest request;
  request.query = query;
  request.k = k;
  request.filter = filter;
  request.deadline = deadline;
  auto found = view.nearest(request);
  if (!found) return found.error();
  return std::move(found->neighbors);
}

inline bool holds(const VectorView& view, Row row, std::span<const float> query) {
  return view.distance(row, query)->has_value();
}

}  // namespace mosaic::index::test
