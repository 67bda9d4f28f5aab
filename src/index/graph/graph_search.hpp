// One search in one graph: walks it or scans it, then measures the best again with their float32
// vectors. Owned by the search; one thread.
#pragma once

#include <span>
#include <string>

#include "base/deadline.hpp"
#include "index/graph/graph.hpp"
#include "index/graph/walk_plan.hpp"
#include "index/measure.hpp"
#include "index/nearest_heap.hpp"
#include "mosaic/search.hpp"

namespace mosaic::index {

struct GraphQuery {
  std::span<const float> vector;
  std::size_t k = 10;
  std::size_t ef = kEfDefault;
  const RowSet* filter = nullptr;  ///< null: every row
  Seq seq = 0;                     ///< rows that are live at it
  bool exact = false;              ///< scan the float32 vectors
  Deadline deadline;
};

class GraphSearch {
 public:
  GraphSearch(const Graph& graph, const GraphQuery& query, const Measure& measure)
      : graph_(graph), query_(query), measure_(measure) {}

  /// Offers the nearest to `nearest`. Tells the way in `plan`. deadline_exceeded; corrupt_data when
  /// the file is damaged.
  Status run(NearestHeap& nearest, VectorPlan& plan);

 private:
  Status scan_vectors(NearestHeap& nearest, VectorPlan& plan) const;
  Status walk_or_scan(NearestHeap& nearest, VectorPlan& plan) const;
  Status scan_codes(const Graph::Walkable& walkable, const std::byte* query, NearestHeap& nearest,
                    VectorPlan& plan) const;
  /// Returns how many were found.
  Result<std::size_t> scan_nodes(const Graph::Walkable& walkable, WalkTask task,
                                 std::span<const Node> nodes, VectorPlan& plan) const;
  /// Rising; in memory of this thread.
  std::span<const Node> live_matches() const;
  /// Leaves what is live and passes the filter.
  std::span<const Reached> wanted(std::span<Reached> found) const;
  Status rerank(std::span<const Reached> found, NearestHeap& nearest, VectorPlan& plan) const;
  bool offer(Node node, NearestHeap& nearest) const;

  const Graph& graph_;
  const GraphQuery& query_;
  const Measure& measure_;
  std::size_t matches_ = 0;
};

}  // namespace mosaic::index
