// One state of a shard, as of one seq: what a search reads from start to end. Immutable; shared by
// any number of threads. Its text and metadata are read through connections pinned to the same
// state, lent by the shelf.
#pragma once

#include <memory>
#include <vector>

#include "index/vector_view.hpp"
#include "storage/shard_reader.hpp"
#include "storage/shard_writer.hpp"

namespace mosaic::shard {

struct ShardView {
  ShardView(Seq at, index::VectorView in_memory, storage::ShardCounts counted,
            std::vector<std::string> paths, storage::VectorSpace is_in = {}, Seq oldest = 0)
      : seq(at),
        vectors(std::move(in_memory)),
        counts(counted),
        indexed(std::move(paths)),
        space(is_in),
        history_from(oldest) {}

  const Seq seq;
  const index::VectorView vectors;
  const storage::ShardCounts counts;
  const std::vector<std::string> indexed;  ///< metadata paths with an index in this state
  const storage::VectorSpace space;
  const Seq history_from;  ///< HistoryMarks::from

 private:
  friend class ViewShelf;
  std::vector<std::unique_ptr<storage::ShardReader>> pinned_;  // guarded by the shelf
  bool retired_ = false;                                       // guarded by the shelf
};

}  // namespace mosaic::shard
