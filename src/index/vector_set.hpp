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
  /// What is in `graph`; rows after its last_row and ends after its seq are still to be told.
  VectorSet(Metric metric, std::uint32_t dimension, std::shared_ptr<Graph> graph);

  /// Throws Failure when `row` is not above every row before it or the vector has another
  /// dimension.
  void append(Row row, std::string_view id, std::span<const float> vector);

  /// From entry `seq_ended` on the row is no longer live. A row that is unknown (a document without
  /// a vector) or has ended already is left as it is.
  void end(Row row, Seq seq_ended);

  /// The rows appended until now that are live at `seq`.
  VectorView view(Seq seq) const;

  /// Takes `graph`, made from a view of this set, in the place of the present one and of the rows
  /// that it covers. Views of before stay good.
  void adopt(std::shared_ptr<Graph> graph);
  /// The same without a graph: as before the first one. Throws corrupt_data when the present
  /// graph's file is damaged.
  void drop_graph();

  const std::shared_ptr<Graph>& graph() const { return graph_; }  ///< null: none
  /// Rows in memory or in the graph, ended ones too.
  std::size_t size() const;
  std::size_t tail() const { return chunks_.size(); }  ///< rows that are not in the graph
  std::size_t live() const { return live_; }           ///< rows without an end
  std::size_t bytes() const;                           ///< of memory in use, about

  /// Rows of the tail that have ended and are still in memory.
  std::size_t tail_ended() const;

  /// Lets go of the rows of the tail that ended at or before `floor`. Views of before stay good.
  void compact(Seq floor);

 private:
  bool end_in_tail(Row row, Seq seq_ended);
  std::size_t count_live(Seq seq) const;
  template <class Visit>
  void for_each_known(Visit&& visit) const;
  /// Of the tail.
  template <class Keep>
  void keep_in_tail(Keep&& keep);

  Metric metric_;
  std::uint32_t dimension_;
  std::shared_ptr<Graph> graph_;
  ChunkList chunks_;
  Row last_row_;
  Seq last_ended_ = 0;
  std::size_t live_ = 0;
  std::size_t id_bytes_ = 0;
};

}  // namespace mosaic::index
