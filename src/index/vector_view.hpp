// What searches read: the vectors of one shard as of one seq. Immutable and cheap to copy; safe on
// any thread, without a lock, while the set it came from grows on and after that set is gone.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/deadline.hpp"
#include "base/row_set.hpp"
#include "index/measure.hpp"
#include "index/nearest_heap.hpp"
#include "index/vector_chunk.hpp"
#include "mosaic/result.hpp"

namespace mosaic::index {

struct Neighbor {
  Row row;
  std::string id;
  double distance;
};

class VectorView {
 public:
  /// The k nearest live rows by (distance, id), of `filter` alone where that is not null: min(k,
  /// matches) of them. dimension_mismatch for a query of another length; deadline_exceeded when the
  /// deadline passes, looked at once per chunk.
  Result<std::vector<Neighbor>> nearest(std::span<const float> query, std::size_t k,
                                        const RowSet* filter, Deadline deadline) const;

  /// Nothing when the row has no vector or is not live, or the query has another length.
  std::optional<double> distance(Row row, std::span<const float> query) const;

  /// Nothing when the row has no vector or is not live. Valid as long as a copy of this view.
  std::optional<std::span<const float>> vector(Row row) const;

  std::size_t live() const { return live_; }
  Seq seq() const { return seq_; }

 private:
  friend class VectorSet;
  VectorView(ChunkList chunks, Metric metric, std::uint32_t dimension, Seq seq, std::size_t live)
      : chunks_(std::move(chunks)),
        metric_(metric),
        dimension_(dimension),
        seq_(seq),
        live_(live) {}

  std::optional<SlotRef> find_live(Row row) const;
  void scan(const ChunkPart& part, const Measure& measure, const RowSet* filter,
            NearestHeap& nearest) const;

  ChunkList chunks_;
  Metric metric_;
  std::uint32_t dimension_;
  Seq seq_;
  std::size_t live_;
};

}  // namespace mosaic::index
