// The vectors of one shard in memory. Owned by the shard's writer, whose thread alone calls it;
// readers get a VectorView, handed over through anything that synchronises (a mutex, a message).
// Rows are only ever added and ended; what a view shows never changes.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "index/vector_view.hpp"

namespace mosaic::index {

class VectorSet {
 public:
  VectorSet(Metric metric, std::uint32_t dimension);

  /// Throws Failure when `row` is not above every row before it or the vector has another
  /// dimension.
  void append(Row row, std::string_view id, std::span<const float> vector);

  /// From entry `seq_ended` on the row is no longer live. A row that is unknown (a document without
  /// a vector) or has ended already is left as it is.
  void end(Row row, Seq seq_ended);

  /// The rows appended until now that are live at `seq`.
  VectorView view(Seq seq) const;

  std::size_t size() const { return chunks_.size(); }  ///< rows, ended ones too
  std::size_t live() const { return live_; }           ///< rows without an end
  std::size_t bytes() const;                           ///< of memory in use, about

  /// The same set without the rows that ended at or before `floor`. Views of this one stay good.
  std::unique_ptr<VectorSet> compacted(Seq floor) const;

 private:
  Metric metric_;
  std::uint32_t dimension_;
  ChunkList chunks_;
  Row last_row_;
  Seq last_ended_ = 0;
  std::size_t live_ = 0;
  std::size_t id_bytes_ = 0;
};

}  // namespace mosaic::index
