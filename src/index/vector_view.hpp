// What searches read: the vectors of one shard as of one seq. Immutable and cheap to copy; safe on
// any thread, without a lock, while the set it came from grows on and after that set is gone.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/deadline.hpp"
#include "base/row_set.hpp"
#include "index/graph/graph.hpp"
#include "index/measure.hpp"
#include "index/nearest_heap.hpp"
#include "index/vector_chunk.hpp"
#include "mosaic/search.hpp"

namespace mosaic::index {

struct Neighbor {
  Row row;
  std::string id;
  double distance;
  double key = 0;  ///< that they are ordered by: the distance before a root is taken or such
};

struct NearestRequest {
  std::span<const float> query;
  std::size_t k = 10;
  const RowSet* filter = nullptr;  ///< null: all rows
  std::size_t ef = kEfDefault;     ///< beam of a walk; at least k is taken
  bool exact = false;              ///< scan the float32 vectors
  Deadline deadline;               ///< looked at now and then
};

struct Nearest {
  std::vector<Neighbor> neighbors;  ///< by (key, id), and so by distance
  VectorPlan plan;
};

class VectorView {
 public:
  /// The k nearest live rows, min(k, matches) of them; exactly those without a graph or when asked
  /// to be exact. dimension_mismatch for a query of another length; deadline_exceeded;
  /// corrupt_data when the graph's file is damaged: the caller then has to look in the shard file.
  Result<Nearest> nearest(const NearestRequest& request) const;

  /// Every vector that a graph made now has to hold, by rising row: those of the present graph,
  /// live or not, if `with_ended`, else what is live. Valid as long as a copy of this view.
  /// corrupt_data when the present graph's file is damaged.
  Result<std::vector<SourceVector>> sources(bool with_ended) const;

  const std::shared_ptr<Graph>& graph() const { return graph_; }  ///< null: none
  /// Rows that are not in the graph, ended ones too.
  std::size_t tail() const { return chunks_.size(); }

  /// Nothing when the row has no vector or is not live, or the query has another length.
  /// corrupt_data when the graph's file is damaged.
  Result<std::optional<double>> distance(Row row, std::span<const float> query) const;

  std::uint32_t dimension() const { return dimension_; }
  std::size_t live() const { return live_; }
  Seq seq() const { return seq_; }

 private:
  friend class VectorSet;
  VectorView(std::shared_ptr<Graph> graph, ChunkList chunks, Metric metric, std::uint32_t dimension,
             Seq seq, std::size_t live)
      : graph_(std::move(graph)),
        chunks_(std::move(chunks)),
        metric_(metric),
        dimension_(dimension),
        seq_(seq),
        live_(live) {}

  std::optional<SlotRef> find_live(Row row) const;
  std::optional<Node> find_live_node(Row row) const;
  /// Returns how many vectors the query was compared with.
  std::size_t scan(const ChunkPart& part, const Measure& measure, const RowSet* filter,
                   NearestHeap& nearest) const;

  std::shared_ptr<Graph> graph_;
  ChunkList chunks_;
  Metric metric_;
  std::uint32_t dimension_;
  Seq seq_;
  std::size_t live_;
};

}  // namespace mosaic::index
